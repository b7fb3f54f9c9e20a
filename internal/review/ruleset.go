package review

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// settleRuleset adds what the texts of a ruleset do not say: which lines of others an apply takes away, which of its own
// are gone already, and that the policies it set become ACCEPT when it is destroyed.
func settleRuleset(r planned, before, after *host) {
	switch {
	case r.after == nil && before != nil:
		for _, line := range before.before.ordered {
			if id, _, err := iptables.ParsePolicyLine(line); err == nil {
				before.after.ordered = append(before.after.ordered, id.PolicyLine("ACCEPT"))
			}
		}
	case after != nil:
		added, removed := r.after.lines("added"), r.after.lines("removed")
		s := &after.before
		s.ordered = slices.DeleteFunc(s.ordered, func(line string) bool { return slices.Contains(added, line) && !slices.Contains(removed, line) })
		for _, line := range removed {
			if !slices.Contains(s.ordered, line) {
				s.placed = append(s.placed, line)
			}
		}
	}
}
