package fleet

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOldImagesGo plants images of earlier recipes: those that nobody uses are removed, and no others.
func TestOldImagesGo(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"bookworm-new", "bookworm-old", "bookworm-used", "trixie-old"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		held, err := lock(filepath.Join(folder, name+".lock"), unix.LOCK_SH)
		if err != nil {
			t.Fatal(err)
		}
		if name == "bookworm-used" {
			t.Cleanup(func() { held.Close() })
		} else if err := held.Close(); err != nil {
			t.Fatal(err)
		}
	}
	removeOldImages(Bookworm, filepath.Join(folder, "bookworm-new"))
	for name, want := range map[string]bool{
		"bookworm-new": true, "bookworm-old": false, "bookworm-old.lock": false, "bookworm-used": true, "trixie-old": true,
	} {
		if got := exists(filepath.Join(folder, name)); got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
}

// TestKeysAreMadeOnce makes one key several times at once; all get the one that was first.
func TestKeysAreMadeOnce(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	keys := make(chan string)
	for range 8 {
		go func() {
			key, err := loadKey("host1", "ed25519")
			if err != nil {
				t.Error(err)
			}
			keys <- string(key.private)
		}()
	}
	first := <-keys
	for range 7 {
		if other := <-keys; other != first {
			t.Error("two keys of one name")
		}
	}
	if _, err := loadKey("host1", "dsa"); err == nil {
		t.Error("a key of an unknown type was made")
	}
}
