package firewall

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Sequence is one edit made of several, each run on the result of the one before.
func Sequence(edits ...Edit) Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, edit := range edits {
			var err error
			if rs, err = edit(rs); err != nil {
				return rs, err
			}
		}
		return rs, nil
	}
}

// A NoChainError says that lines were wanted in a chain that is not there.
type NoChainError struct{ Chain iptables.ChainID }

func (e *NoChainError) Error() string {
	return fmt.Sprintf("there is no chain %s in table %s of %s (%s); an iptables_chain makes one, and who takes its name from that "+
		"(iptables_chain.NAME.name) waits for it", e.Chain.Name, e.Chain.Table, e.Chain.Family, e.Chain.Family.Command())
}

// Replace is the edit that makes the wanted lines stand where the previous ones stood.
//
// Previous lines that are no longer wanted go away, every copy of them: a copy left behind
// would keep a port open that the plan calls closed. Wanted lines that are there and
// effective stay where they are, to the counter. One that is there but no longer effective
// (behind the catch-all, say) moves. The others are put in: in place of a line that goes away
// where the rank is the same, else behind their sisters, else where place.go says.
//
// The error is a *NoChainError. Previous lines that are not there any more are no error.
func Replace(previous, wanted Lines) Edit {
	previous, wanted = previous.Unique(), wanted.Unique()
	gone := previous.Without(wanted)
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, id := range append(slices.Clone(gone), wanted...).chains() {
			c, ok := rs.Chain(id)
			mine := wanted.in(id)
			if !ok && len(mine) > 0 {
				return rs, &NoChainError{id}
			}
			rules := refit(rs, id, c.Rules, gone.in(id), mine)
			if rules != nil {
				rs = rs.WithChain(id, iptables.Chain{Policy: c.Policy, Rules: rules})
			}
		}
		return rs, nil
	}
}

// refit returns the rules of one chain without those that go and with those that are
// wanted; nil where nothing changes.
func refit(rs iptables.Ruleset, id iptables.ChainID, rules, gone, wanted []iptables.Rule) []iptables.Rule {
	var missing []iptables.Rule
	s := seating{rs: rs, id: id}
	for _, r := range wanted {
		at, stands := locate(rs, id, r)
		if stands {
			s.sisters = append(s.sisters, seat{at, rankOf(r)})
			continue
		}
		missing = append(missing, r)
		if at >= 0 {
			gone = append(slices.Clip(gone), r)
		}
	}
	gone = slices.DeleteFunc(slices.Clone(gone), func(r iptables.Rule) bool { return placeOf(rs, id, r) < 0 })
	if len(gone)+len(missing) == 0 {
		return nil
	}
	s.rules = slices.Clone(rules)
	for _, r := range gone {
		s.remove(r)
	}
	for _, r := range missing {
		s.insert(r)
	}
	return s.rules
}

// locate finds the copy of a rule in a chain that is effective; where none is, the index is
// that of the first copy, or -1.
func locate(rs iptables.Ruleset, id iptables.ChainID, r iptables.Rule) (at int, stands bool) {
	if x := indexOf(rs, id); x != nil {
		return x.locate(r)
	}
	return search(rs, id, r)
}

// search is locate without an index.
func search(rs iptables.Ruleset, id iptables.ChainID, r iptables.Rule) (at int, stands bool) {
	c, _ := rs.Chain(id)
	first := find(c.Rules, r, 0)
	for i := first; i >= 0; i = find(c.Rules, r, i+1) {
		if effective(rs, id, c.Rules[:i], r) {
			return i, true
		}
	}
	return first, false
}

// placeOf is the index of the first copy of a rule in a chain, -1 where there is none.
func placeOf(rs iptables.Ruleset, id iptables.ChainID, r iptables.Rule) int {
	if x := indexOf(rs, id); x != nil {
		if places := x.at[r.Key()]; len(places) > 0 {
			return places[0]
		}
		return -1
	}
	c, _ := rs.Chain(id)
	return find(c.Rules, r, 0)
}

// Existing are the wanted lines that stand on the host already although they are not among
// the previous ones: what an apply takes over and a plan warns about.
func Existing(rs iptables.Ruleset, previous, wanted Lines) Lines {
	return wanted.Unique().Without(previous).filter(func(l Line) bool {
		return placeOf(rs, l.Chain, l.Rule) >= 0
	})
}

// Present are those of the lines that stand on the host and are effective there. A line that is
// missing from the result was deleted, edited, or moved to where it no longer works: the
// plan shows it as a line to be added.
func Present(rs iptables.Ruleset, lines Lines) Lines {
	return lines.filter(func(l Line) bool {
		_, stands := locate(rs, l.Chain, l.Rule)
		return stands
	})
}

func (ls Lines) filter(keep func(Line) bool) Lines {
	var kept Lines
	for _, l := range ls {
		if keep(l) {
			kept = append(kept, l)
		}
	}
	return kept
}
