package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// effective reports whether a rule does what its author wanted behind the rules of its chain that
// stand before it. It does not where
//
//   - one of them is a catch-all that takes all the packets that it is about and does something
//     else with them: the rule was moved behind the chain's end; or
//   - one of a higher rank takes some of them and does the opposite, and at least one of the
//     two carries a priority. Between lines without a number the order that is found is
//     respected: a chain that grew by hand and was imported has its own; or
//   - one says the opposite of exactly the same packets, in nobody's name or in the rule's own:
//     the rule was edited, or somebody put a hasty DROP in front of it.
//
// A line of a lower rank may well hide it (an address is refused, and accepted further down):
// then it stands where it belongs all the same.
func effective(rs iptables.Ruleset, id iptables.ChainID, before []iptables.Rule, r iptables.Rule) bool {
	for _, earlier := range before {
		if hides(rs, id, earlier, r) || overrules(earlier, r) || contradicts(earlier, r) {
			return false
		}
	}
	return true
}

// hides reports whether the earlier line, one without rank, lets no packet through to r and decides otherwise.
func hides(rs iptables.Ruleset, id iptables.ChainID, earlier, r iptables.Rule) bool {
	v := verdictOf(earlier)
	if v == passing || v != branching && !broad(earlier) { // the second: it has a rank
		return false
	}
	if !covers(earlier, r) || !ends(rs, id, earlier, nil) {
		return false
	}
	if _, ranked := standing(earlier); ranked || v == branching && isRest(rankOf(r)) {
		return false
	}
	return v != verdictOf(r) || v != refusing && earlier.Target.Name != r.Target.Name
}

// overrules reports whether the earlier line should have come later, and it matters.
func overrules(earlier, r iptables.Rule) bool {
	v := verdictOf(earlier)
	if v != refusing && v != accepting || v == verdictOf(r) {
		return false
	}
	_, first := priorityOf(earlier)
	_, second := priorityOf(r)
	if !first && !second {
		return false
	}
	theirs, ranked := standing(earlier)
	return ranked && theirs.compare(rankOf(r)) > 0 && !disjoint(earlier, r)
}

// contradicts reports whether the other rule decides the opposite of the same packets, without a comment or with
// that of r. Two resources that contradict each other have comments of their own.
func contradicts(other, r iptables.Rule) bool {
	v, mine := verdictOf(other), verdictOf(r)
	if v != refusing && v != accepting || mine != refusing && mine != accepting || v == mine {
		return false
	}
	if c := other.Comment(); c != "" && c != r.Comment() {
		return false
	}
	return !unconditional(r) && other.Source == r.Source && other.Destination == r.Destination &&
		other.Protocol == r.Protocol && conditions(other) == conditions(r)
}

// conditions is the same for two rules that match the same packets in the same words.
func conditions(r iptables.Rule) string {
	r.Target = iptables.Target{}
	r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), func(m iptables.Match) bool { return m.Name == "comment" })
	return r.Key()
}
