package iptables

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestDiffPayload runs the pages of testdata/diff: what stands there, what is wanted, the payload
// between them and the one back. The simulated host agrees that they do what they say.
func TestDiffPayload(t *testing.T) {
	pages, err := filepath.Glob("testdata/diff/*.txtar")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in testdata/diff: %v", err)
	}
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(page)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range archive.Files {
				files[f.Name] = string(f.Data)
			}
			live, wanted := parseSaved(t, IPv4, files["live"]), parseSaved(t, IPv4, files["wanted"])
			change := Diff(live, wanted)
			if diff := cmp.Diff(files["payload"], change.Payload(IPv4, Reference)); diff != "" {
				t.Errorf("payload (-page +got):\n%s", diff)
			}
			if diff := cmp.Diff(files["undo"], change.Undo().Payload(IPv4, Reference)); diff != "" {
				t.Errorf("undo (-page +got):\n%s", diff)
			}
			host := simOf(live, IPv4)
			for _, step := range []struct {
				payload string
				then    Ruleset
			}{{files["payload"], wanted}, {files["undo"], live}} {
				if err := host.restore(step.payload); err != nil {
					t.Fatal(err)
				}
				if diff := hostsDiffer(host, simOf(step.then, IPv4)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestChangeOfBothFamilies(t *testing.T) {
	four := ChainID{IPv4, "filter", "INPUT"}
	six := ChainID{IPv6, "filter", "INPUT"}
	rule := func(f Family) []Rule { return []Rule{newRulesetMaker(t, f, 0).rule("filter", "-j DROP")} }
	live := Ruleset{}.WithChain(four, Chain{Policy: "ACCEPT", Rules: rule(IPv4)})
	wanted := Ruleset{}.WithChain(four, Chain{Policy: "DROP"}).WithChain(six, Chain{Policy: "ACCEPT", Rules: rule(IPv6)})
	change := Diff(live, wanted)
	if got := change.Families(); !slices.Equal(got, Families) {
		t.Errorf("Families: %v", got)
	}
	if got := change.Touched(); !slices.Equal(got, []ChainID{four, six}) {
		t.Errorf("Touched: %v", got)
	}
	var lines []string
	for _, l := range change.Added() {
		lines = append(lines, "+ "+l.String(Reference))
	}
	for _, l := range change.Removed() {
		lines = append(lines, "- "+l.String(Reference))
	}
	want := []string{
		"+ iptables -P INPUT DROP", "+ ip6tables -A INPUT -j DROP",
		"- iptables -P INPUT ACCEPT", "- iptables -A INPUT -j DROP",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if got, want := change.Payload(IPv6, Reference), "*filter\n-A INPUT -j DROP\nCOMMIT\n"; got != want {
		t.Errorf("IPv6 payload %q, want %q", got, want)
	}
}

func TestLinesOfChains(t *testing.T) {
	id := ChainID{IPv4, "nat", "web"}
	change := Diff(Ruleset{}, Ruleset{}.WithChain(id, Chain{}))
	if got := change.Added()[0].String(Reference); got != "iptables -t nat -N web" {
		t.Errorf("added %q", got)
	}
	if got := change.Undo().Removed()[0].String(Reference); got != "iptables -t nat -N web" {
		t.Errorf("removed %q", got)
	}
	if got := change.Payload(IPv4, Reference); got != "*nat\n:web - [0:0]\nCOMMIT\n" {
		t.Errorf("payload %q", got)
	}
}

// TestUnknownTable: a table that no kernel has is for the host to refuse, not to be passed over.
func TestUnknownTable(t *testing.T) {
	rs := Ruleset{}.WithChain(ChainID{IPv4, "fliter", "web"}, Chain{}).WithChain(ChainID{IPv4, "filter", "web"}, Chain{})
	want := "*filter\n:web - [0:0]\nCOMMIT\n*fliter\n:web - [0:0]\nCOMMIT\n"
	if got := Diff(Ruleset{}, rs).Payload(IPv4, Reference); got != want {
		t.Errorf("payload %q, want %q", got, want)
	}
	if got, want := rs.Save(IPv4, Reference), strings.ReplaceAll(want, " [0:0]", ""); got != want {
		t.Errorf("printed as %q, want %q", got, want)
	}
}

// TestUnwritable: a comment with a line break can be read from a host and removed from it, but no
// payload brings it back, least of all as the second line that it pretends to be.
func TestUnwritable(t *testing.T) {
	live := parseSaved(t, IPv4, "*filter\n:INPUT ACCEPT\n-A INPUT -m comment --comment \"a\n-A INPUT -j DROP\" -j ACCEPT\nCOMMIT\n")
	id := ChainID{IPv4, "filter", "INPUT"}
	c, _ := live.Chain(id)
	if len(c.Rules) != 1 || c.Rules[0].Comment() != "a\n-A INPUT -j DROP" {
		t.Fatalf("read as %+v", c.Rules)
	}
	change := Diff(live, live.WithChain(id, Chain{Policy: "ACCEPT"}))
	if got := change.Payload(IPv4, Reference); got != "*filter\n-D INPUT 1\nCOMMIT\n" {
		t.Errorf("payload %q", got)
	}
	if n := len(change.Unwritable(Reference)); n != 0 {
		t.Errorf("%d unwritable lines in a change that adds none", n)
	}
	undo := change.Undo()
	if n := len(undo.Unwritable(Reference)); n != 1 {
		t.Errorf("%d unwritable lines in the undo, want 1", n)
	}
	if got, want := undo.Payload(IPv4, Reference), "*filter\n-A INPUT "+unwritable+"\nCOMMIT\n"; got != want {
		t.Errorf("undo %q, want %q", got, want)
	}
}

// TestTextBudget: where finding lines by their text would cost iptables too much, they are deleted
// by number and no longer checked.
func TestTextBudget(t *testing.T) {
	g := newRulesetMaker(t, IPv4, 0)
	id := ChainID{IPv4, "filter", "INPUT"}
	var all, some []Rule
	for i := range 10_000 {
		r := g.rule("filter", fmt.Sprintf("-s 10.0.%d.%d/32 -j DROP", i/250, i%250))
		all = append(all, r)
		if i%10 != 0 {
			some = append(some, r)
		}
	}
	count := map[string]int{}
	for _, s := range Diff(Ruleset{}.WithChain(id, Chain{Policy: "ACCEPT", Rules: all}), Ruleset{}.WithChain(id, Chain{Policy: "ACCEPT", Rules: some})).Steps(IPv4, Reference) {
		switch {
		case s.Kind == StepCheck:
			count["check"]++
		case s.Kind == StepDelete && s.Number != 0:
			count["number"]++
		case s.Kind == StepDelete:
			count["text"]++
		}
	}
	// Checks of lines 2 to 10, 12 to 20 ... add up to 50,000 before line 720; so do deletions.
	want := map[string]int{"check": 141, "number": 900, "text": 100}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
