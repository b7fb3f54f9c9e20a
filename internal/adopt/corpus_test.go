package adopt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dumps are real firewalls: the recorded ones beside the repository, or where they are absent
// those of testdata.
func dumps(t *testing.T) []Dump {
	t.Helper()
	paths, _ := filepath.Glob("../../../shared/corpus/dumps/expected_*/*")
	if len(paths) == 0 {
		t.Log("no recorded dumps at ../shared/corpus: using those of testdata")
		paths, _ = filepath.Glob("testdata/dumps/*")
	}
	var all []Dump
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Dump{p, string(text)})
	}
	if len(all) == 0 {
		t.Fatal("no dumps at all")
	}
	return all
}

// Every real firewall is adopted: each of its lines is in one resource, or is other software's, or
// is listed with a reason, and what was written is proved.
func TestEveryDump(t *testing.T) {
	lines, others, rest, resources := 0, 0, 0, 0
	for _, d := range dumps(t) {
		hosts, err := Hosts([]Dump{d})
		if err != nil {
			t.Error(err)
			continue
		}
		f := Join([]Adoption{Adopt(hosts[0])})
		for _, problem := range Check(hosts, f, f.Files(Options{})) {
			t.Errorf("%s: %s", filepath.Base(d.Path), problem)
		}
		o, r := f.Left()
		if r > 0 && testing.Verbose() {
			t.Logf("%s\n%s", filepath.Base(d.Path), strings.TrimSpace(f.LeftOut()))
		}
		lines, others, rest, resources = lines+f.Lines(), others+o, rest+r, resources+len(f.Groups)
	}
	t.Logf("%d lines: %d of other software, %d left out; %d resources", lines, others, rest, resources)
	if resources == 0 || rest*100 > lines {
		t.Errorf("%d of %d lines are left out", rest, lines)
	}
}
