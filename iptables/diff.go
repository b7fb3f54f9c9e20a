package iptables

import (
	"maps"
	"slices"
)

// A Change is what turns one ruleset into another, and nothing more: lines that stand on both
// sides in the same order are never touched, so they keep their counters. It is a value; its zero
// value changes nothing.
type Change struct {
	live, wanted Ruleset
	edits        []chainEdit // ordered by chain
	sets         []SetChange
}

// A chainEdit is the change of one chain.
type chainEdit struct {
	id           ChainID
	live, wanted Chain
	made, gone   bool // the chain is on one side only
	hunks        []hunk
	refill       bool // no line stays: the chain is emptied at once and filled again
}

// flushBuiltIn is the number of lines from which a built-in chain of which no line stays is
// emptied at once. Built-in chains are shared: a line that other software adds between the last
// look and the commit would go too, while deleting a few lines one by one leaves it.
const flushBuiltIn = 64

// Diff is the smallest change from live to wanted, both families, all tables and sets. A chain
// that live holds and wanted does not is deleted, a built-in one emptied.
//
// It costs time linear in the number of lines that did not change, and n log n in the number
// of those between the first and the last changed line of a chain (see commonLines for lines that repeat).
func Diff(live, wanted Ruleset) Change {
	c := Change{live: live, wanted: wanted, sets: diffSets(live, wanted)}
	all := map[ChainID]bool{}
	for id := range live.chains {
		all[id] = true
	}
	for id := range wanted.chains {
		all[id] = true
	}
	for _, id := range slices.SortedFunc(maps.Keys(all), ChainID.compare) {
		if e, changed := diffChain(id, live, wanted); changed {
			c.edits = append(c.edits, e)
		}
	}
	return c
}

func diffChain(id ChainID, live, wanted Ruleset) (chainEdit, bool) {
	before, was := live.Chain(id)
	after, is := wanted.Chain(id)
	e := chainEdit{id: id, live: before, wanted: after, made: is && !was, gone: was && !is}
	e.hunks = hunks(before.Rules, after.Rules)
	e.refill = !e.gone && e.kept() == 0 && len(before.Rules) > 1 &&
		(!id.BuiltIn() || len(before.Rules) >= flushBuiltIn)
	return e, e.made || e.gone || len(e.hunks) > 0 || e.newPolicy() != ""
}

// kept is the number of lines that stay.
func (e chainEdit) kept() int {
	n := len(e.live.Rules)
	for _, h := range e.hunks {
		n -= h.to - h.from
	}
	return n
}

// newPolicy is the policy to set, "" where it stays. A wanted chain without policy leaves it alone.
func (e chainEdit) newPolicy() string {
	if e.wanted.Policy == e.live.Policy {
		return ""
	}
	return e.wanted.Policy
}

// Empty reports whether there is nothing to do.
func (c Change) Empty() bool { return len(c.edits) == 0 && len(c.sets) == 0 }

// Families lists the families that change, in the order of Families.
func (c Change) Families() []Family {
	var found []Family
	for _, f := range Families {
		if slices.ContainsFunc(c.edits, func(e chainEdit) bool { return e.id.Family == f }) {
			found = append(found, f)
		}
	}
	return found
}

// Touched lists the chains that change: those that are made, deleted, or get other lines or
// another policy.
func (c Change) Touched() []ChainID {
	ids := make([]ChainID, len(c.edits))
	for i, e := range c.edits {
		ids[i] = e.id
	}
	return ids
}

// Undo is the change back. It fits a host on which the touched chains are as this change left
// them; for any other, see Step.Anchor.
func (c Change) Undo() Change { return Diff(c.wanted, c.live) }
