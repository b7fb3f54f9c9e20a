package iptables

import (
	"fmt"
	"slices"
)

// A DifferenceKind says in which way a host is not as a change should have left it.
type DifferenceKind uint8

// The kinds of differences.
const (
	LineMissing     DifferenceKind = iota // the line is there fewer times than it should be
	LineSurplus                           // the line is there more often: what was to go is still there
	LineMisplaced                         // the line is there, but on the wrong side of another one
	PolicyDifferent                       // the chain has another policy
	ChainMissing                          // the chain is not there
	ChainStillThere                       // the chain was to be deleted
	SetDifferent                          // an ipset is not as wanted; Detail says how
)

// A Difference is one thing about which a host is not as a change should have left it.
type Difference struct {
	Kind  DifferenceKind
	Chain ChainID
	Rule  Rule // for lines
	// Want and Have count lines for LineMissing and LineSurplus.
	Want, Have int
	// Neighbour is, for LineMisplaced, a line that stands on the wrong side of Rule.
	Neighbour Rule
	// WantPolicy and HavePolicy are for PolicyDifferent.
	WantPolicy, HavePolicy string
	// Set and Detail are for SetDifferent.
	Set, Detail string
}

// String says it in one line, with rules as Reference prints them.
func (x Difference) String() string { return x.Describe(Reference) }

// Describe says it in one line, with rules as that dialect prints them.
func (x Difference) Describe(d Dialect) string {
	line := Line{Chain: x.Chain, Rule: x.Rule}.String(d)
	chain := fmt.Sprintf("%s chain %s of table %s", x.Chain.Family, x.Chain.Name, x.Chain.Table)
	switch x.Kind {
	case LineMissing:
		if x.Have > 0 {
			return fmt.Sprintf("%s: is there %s, not %s", line, times(x.Have), times(x.Want))
		}
		return line + ": is missing"
	case LineSurplus:
		if x.Want > 0 {
			return fmt.Sprintf("%s: is there %s, not %s", line, times(x.Have), times(x.Want))
		}
		return line + ": is still there"
	case LineMisplaced:
		return fmt.Sprintf("%s: is on the wrong side of %s", line, Line{Chain: x.Chain, Rule: x.Neighbour}.String(d))
	case PolicyDifferent:
		return fmt.Sprintf("%s: has policy %s, not %s", chain, x.HavePolicy, x.WantPolicy)
	case ChainMissing:
		return chain + ": is missing"
	case SetDifferent:
		return "set " + x.Set + ": " + x.Detail
	default:
		return chain + ": is still there"
	}
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return fmt.Sprintf("%d times", n)
	}
}

// Verify compares what a host prints after the change with what it should print, and returns
// nothing if the change is in. It judges what the change is about, no more: each line that
// it added or removed must be there as often as wanted, each line that it added must stand on the
// right side of all others, chains and policies that it set must be so. Lines that it did
// not touch may have come and gone meanwhile, as they do where fail2ban is at work.
func (c Change) Verify(after Ruleset) []Difference {
	var found []Difference
	for _, e := range c.edits {
		have, there := after.Chain(e.id)
		switch {
		case e.gone && there:
			found = append(found, Difference{Kind: ChainStillThere, Chain: e.id})
		case e.gone:
		case !there:
			found = append(found, Difference{Kind: ChainMissing, Chain: e.id})
		default:
			if want := e.newPolicy(); want != "" && have.Policy != want {
				found = append(found, Difference{Kind: PolicyDifferent, Chain: e.id, WantPolicy: want, HavePolicy: have.Policy})
			}
			if len(e.hunks) > 0 && !slices.EqualFunc(have.Rules, e.wanted.Rules, equalRules) {
				found = append(found, e.verify(have.Rules)...)
			}
		}
	}
	return append(found, c.verifySets(after)...)
}

func (e chainEdit) verify(after []Rule) []Difference {
	want, have := countKeys(e.wanted.Rules), countKeys(after)
	var found []Difference
	judged := map[string]bool{}
	judge := func(r Rule) {
		key := r.Key()
		if judged[key] || want.count[key] == have.count[key] {
			return
		}
		judged[key] = true
		kind := LineMissing
		if have.count[key] > want.count[key] {
			kind = LineSurplus
		}
		found = append(found, Difference{Kind: kind, Chain: e.id, Rule: r, Want: want.count[key], Have: have.count[key]})
	}
	for _, h := range e.hunks {
		for _, r := range e.wanted.Rules[h.wantedFrom:h.wantedTo] {
			judge(r)
		}
		for _, r := range e.live.Rules[h.from:h.to] {
			judge(r)
		}
	}
	return append(found, e.misplaced(want, have)...)
}

// misplaced finds added lines on the wrong side of another line. Of lines that occur more than
// once, the first is compared with the first, and so on; lines that are not there as often as
// wanted are left out, since somebody else removed or repeated them.
func (e chainEdit) misplaced(want, have keyCount) []Difference {
	seen := map[string]int{}
	places := map[string][]int{}
	for i, key := range have.keys {
		places[key] = append(places[key], i)
	}
	type standing struct{ wanted, place int }
	var lines []standing
	for i, key := range want.keys {
		if want.count[key] != have.count[key] {
			continue
		}
		lines = append(lines, standing{i, places[key][seen[key]]})
		seen[key]++
	}
	// lowest[i] is the line at or behind i that stands highest in the chain.
	lowest := make([]int, len(lines)+1)
	lowest[len(lines)] = -1
	for i := len(lines) - 1; i >= 0; i-- {
		lowest[i] = i
		if next := lowest[i+1]; next >= 0 && lines[next].place < lines[i].place {
			lowest[i] = next
		}
	}
	var found []Difference
	highest := -1 // the line before that stands lowest in the chain
	for i, l := range lines {
		if e.added(l.wanted) {
			neighbour := -1
			if next := lowest[i+1]; next >= 0 && lines[next].place < l.place {
				neighbour = next
			}
			if highest >= 0 && lines[highest].place > l.place {
				neighbour = highest
			}
			if neighbour >= 0 {
				found = append(found, Difference{
					Kind: LineMisplaced, Chain: e.id,
					Rule: e.wanted.Rules[l.wanted], Neighbour: e.wanted.Rules[lines[neighbour].wanted],
				})
			}
		}
		if highest < 0 || l.place > lines[highest].place {
			highest = i
		}
	}
	return found
}

// added reports whether line i of the wanted chain is one that the change adds.
func (e chainEdit) added(i int) bool {
	n, _ := slices.BinarySearchFunc(e.hunks, i, func(h hunk, i int) int {
		if h.wantedTo <= i {
			return -1
		}
		return 1
	})
	return n < len(e.hunks) && e.hunks[n].wantedFrom <= i
}

type keyCount struct {
	keys  []string
	count map[string]int
}

func countKeys(rules []Rule) keyCount {
	k := keyCount{keys: make([]string, len(rules)), count: make(map[string]int, len(rules))}
	for i, r := range rules {
		k.keys[i] = r.Key()
		k.count[k.keys[i]]++
	}
	return k
}
