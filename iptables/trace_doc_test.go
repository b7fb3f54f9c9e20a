package iptables

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTraceTable holds the documentation to what the code does: the tables in trace_doc.go are what
// is printed from the tables that Trace works with. -update writes them.
func TestTraceTable(t *testing.T) {
	var decided, undecided, targets strings.Builder
	for _, name := range slices.Sorted(maps.Keys(matches)) {
		to := &decided
		if matches[name].holds == nil {
			to = &undecided
		}
		fmt.Fprintf(to, "//\t%-11s %s\n", name, matches[name].about)
	}
	for _, name := range slices.Sorted(maps.Keys(effects)) {
		e := effects[name]
		about := e.about
		if e.ends&(e.ends-1) != 0 {
			about = "undecided: " + about
		}
		fmt.Fprintf(&targets, "//\t%-11s %s\n", name, about)
	}
	const file = "trace_doc.go"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(source), "// Matches, decided:\n")
	_, tail, ok2 := strings.Cut(rest, "\nfunc Decides(")
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the tables", file)
	}
	want := head + "// Matches, decided:\n//\n" + decided.String() +
		"//\n// Matches, undecided for any packet:\n//\n" + undecided.String() +
		"//\n// Targets (of which other than these, unless it is a chain, nothing is known):\n//\n" + strings.TrimSuffix(targets.String(), "\n") + "\nfunc Decides(" + tail
	if want == string(source) {
		return
	}
	if !*update {
		t.Fatalf("%s does not say what Trace does; go test -run %s -update writes it", file, t.Name())
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTraceKnowsEveryExtension: what the language reads, Trace has an opinion of.
func TestTraceKnowsEveryExtension(t *testing.T) {
	for _, f := range Families {
		r := registryOf(f)
		for name, e := range r.matches {
			if _, ok := matches[e.name]; !ok {
				t.Errorf("%s match %s is not in the table of Trace", f, name)
			}
		}
		for name, e := range r.targets {
			if _, ok := effects[e.name]; !ok {
				t.Errorf("%s target %s is not in the table of Trace", f, name)
			}
		}
	}
}

// TestUndecidedMatches: a match that the documentation calls undecided leaves a packet undecided about
// which all is known, and any other match does not say so.
func TestUndecidedMatches(t *testing.T) {
	for name := range matches {
		m := Match{Name: name}
		r := Rule{Family: IPv4, Matches: []Match{m}, Target: Target{Name: "DROP"}}
		rs := Ruleset{}.WithChain(ChainID{IPv4, "filter", "INPUT"}, Chain{Policy: "ACCEPT", Rules: []Rule{r}})
		what, decided := Decides(name)
		v := Trace(rs, ssh)
		if !decided && (v.Answer != Unknown || !strings.Contains(v.Because, what)) {
			t.Errorf("match %s: %v because %s", name, v.Answer, v.Because)
		}
	}
	if _, decided := Decides("geoip"); decided {
		t.Error("a match that nobody knows is decided")
	}
}
