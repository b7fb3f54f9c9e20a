package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Shadow finds the line because of which the line at index i of a chain never does anything: an earlier
// one that takes all its packets, or all that could begin a connection of them, and lets none go on. It is the
// index of that line, -1 where a comparison finds none: several lines together may still do the same.
func Shadow(rs iptables.Ruleset, id iptables.ChainID, i int) int {
	c, _ := rs.Chain(id)
	if i >= len(c.Rules) {
		return -1
	}
	r := c.Rules[i]
	return slices.IndexFunc(c.Rules[:i], func(earlier iptables.Rule) bool {
		return ends(rs, id, earlier, nil) && (covers(earlier, r) || coversPorts(earlier, r))
	})
}

// coversPorts is covers for two rules that differ in their destination ports, of which p has all that q has.
func coversPorts(p, q iptables.Rule) bool {
	mine, theirs := destinationPorts(p), destinationPorts(q)
	if len(mine) == 0 || len(theirs) == 0 || p.Protocol != q.Protocol || !onlyDestinationPorts(p) || !onlyDestinationPorts(q) {
		return false
	}
	for _, t := range theirs {
		if !slices.ContainsFunc(mine, func(m portSpan) bool { return m.from <= t.from && t.to <= m.to }) {
			return false
		}
	}
	return covers(withoutPorts(p), withoutPorts(q))
}

// onlyDestinationPorts reports whether the rule's matches on ports ask for nothing else.
func onlyDestinationPorts(r iptables.Rule) bool {
	for _, m := range r.Matches {
		if !matchesPorts(m) {
			continue
		}
		for _, o := range m.Options {
			if o.Negated || o.Name != "--dport" && o.Name != "--dports" {
				return false
			}
		}
	}
	return true
}

func withoutPorts(r iptables.Rule) iptables.Rule {
	r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), matchesPorts)
	return r
}

func matchesPorts(m iptables.Match) bool {
	return m.Name == "multiport" || slices.Contains(portProtocols, m.Name)
}
