package firewall

import "github.com/vpsfirewall/terraform-provider-iptables/iptables"

// effective reports whether a rule does what its author wanted behind the rules of its chain that
// stand before it. It does not where
//
//   - one of them takes all the packets that it is about and does something else with them:
//     it was moved behind the catch-all; or
//   - one of a higher rank takes some of them and does the opposite, and at least one of the
//     two carries a priority. Between lines without a number the order that is found is
//     respected: a chain that grew by hand and was imported has its own.
func effective(rs iptables.Ruleset, id iptables.ChainID, before []iptables.Rule, r iptables.Rule) bool {
	for _, earlier := range before {
		if hides(rs, id, earlier, r) || overrules(earlier, r) {
			return false
		}
	}
	return true
}

// hides reports whether no packet that r is about survives the earlier line, and the verdicts differ.
func hides(rs iptables.Ruleset, id iptables.ChainID, earlier, r iptables.Rule) bool {
	v := verdictOf(earlier)
	if v == passing || !covers(earlier, r) || !ends(rs, id, earlier, nil) {
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
	theirs, ok := standing(earlier)
	return ok && theirs.compare(rankOf(r)) > 0 && !disjoint(earlier, r)
}
