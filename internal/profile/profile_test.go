package profile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStart(t *testing.T) {
	t.Setenv(Variable, "")
	stop, err := Start()
	if err != nil || stop() != nil {
		t.Fatal("without a folder", err)
	}
	folder := filepath.Join(t.TempDir(), "new", "folder")
	t.Setenv(Variable, folder)
	if stop, err = Start(); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"cpu", "heap"} {
		found, _ := filepath.Glob(filepath.Join(folder, kind+"-*.pprof"))
		if len(found) != 1 {
			t.Fatalf("%s: %v", kind, found)
		}
		if info, err := os.Stat(found[0]); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", kind, info, err)
		}
	}
	taken, _ := filepath.Glob(filepath.Join(folder, "*"))
	t.Setenv(Variable, filepath.Join(taken[0], "below a file"))
	if _, err := Start(); err == nil {
		t.Error("a folder that cannot be made")
	}
}
