package firewall

import (
	"cmp"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An OwnTable is a table of one family that a resource owns whole: its chains are those wanted,
// and beside them there is only what Ignore spares.
type OwnTable struct {
	Family iptables.Family
	Name   string
	Wanted iptables.Ruleset // the chains of this table
	Ignore Ignore
}

// edit makes the table what it should be. The error is a *JumpedToError where a chain has to go
// and lines that are spared jump to it.
func (t OwnTable) edit(rs iptables.Ruleset) (iptables.Ruleset, error) {
	changed := iptables.Ruleset{}
	wanted := t.wanted(rs)
	for _, id := range wanted.Chains() {
		want, _ := wanted.Chain(id)
		live, _ := rs.Chain(id)
		rules := arrange(live.Rules, want.Rules, t.Ignore.others(rs, id))
		changed = changed.WithChain(id, iptables.Chain{Policy: cmp.Or(want.Policy, live.Policy), Rules: rules})
	}
	gone := map[iptables.ChainID]bool{}
	for _, id := range rs.ChainsOf(t.Family, t.Name) {
		_, stays := wanted.Chain(id)
		switch {
		case id.BuiltIn():
			if !slices.Contains(wanted.Chains(), id) {
				live, _ := rs.Chain(id)
				changed = changed.WithChain(id, iptables.Chain{Policy: live.Policy, Rules: arrange(live.Rules, nil, t.Ignore.others(rs, id))})
			}
		case !stays && !t.Ignore.target(rs, id):
			gone[id] = true
		}
	}
	rs = rs.Merge(changed).Only(func(id iptables.ChainID) bool { return !gone[id] })
	return rs, t.dangling(rs, gone)
}

// wanted are the chains without what is spared: a text that was saved on a host has the chains of
// other software in it, and the jumps to them.
func (t OwnTable) wanted(rs iptables.Ruleset) iptables.Ruleset {
	kept := t.Wanted.Only(func(id iptables.ChainID) bool { return !t.Ignore.Chain(rs, id) })
	for _, id := range kept.Chains() {
		c, _ := kept.Chain(id)
		others := func(r iptables.Rule) bool { return t.Ignore.named(rs, Line{id, r}) }
		if slices.ContainsFunc(c.Rules, others) {
			c.Rules = slices.DeleteFunc(slices.Clone(c.Rules), others)
			kept = kept.WithChain(id, c)
		}
	}
	return kept
}

// dangling is the error for jumps to chains that are gone.
func (t OwnTable) dangling(rs iptables.Ruleset, gone map[iptables.ChainID]bool) error {
	for id := range gone {
		if jumps := rs.JumpsTo(id); len(jumps) > 0 {
			return &JumpedToError{id, jumps}
		}
	}
	return nil
}

// takeAway removes what is wanted; policies that were set become ACCEPT, so that nobody is shut
// out by a chain that has lost its rules.
func (t OwnTable) takeAway(rs iptables.Ruleset) (iptables.Ruleset, error) {
	wanted := t.wanted(rs)
	changed := iptables.Ruleset{}
	gone := map[iptables.ChainID]bool{}
	for _, id := range wanted.Chains() {
		live, there := rs.Chain(id)
		if !id.BuiltIn() {
			gone[id] = there
			continue
		}
		want, _ := wanted.Chain(id)
		mine := placesOf(want.Rules).keys
		live.Rules = slices.DeleteFunc(slices.Clone(live.Rules), func(r iptables.Rule) bool { return mine[r.Key()] })
		if want.Policy != "" {
			live.Policy = "ACCEPT"
		}
		changed = changed.WithChain(id, live)
	}
	rs = rs.Merge(changed).Only(func(id iptables.ChainID) bool { return !gone[id] })
	return rs, t.dangling(rs, gone)
}

// replaceTables is the edit from the tables that a resource had to those that it wants.
func replaceTables(previous, wanted []OwnTable) Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		var err error
		for _, had := range previous {
			if !slices.ContainsFunc(wanted, func(t OwnTable) bool { return t.Family == had.Family && t.Name == had.Name }) {
				if rs, err = had.takeAway(rs); err != nil {
					return rs, err
				}
			}
		}
		for _, t := range wanted {
			if rs, err = t.edit(rs); err != nil {
				return rs, err
			}
		}
		return rs, nil
	}
}

// ownsChain reports whether the chain is one of the table's.
func (t OwnTable) ownsChain(rs iptables.Ruleset, id iptables.ChainID) bool {
	return id.Family == t.Family && id.Table == t.Name && !t.Ignore.target(rs, id)
}

// owns reports whether the line would be taken away, or is the table's already.
func (t OwnTable) owns(rs iptables.Ruleset, l Line) bool {
	return t.ownsChain(rs, l.Chain) && !t.Ignore.Line(rs, l)
}

// same reports whether both come to the same: a text that was saved on a host has chains of other
// software in it, and one that was imported has not.
func (t OwnTable) same(o OwnTable) bool {
	mine, theirs := t.wanted(iptables.Ruleset{}), o.wanted(iptables.Ruleset{})
	return t.Family == o.Family && t.Name == o.Name && t.Ignore.same(o.Ignore) && mine.Equal(theirs)
}
