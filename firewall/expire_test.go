package firewall

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A timer that cannot take a change back tries again for an hour: who gave up sooner left the host shut.
func TestTheTimerTriesAgain(t *testing.T) {
	t.Run("with nice", func(t *testing.T) { triesAgain(t, os.Getenv("PATH")) })
	tools := t.TempDir()
	for _, name := range []string{"sh", "sleep", "rm"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("without", func(t *testing.T) { triesAgain(t, tools) })
}

func triesAgain(t *testing.T, path string) {
	t.Helper()
	t.Setenv("PATH", path)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"expire.sh": expireScript,
		"armed":     "",
		// It fails once, and notes how many tries are left.
		"undo.sh": "echo \"$2 $4\" >>\"$1/tries\"\n[ -e \"$1/failed\" ] || { : >\"$1/failed\"; exit 1; }\nrm \"$1/armed\"\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(folder, "expire.sh"), folder, "0").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tries, err := os.ReadFile(filepath.Join(folder, "tries"))
	if want := "expired 379\nexpired 378\n"; err != nil || string(tries) != want {
		t.Errorf("%v, tries %q, want %q", err, tries, want)
	}
}
