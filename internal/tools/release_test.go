package tools

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// A platform that is promised is one of these systems on one of these processors, if Go builds for it.
var (
	systems    = []string{"linux", "darwin", "windows", "freebsd"}
	processors = []string{"amd64", "arm64", "arm", "386"}
)

// TestReleaseConfiguration holds what a release is made by against what the registries ask for. `make test-release`
// makes one; that takes too long for each time.
func TestReleaseConfiguration(t *testing.T) {
	var c struct {
		Builds []struct {
			Binary       string
			Env          []string
			Goos, Goarch []string
			Ignore       []struct{ Goos, Goarch string }
		}
		Archives []struct {
			Formats      []string
			NameTemplate string `yaml:"name_template"`
		}
		Sboms    []struct{ Artifacts string }
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
			Algorithm    string
			ExtraFiles   []extraFile `yaml:"extra_files"`
		}
		Signs []struct {
			Artifacts string
			Args      []string
		}
		Release struct {
			ExtraFiles []extraFile `yaml:"extra_files"`
		}
	}
	if err := yaml.Unmarshal([]byte(text(t, "../../.goreleaser.yml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Archives) != 1 || len(c.Signs) != 1 || len(c.Sboms) != 1 {
		t.Fatalf("not one build, archive, signature and bill of materials each: %+v", c)
	}
	var made []string
	for _, system := range c.Builds[0].Goos {
		for _, processor := range c.Builds[0].Goarch {
			if !slices.Contains(c.Builds[0].Ignore, struct{ Goos, Goarch string }{system, processor}) {
				made = append(made, system+"/"+processor)
			}
		}
	}
	if d := cmp.Diff(promised(t), made); d != "" {
		t.Errorf("platforms (-promised +made):\n%s", d)
	}
	tested := text(t, "test-release")
	for _, p := range made {
		if !strings.Contains(tested, strings.ReplaceAll(p, "/", "_")) {
			t.Errorf("test-release does not look for %s", p)
		}
	}
	manifest := []extraFile{{"terraform-registry-manifest.json", "{{ .ProjectName }}_{{ .Version }}_manifest.json"}}
	for what, got := range map[string]any{
		"{{ .ProjectName }}_v{{ .Version }}":                      c.Builds[0].Binary,
		"{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}": c.Archives[0].NameTemplate,
		"zip": strings.Join(c.Archives[0].Formats, " "),
		"{{ .ProjectName }}_{{ .Version }}_SHA256SUMS": c.Checksum.NameTemplate,
		"sha256":   c.Checksum.Algorithm,
		"checksum": c.Signs[0].Artifacts, // alone is signed, in binary
		"archive":  c.Sboms[0].Artifacts,
	} {
		if what != got {
			t.Errorf("%q is not %q", got, what)
		}
	}
	if !slices.Contains(c.Signs[0].Args, "--detach-sign") || slices.Contains(c.Signs[0].Args, "--armor") {
		t.Errorf("the registry takes a detached binary signature, not %q", c.Signs[0].Args)
	}
	for _, files := range [][]extraFile{c.Checksum.ExtraFiles, c.Release.ExtraFiles} {
		if d := cmp.Diff(manifest, files); d != "" {
			t.Errorf("the manifest (-wanted +there):\n%s", d)
		}
	}
	var protocol struct {
		Version  int
		Metadata struct {
			Versions []string `json:"protocol_versions"`
		}
	}
	if err := json.Unmarshal([]byte(text(t, "../../terraform-registry-manifest.json")), &protocol); err != nil {
		t.Fatal(err)
	}
	if protocol.Version != 1 || !slices.Equal(protocol.Metadata.Versions, []string{"6.0"}) {
		t.Errorf("the manifest says %+v; main.go serves protocol 6", protocol)
	}
}

type extraFile struct {
	Glob         string
	NameTemplate string `yaml:"name_template"`
}

// promised are the platforms that Go builds for.
func promised(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "tool", "dist", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(out))
	var all []string
	for _, system := range systems {
		for _, processor := range processors {
			if p := system + "/" + processor; slices.Contains(known, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path) //nolint:gosec // of this tree
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
