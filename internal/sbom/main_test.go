package main

import (
	"archive/zip"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// archive packs a program, which is this test itself, as a release does.
func archive(t *testing.T, program string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "terraform-provider-iptables_1.2.3_linux_amd64.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	for name, text := range map[string][]byte{"LICENSE": []byte("MPL"), program: content} {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBillOfAnArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sbom.json")
	if err := write(archive(t, "terraform-provider-iptables_v1.2.3"), path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Packages) < 2 || d.Packages[0].Version != "1.2.3" || d.Packages[1].Name != "stdlib" {
		t.Errorf("the packages are %+v", d.Packages)
	}
	if len(d.Relationships) != len(d.Packages) {
		t.Errorf("%d packages have %d relationships", len(d.Packages), len(d.Relationships))
	}
}

func TestArchiveWithoutProvider(t *testing.T) {
	if err := write(archive(t, "something-else"), filepath.Join(t.TempDir(), "sbom.json")); err == nil || !strings.Contains(err.Error(), "no provider") {
		t.Errorf("%v", err)
	}
}

func TestModules(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/p"}, Deps: []*debug.Module{
		{Path: "golang.org/x/crypto", Version: "v0.58.0", Sum: "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
		{Path: "old", Version: "v1.0.0", Replace: &debug.Module{Path: "new", Version: "v2.0.0"}},
	}}
	d := bill("p_1.2.3_linux_arm.zip", [32]byte{}, "2026-01-01T00:00:00Z", info)
	crypto := d.Packages[2]
	if crypto.References[0].Locator != "pkg:golang/golang.org/x/crypto@v0.58.0" ||
		crypto.Checksums[0].Value != "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" {
		t.Errorf("crypto is %+v", crypto)
	}
	if d.Packages[3].Name != "new" || d.Packages[3].Checksums != nil {
		t.Errorf("what is replaced is %+v", d.Packages[3])
	}
}
