package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
)

// allowed are the licences that a module may have which becomes part of the program. All of them go together with our
// own, MPL-2.0, and ask for nothing but that their text is passed on. Unicode's is that of tables of characters.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unicode-DFS-2016"}

// Each module in the released program, on whatever system, comes under a licence that is allowed.
func TestLicences(t *testing.T) {
	modules := map[string]string{}
	for _, system := range []string{"linux", "windows"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Dir}}{{end}}", "../..")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if path, folder, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
				modules[path] = folder
			}
		}
	}
	if len(modules) < 10 {
		t.Fatalf("only %d modules: %v", len(modules), modules)
	}
	for path, folder := range modules {
		found := licencesOf(t, folder)
		if len(found) == 0 {
			t.Errorf("%s has no licence that is known", path)
		}
		for _, id := range found {
			if !slices.Contains(allowed, id) {
				t.Errorf("%s comes under %s", path, id)
			}
		}
	}
}

func licencesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		switch name := strings.ToUpper(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name()))); name {
		case "LICENSE", "LICENCE", "COPYING":
		default:
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		scan := licensecheck.Scan(text)
		if scan.Percent < 60 {
			t.Errorf("%s: only %.0f %% of it are a known licence", filepath.Join(folder, e.Name()), scan.Percent)
		}
		for _, m := range scan.Match {
			found = append(found, m.ID)
		}
	}
	return found
}
