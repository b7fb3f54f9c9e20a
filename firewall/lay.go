package firewall

import "github.com/vpsfirewall/terraform-provider-iptables/iptables"

// Lay is the firewall that lines make on a host without rules: those of resources' `rules`. In built-in
// chains their order follows from the lines themselves, as in an apply; with inOrder they stand as they are
// given, as lines of a listing do. Lines of other chains always do: most of these are owned whole by an
// iptables_chain. Chains that lines stand in are there, and so are those that a line makes ("-N CHAIN"). The error
// names the line that is none.
func Lay(text []string, inOrder bool) (iptables.Ruleset, error) {
	var rs iptables.Ruleset
	for _, t := range text {
		if id, err := iptables.ParseChainLine(t); err == nil {
			rs = rs.WithChain(id, iptables.Chain{})
		}
	}
	rules, err := ParsePolicyRules(text)
	if err != nil {
		return rs, err
	}
	placed := rules.Lines.filter(func(l Line) bool { return l.Chain.BuiltIn() && !inOrder })
	for _, id := range rules.Lines.chains() {
		if inOrder || !id.BuiltIn() {
			c, _ := rs.Chain(id)
			rs = rs.WithChain(id, iptables.Chain{Policy: c.Policy, Rules: rules.Lines.in(id)})
		}
	}
	return PolicyRules{Lines: placed, Policies: rules.Policies}.Replace(PolicyRules{}, nil)(rs)
}
