package iptables

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A dump is what iptables-save 1.8.9 printed on some host, without comments and counters.
type dump struct {
	name    string
	family  Family
	dialect Dialect
	text    string
}

// dumps are those of the corpus, or else the few that we recorded ourselves.
func dumps(tb testing.TB) []dump {
	tb.Helper()
	index, err := os.ReadFile(filepath.Join(recorded, "dumps", "index.jsonl"))
	if err != nil {
		tb.Logf("no corpus here, only our own recordings are read: %v", err)
		return ownDumps(tb)
	}
	var found []dump
	for line := range strings.Lines(string(index)) {
		var row struct{ ID, Family string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			tb.Fatal(err)
		}
		f := IPv4
		if row.Family == "ipv6" {
			f = IPv6
		}
		for _, backend := range []string{"nft", "legacy"} {
			path := filepath.Join(recorded, "dumps", "expected_"+backend, row.ID)
			if _, err := os.Stat(path); err == nil { // some loaded on no backend
				found = append(found, readDump(tb, path, f, backend))
			}
		}
	}
	return found
}

func ownDumps(tb testing.TB) []dump {
	tb.Helper()
	paths, err := filepath.Glob("testdata/dumps/*/*")
	if err != nil {
		tb.Fatal(err)
	}
	var found []dump
	for _, path := range paths {
		f := IPv4
		if strings.HasSuffix(path, ".v6") {
			f = IPv6
		}
		found = append(found, readDump(tb, path, f, filepath.Base(filepath.Dir(path))))
	}
	return found
}

func readDump(tb testing.TB, path string, f Family, backend string) dump {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	d := Dialect{Version: Version{1, 8, 9}, Backend: map[string]Backend{"nft": NFT, "legacy": Legacy}[backend]}
	return dump{backend + "/" + filepath.Base(path), f, d, string(text)}
}

// TestDumps: every dump is printed to the byte as it was read, differs from itself in nothing,
// and is made of nothing by its payload.
func TestDumps(t *testing.T) {
	all := dumps(t)
	if len(all) == 0 {
		t.Fatal("no dumps")
	}
	lines, opaque := 0, 0
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			rs, err := ParseSave(d.family, d.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := rs.Save(d.family, d.dialect); got != d.text {
				t.Fatalf("printed differently:\n%s", firstLineDiffering(d.text, got))
			}
			again := parseSaved(t, d.family, rs.Save(d.family, d.dialect))
			if change := Diff(rs, again); !change.Empty() {
				t.Errorf("it differs from itself:\n%s", change.Payload(d.family, d.dialect))
			}
			change := Diff(Ruleset{}, rs)
			host := newSimHost()
			err = host.restore(change.Payload(d.family, Reference))
			if len(change.Unwritable(Reference)) > 0 {
				if err == nil {
					t.Error("a rule that no payload can carry is accepted")
				}
				return
			}
			if err != nil {
				t.Fatalf("the payload that makes it: %v", err)
			}
			if diff := hostsDiffer(host, simOf(rs, d.family)); diff != "" {
				t.Errorf("the payload makes something else (-): %s", diff)
			}
			if err := host.restore(change.Undo().Payload(d.family, Reference)); err != nil {
				t.Fatalf("the undo: %v", err)
			}
			if diff := hostsDiffer(host, newSimHost()); diff != "" {
				t.Errorf("the undo leaves something (-): %s", diff)
			}
			lines += strings.Count(d.text, "\n")
			for _, id := range rs.Chains() {
				c, _ := rs.Chain(id)
				for _, r := range c.Rules {
					if r.Target.Opaque || slices.ContainsFunc(r.Matches, func(m Match) bool { return m.Opaque }) {
						opaque++
					}
				}
			}
		})
	}
	t.Logf("%d dumps, %d lines, %d rules with tokens that are not understood", len(all), lines, opaque)
}

func firstLineDiffering(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		switch {
		case i >= len(w):
			return fmt.Sprintf("line %d is too many: %q", i+1, g[i])
		case i >= len(g):
			return fmt.Sprintf("line %d is missing: %q", i+1, w[i])
		case w[i] != g[i]:
			return fmt.Sprintf("line %d is %q, not %q", i+1, g[i], w[i])
		}
	}
	return ""
}
