package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Where a new line goes. Nobody writes line numbers: a line's rank (rank.go) says what it
// comes before. Three rules make the order come out the same whoever is first:
//
//  1. A line goes in front of the first line of a higher rank, and in any case in front of
//     the chain's catch-all, unless it is part of that itself. What says the last word for one
//     interface or protocol counts as its beginning (see endsPart). A line without a name that says the
//     opposite of the same packets is passed over too (see contradicts).
//  2. Lines that are there stay where they are, whoever made them.
//  3. Some lines have no rank and nobody goes in front of them for their sake: jumps to the chains
//     of other software (fail2ban's and Docker's put themselves at the top), and jumps that
//     every packet takes, unless they are at the chain's end.
//
// From the first rule it follows that all that stands before a line of ours has no higher
// rank than it; so a later line of a higher rank can only come after it, and two lines of
// different ranks stand in the same order however they arrived.
//
// The catch-all of a chain is the run of lines at its end, or before the first line that
// no packet survives, which all of them are: an unconditional verdict, jump or goto; a
// refusal of all that comes by one protocol or interface (`-p tcp -j REJECT --reject-with
// tcp-reset`); or a LOG of such packets, limited or not. Under ufw that is the whole INPUT chain.
// Nothing but jumps to lists of addresses and ports that are refused is none.

// place is the index at which the rule belongs in a chain that holds those rules.
func place(rs iptables.Ruleset, id iptables.ChainID, rules []iptables.Rule, r iptables.Rule) int {
	mine := rankOf(r)
	start, end := catchAllOf(rs, id, rules)
	if mine.stage == catchAll {
		if isRest(mine) {
			end = lastWord(rules)
		}
		for i := start; i < end; i++ {
			if kind, _ := catchAllKind(rules[i]); kind > mine.kind {
				return i
			}
		}
		return end
	}
	for i, other := range rules[:start] {
		if theirs, ranked := standing(other); ranked && theirs.compare(mine) > 0 || endsPart(rs, id, rules, i) || contradicts(other, r) {
			return i
		}
	}
	return start
}

// isRest reports whether a line of that rank is for what other lines left over. It goes behind a jump
// to a chain that lets nothing back, too: under firewalld all accepting is done in such a
// chain, and a DROP in front of it would be the end of everything.
func isRest(r rank) bool { return r.stage == catchAll && r.kind != jumpsForAll }

// lastWord is the index of the first rule that itself settles everything, or the number of rules.
func lastWord(rules []iptables.Rule) int {
	if i := slices.IndexFunc(rules, settles); i >= 0 {
		return i
	}
	return len(rules)
}

// endsPart reports whether the line says the last word for all packets of an interface or
// protocol, or for all packets: a jump to a chain that lets none of them back (Shorewall has
// one for each interface), a refusal of a protocol, or a refusal of an interface, if no line
// behind it is about that interface. Otherwise that one shuts an interface in front of lines
// that open ports, and ours must not open it again.
func endsPart(rs iptables.Ruleset, id iptables.ChainID, rules []iptables.Rule, i int) bool {
	r := rules[i]
	if _, numbered := priorityOf(r); numbered || !broad(r) {
		return false
	}
	switch verdictOf(r) {
	case branching:
		return ends(rs, id, r, nil)
	case refusing:
		return everywhere(r) || !slices.ContainsFunc(rules[i+1:], func(later iptables.Rule) bool {
			_, last := catchAllKind(later)
			return !last && !disjoint(r, later)
		})
	}
	return false
}

// standing ranks a line that stands in front of the catch-all; ok is false for one without rank.
func standing(r iptables.Rule) (rank, bool) {
	if verdictOf(r) == branching {
		if _, foreign := Owner(r.Target.Name); foreign {
			return rank{}, false
		}
	}
	of := rankOf(r)
	return of, of.stage != catchAll
}

// catchAllOf finds a chain's catch-all: it begins at start, and a line put in at end is the
// last one that packets still reach.
func catchAllOf(rs iptables.Ruleset, id iptables.ChainID, rules []iptables.Rule) (start, end int) {
	start, end = len(rules), len(rules)
	if wall := wallOf(rs, id, rules); wall >= 0 {
		start, end = wall+1, wall
	}
	for ; start > 0; start-- {
		r := rules[start-1]
		if _, numbered := priorityOf(r); numbered && !settles(r) {
			break
		}
		if _, ok := catchAllKind(r); !ok {
			break
		}
	}
	if !slices.ContainsFunc(rules[start:], func(r iptables.Rule) bool { return !sifts(rs, id, r) }) {
		return len(rules), len(rules) // nothing there says a last word
	}
	return start, end
}

// sifts reports whether the line is a jump to a chain of the administrator's that refuses some
// addresses or ports, and lets all others back.
func sifts(rs iptables.Ruleset, id iptables.ChainID, r iptables.Rule) bool {
	if verdictOf(r) != branching || ends(rs, id, r, nil) {
		return false
	}
	if _, foreign := Owner(r.Target.Name); foreign {
		return false
	}
	c, _ := rs.Chain(iptables.ChainID{Family: id.Family, Table: id.Table, Name: r.Target.Name})
	return len(c.Rules) > 0 && !slices.ContainsFunc(c.Rules, func(r iptables.Rule) bool {
		_, set := r.Match("set")
		some := set || !anyAddress(r) || destinationPorts(r) != nil
		return verdictOf(r) == branching || verdictOf(r) == refusing && !some
	})
}

// wallOf is the index of the first rule that no packet survives, -1 where there is none.
func wallOf(rs iptables.Ruleset, id iptables.ChainID, rules []iptables.Rule) int {
	return slices.IndexFunc(rules, func(r iptables.Rule) bool {
		return unconditional(r) && ends(rs, id, r, nil)
	})
}

// ends reports whether no packet that the rule matches goes on to the next rule of its chain.
func ends(rs iptables.Ruleset, id iptables.ChainID, r iptables.Rule, seen []string) bool {
	switch verdictOf(r) {
	case refusing, accepting:
		return true
	case branching:
		target := iptables.ChainID{Family: id.Family, Table: id.Table, Name: r.Target.Name}
		// A packet that falls off the end of a chain it went to returns behind the jump that led here.
		return r.Target.Goto || endsAll(rs, target, seen)
	}
	return false
}

// endsAll reports whether no packet comes back from the chain.
func endsAll(rs iptables.Ruleset, id iptables.ChainID, seen []string) bool {
	c, ok := rs.Chain(id)
	if !ok || id.BuiltIn() || slices.Contains(seen, id.Name) {
		return false
	}
	seen = append(slices.Clip(seen), id.Name)
	for _, r := range c.Rules {
		target := iptables.ChainID{Family: id.Family, Table: id.Table, Name: r.Target.Name}
		switch {
		case r.Target.Name == "RETURN":
			return false
		case r.Target.Goto:
			if !endsAll(rs, target, seen) {
				return false
			}
			if unconditional(r) {
				return true
			}
		case unconditional(r) && ends(rs, id, r, seen):
			return true
		}
	}
	return false
}
