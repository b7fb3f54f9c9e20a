package iptables

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// Set returns an ipset.
func (rs Ruleset) Set(name string) (ipset.Set, bool) {
	s, ok := rs.sets[name]
	return s, ok
}

// WithSet returns the ruleset with that set added or replaced.
func (rs Ruleset) WithSet(s ipset.Set) Ruleset {
	sets := maps.Clone(rs.sets)
	if sets == nil {
		sets = map[string]ipset.Set{}
	}
	sets[s.Name] = s
	rs.sets, rs.memo = sets, new(memo)
	return rs
}

// WithoutSet returns the ruleset without that set.
func (rs Ruleset) WithoutSet(name string) Ruleset {
	rs.sets, rs.memo = maps.Clone(rs.sets), new(memo)
	delete(rs.sets, name)
	return rs
}

// Sets lists the names of the sets, those that hold other sets last.
func (rs Ruleset) Sets() []string {
	return slices.SortedFunc(maps.Keys(rs.sets), func(a, b string) int {
		if la, lb := rs.sets[a].Type == listSet, rs.sets[b].Type == listSet; la != lb {
			if la {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
}

const listSet = "list:set"

func mergedSets(sets, other map[string]ipset.Set) map[string]ipset.Set {
	if len(other) == 0 {
		return sets
	}
	merged := maps.Clone(sets)
	if merged == nil {
		merged = map[string]ipset.Set{}
	}
	maps.Copy(merged, other)
	return merged
}

// Sets are the names of the ipsets that the rule looks into or changes.
func (r Rule) Sets() []string {
	var names []string
	for _, m := range r.Matches {
		if m.Name == "set" {
			names = append(names, setNames(m.Options)...)
		}
	}
	if r.Target.Name == "SET" {
		names = append(names, setNames(r.Target.Options)...)
	}
	return names
}

func setNames(options []Option) []string {
	var names []string
	for _, o := range options {
		switch o.Name {
		case "--match-set", "--add-set", "--del-set", "--map-set":
			if name, _, _ := strings.Cut(strings.Join(o.Values, " "), " "); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// UsersOfSet lists the rules that refer to a set, by chain and position, and the names of the
// sets that hold it. As long as there is one, the kernel does not let go of the set.
func (rs Ruleset) UsersOfSet(name string) (rules []Jump, lists []string) {
	for _, id := range rs.Chains() {
		for i, r := range rs.chains[id].Rules {
			if slices.Contains(r.Sets(), name) {
				rules = append(rules, Jump{Chain: id, Number: i + 1, Rule: r})
			}
		}
	}
	for _, other := range rs.Sets() {
		if slices.Contains(rs.sets[other].Members(), name) {
			lists = append(lists, other)
		}
	}
	return rules, lists
}

// A SetChange is what becomes of one set.
type SetChange struct {
	// Live and Wanted are the set before and after; the one without a name is not there.
	Live, Wanted ipset.Set
}

// Name is the set's name.
func (c SetChange) Name() string {
	if c.Wanted.Name != "" {
		return c.Wanted.Name
	}
	return c.Live.Name
}

// Made reports whether the set is new.
func (c SetChange) Made() bool { return c.Live.Name == "" }

// Gone reports whether the set goes away.
func (c SetChange) Gone() bool { return c.Wanted.Name == "" }

// Sets are the sets that change, in an order in which they can be made: those that hold others last.
func (c Change) Sets() []SetChange { return c.sets }

func diffSets(live, wanted Ruleset) []SetChange {
	var changes []SetChange
	for _, name := range mergedNames(live, wanted) {
		before, after := live.sets[name], wanted.sets[name]
		if !before.Equal(after) {
			changes = append(changes, SetChange{before, after})
		}
	}
	return changes
}

func mergedNames(a, b Ruleset) []string {
	return Ruleset{sets: mergedSets(a.sets, b.sets)}.Sets()
}

// verifySets compares what a host says of the sets with what the change should have made of
// them: entries that it added or took away, and how the set was made. Others may have added
// entries of their own.
func (c Change) verifySets(after Ruleset) []Difference {
	var found []Difference
	for _, change := range c.sets {
		have, there := after.sets[change.Name()]
		differs := func(format string, args ...any) {
			found = append(found, Difference{Kind: SetDifferent, Set: change.Name(), Detail: fmt.Sprintf(format, args...)})
		}
		switch {
		case change.Gone() && there:
			differs("is still there")
		case change.Gone():
		case !there:
			differs("is missing")
		case have.Header() != change.Wanted.Header():
			differs("is %s, not %s", have.Header(), change.Wanted.Header())
		default:
			removed, added := ipset.Differences(change.Live, change.Wanted)
			missing, surplus := ipset.Differences(change.Wanted, have)
			for _, e := range shared(missing, added) {
				differs("lacks the entry %s", e)
			}
			for _, e := range shared(surplus, removed) {
				differs("still has the entry %s", e)
			}
		}
	}
	return found
}

func shared(some, all []ipset.Entry) []ipset.Entry {
	const most = 10
	if len(some) == 0 {
		return nil
	}
	there := make(map[ipset.Entry]bool, len(all))
	for _, e := range all {
		there[e] = true
	}
	var both []ipset.Entry
	for _, e := range some {
		if there[e] && len(both) < most {
			both = append(both, e)
		}
	}
	return both
}
