package firewall

import (
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Lay is the firewall that lines make on a host without rules: those of resources' `rules`, whose
// order follows from the lines themselves, as in an apply. With inOrder they stand as they are given, as
// lines of a listing do; so do those of a chain that is itself among the lines ("-N CHAIN"), since whoever
// makes a chain owns it whole. Chains that lines stand in are there. The error names the line that is none.
func Lay(text []string, inOrder bool) (iptables.Ruleset, error) {
	var rs iptables.Ruleset
	whole := map[iptables.ChainID]bool{}
	var rest []string
	for _, t := range text {
		if id, ok := newChain(t); ok {
			rs, whole[id] = rs.WithChain(id, iptables.Chain{}), true
		} else {
			rest = append(rest, t)
		}
	}
	rules, err := ParsePolicyRules(rest)
	if err != nil {
		return rs, err
	}
	var placed Lines
	for _, id := range rules.Lines.chains() {
		c, there := rs.Chain(id)
		if inOrder || whole[id] {
			rs = rs.WithChain(id, iptables.Chain{Policy: c.Policy, Rules: rules.Lines.in(id)})
			continue
		}
		if !there {
			rs = rs.WithChain(id, iptables.Chain{})
		}
		placed = append(placed, rules.Lines.filter(func(l Line) bool { return l.Chain == id })...)
	}
	return PolicyRules{Lines: placed, Policies: rules.Policies}.Replace(PolicyRules{}, nil)(rs)
}

// IsNewChain reports whether a line makes a chain: "iptables -N CHAIN".
func IsNewChain(line string) bool {
	_, ok := newChain(line)
	return ok
}

// newChain reads "iptables -N CHAIN", with -t and without the command as well.
func newChain(line string) (id iptables.ChainID, ok bool) {
	words := strings.Fields(line)
	id = iptables.ChainID{Family: iptables.IPv4, Table: "filter"}
	for _, f := range iptables.Families {
		if len(words) > 0 && words[0] == f.Command() {
			id.Family, words = f, words[1:]
		}
	}
	if len(words) == 4 && words[0] == "-t" {
		id.Table, words = words[1], words[2:]
	}
	if len(words) != 2 || words[0] != "-N" || iptables.CheckChainName(words[1]) != nil {
		return id, false
	}
	id.Name = words[1]
	return id, true
}
