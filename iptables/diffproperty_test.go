package iptables

import (
	"slices"
	"strings"
	"testing"
)

const propertyPairs = 3000

// TestDiffProperties: for any two rulesets the payload makes the one of the other, the undo makes it
// the first again, kept lines are the very same lines, and the host's listing settles.
func TestDiffProperties(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(propertyPairs) {
		g := newRulesetMaker(t, IPv4, seed)
		live, wanted := g.pair()
		change := Diff(live, wanted)
		payload := change.Payload(IPv4, Reference)
		host := simOf(live, IPv4)
		host.loose = seed%2 == 1
		if err := host.restore(payload); err != nil {
			t.Fatalf("seed %d: %v\n%s\nlive:\n%s", seed, err, payload, live.Save(IPv4, Reference))
		}
		if diff := hostsDiffer(host, simOf(wanted, IPv4)); diff != "" {
			t.Fatalf("seed %d: the payload\n%s\nmade something else (-) than wanted (+):\n%s", seed, payload, diff)
		}
		for _, e := range change.edits {
			if !e.gone && !e.refill {
				wantMarks(t, seed, e, host.tables[e.id.Table][e.id.Name].rules)
			}
		}
		if change.Empty() != live.Equal(wanted) || change.Empty() != (payload == "") {
			t.Fatalf("seed %d: Empty is %v, Equal is %v, payload %q", seed, change.Empty(), live.Equal(wanted), payload)
		}
		if diff := change.Verify(wanted); len(diff) != 0 {
			t.Fatalf("seed %d: wanted does not verify: %s", seed, diff[0].Describe(Reference))
		}
		if diff := change.Verify(live); len(diff) == 0 && !change.Empty() {
			t.Fatalf("seed %d: a host without the change verifies\n%s", seed, payload)
		}
		undo := change.Undo().Payload(IPv4, Reference)
		if err := host.restore(undo); err != nil {
			t.Fatalf("seed %d: undo: %v", seed, err)
		}
		if diff := hostsDiffer(host, simOf(live, IPv4)); diff != "" {
			t.Fatalf("seed %d: the undo\n%s\nmade something else (-) than there was (+):\n%s", seed, undo, diff)
		}
		for _, s := range change.Steps(IPv4, Reference) {
			counts[strings.Fields(s.Line())[0][:2]]++
			if s.Kind == StepDelete && s.Number != 0 {
				counts["-D by number"]++
			}
		}
	}
	t.Logf("%d pairs, steps: %v", propertyPairs, counts)
	for _, kind := range []string{"-A", "-I", "-D", "-D by number", "-F", "-X", "-P", "-C"} {
		if counts[kind] == 0 {
			t.Errorf("no payload has a step %s: the generator does not reach it", kind)
		}
	}
}

// wantMarks: lines outside of all hunks are still the lines that were loaded.
func wantMarks(t *testing.T, seed uint64, e chainEdit, rules []simRule) {
	t.Helper()
	shift, at := 0, 0
	check := func(to int) {
		for ; at < to; at++ {
			if mark := rules[at+shift].mark; mark != at+1 {
				t.Fatalf("seed %d: chain %s: line %d is the former line %d, not %d", seed, e.id.Name, at+shift+1, mark, at+1)
			}
		}
	}
	for _, h := range e.hunks {
		check(h.from)
		shift += (h.wantedTo - h.wantedFrom) - (h.to - h.from)
		at = h.to
	}
	check(len(e.live.Rules))
}

// TestDiffIsSmallest: no edit of a chain is smaller, counted by the textbook table of all common
// subsequences.
func TestDiffIsSmallest(t *testing.T) {
	for seed := range uint64(500) {
		g := newRulesetMaker(t, IPv4, seed)
		live, wanted := g.pair()
		for _, e := range Diff(live, wanted).edits {
			a, b := e.live.Rules, e.wanted.Rules
			if len(a)*len(b) > 2500 {
				continue
			}
			best := make([][]int, len(a)+1)
			for i := range best {
				best[i] = make([]int, len(b)+1)
			}
			for i := len(a) - 1; i >= 0; i-- {
				for j := len(b) - 1; j >= 0; j-- {
					best[i][j] = max(best[i+1][j], best[i][j+1])
					if a[i].Key() == b[j].Key() {
						best[i][j] = max(best[i][j], best[i+1][j+1]+1)
					}
				}
			}
			if e.kept() != best[0][0] {
				t.Errorf("seed %d: chain %s keeps %d lines, could keep %d", seed, e.id.Name, e.kept(), best[0][0])
			}
		}
	}
}

// TestTolerantUndo: other software adds lines after the commit; the undo, looked up by text,
// takes back all that the change did and leaves those lines.
func TestTolerantUndo(t *testing.T) {
	for seed := range uint64(propertyPairs) {
		g := newRulesetMaker(t, IPv4, seed)
		live, wanted := g.pair()
		change := Diff(live, wanted)
		host := simOf(wanted, IPv4)
		for _, id := range change.Touched() {
			if c := host.tables[id.Table][id.Name]; c != nil {
				for range g.IntN(3) {
					c.rules = slices.Insert(c.rules, g.IntN(len(c.rules)+1), simRule{spec: "-s 192.0.2.1/32 -j REJECT"})
				}
			}
		}
		replaySteps(t, host, change.Undo().TolerantSteps(IPv4, Reference))
		for _, id := range change.Touched() {
			before, held := live.Chain(id)
			c := host.tables[id.Table][id.Name]
			if !held {
				if c != nil {
					t.Fatalf("seed %d: chain %s is still there", seed, id.Name)
				}
				continue
			}
			var got, want []string
			for _, r := range c.rules {
				if r.spec != "-s 192.0.2.1/32 -j REJECT" {
					got = append(got, r.spec)
				}
			}
			for _, r := range before.Rules {
				want = append(want, r.Spec(Reference))
			}
			if c.policy != before.Policy {
				t.Fatalf("seed %d: chain %s has policy %q, not %q", seed, id.Name, c.policy, before.Policy)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: chain %s is\n%s\nnot\n%s", seed, id.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// fromBottom is the index of the rank-th line with that text, counted from the bottom.
func fromBottom(rules []simRule, chain, line string, rank int) int {
	for i, r := range slices.Backward(rules) {
		if "-A "+chain+" "+r.spec != line {
			continue
		}
		rank--
		if rank == 0 {
			return i
		}
	}
	return -1
}

// replaySteps runs steps as a script does that cannot trust numbers: it looks lines up by their text, one
// command at a time, and goes on where there is nothing to do.
func replaySteps(t *testing.T, host *simHost, steps []Step) {
	t.Helper()
	for _, s := range steps {
		c := host.tables[s.Table][s.Chain]
		switch s.Kind {
		case StepCheck:
			t.Fatalf("a tolerant step checks: %v", s)
		case StepInsert:
			at := len(c.rules)
			if s.Anchor != "" {
				if at = fromBottom(c.rules, s.Chain, s.Anchor, s.Rank); at < 0 {
					t.Fatalf("no line for the anchor %q of %v", s.Anchor, s)
				}
			}
			c.rules = slices.Insert(c.rules, at, simRule{spec: s.Spec})
		case StepDelete:
			if n := fromBottom(c.rules, s.Chain, s.Anchor, s.Rank); n >= 0 {
				c.rules = slices.Delete(c.rules, n, n+1)
			}
		default:
			if err := host.command(s.Table, host.tables[s.Table], s.Line()); err != nil {
				t.Fatalf("%v: %v", s, err)
			}
		}
	}
}
