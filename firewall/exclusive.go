package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An Exclusive chain holds certain lines and no others. The lines are those of other resources,
// which put them there and take them away; whatever else stands in the chain goes. So neither is
// in the other's way, whichever of them is applied first.
type Exclusive struct {
	Chain iptables.ChainID
	// Lines may be there. Those of other chains count for nothing.
	Lines  Lines
	Ignore Ignore
	// Report leaves what else there is.
	Report bool
}

// Unmanaged are the lines that stand in the chain and should not, from top to bottom. A second
// copy of a line that may be there is one of them.
func (e Exclusive) Unmanaged(rs iptables.Ruleset) Lines {
	c, _ := rs.Chain(e.Chain)
	managed := e.managed()
	var found Lines
	for i, keep := range e.keeps(rs, c.Rules, managed) {
		if !keep {
			found = append(found, Line{e.Chain, c.Rules[i]})
		}
	}
	return found
}

// edit takes away what should not be there. The error is a *NoChainError or *ForeignChainError.
func (e Exclusive) edit(rs iptables.Ruleset) (iptables.Ruleset, error) {
	c, ok := rs.Chain(e.Chain)
	if !ok {
		return rs, &NoChainError{e.Chain}
	}
	if err := e.Ignore.refuse(rs, e.Chain); err != nil || e.Report {
		return rs, err
	}
	keeps := e.keeps(rs, c.Rules, e.managed())
	if !slices.Contains(keeps, false) {
		return rs, nil
	}
	var rules []iptables.Rule
	for i, keep := range keeps {
		if keep {
			rules = append(rules, c.Rules[i])
		}
	}
	return rs.WithChain(e.Chain, iptables.Chain{Policy: c.Policy, Rules: rules}), nil
}

// owns reports whether the line would be taken away.
func (e Exclusive) owns(rs iptables.Ruleset, l Line) bool {
	return !e.Report && l.Chain == e.Chain && !e.managed()[l.Rule.Key()] && !e.Ignore.Line(rs, l)
}

// managed are the keys of the lines that may be there.
func (e Exclusive) managed() map[string]bool {
	keys := map[string]bool{}
	for _, l := range e.Lines {
		if l.Chain == e.Chain {
			keys[l.Rule.Key()] = true
		}
	}
	return keys
}

// keeps says of each rule whether it may stay.
func (e Exclusive) keeps(rs iptables.Ruleset, rules []iptables.Rule, managed map[string]bool) []bool {
	keeps := make([]bool, len(rules))
	seen := map[string]bool{}
	for i, r := range rules {
		key := r.Key()
		keeps[i] = managed[key] && !seen[key] || e.Ignore.Line(rs, Line{e.Chain, r})
		seen[key] = true
	}
	return keeps
}
