package firewall

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// A page is a file of testdata: what is there and what is expected, each part with its name.
type page []txtar.File

// part is the named one, empty where the page has none.
func (p page) part(name string) string {
	for _, f := range p {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// pages are all of a folder of testdata, by name.
func pages(t *testing.T, folder string) map[string]page {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages in %s: %v", folder, err)
	}
	all := map[string]page{}
	for _, path := range paths {
		all[filepath.Base(path)] = openPage(t, path)
	}
	return all
}

func openPage(t *testing.T, path string) page {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return archive.Files
}
