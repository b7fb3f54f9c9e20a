package firewall

import (
	"cmp"
	"maps"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Replace is the edit that makes these rules stand where the previous ones stood. Chains
// whose policy was set before and is no longer get back the policy that was found there at
// first; a chain that found does not name keeps what it has. Lines that should not stand in
// exclusive chains go.
func (r PolicyRules) Replace(previous PolicyRules, found Policies) Edit {
	policies := maps.Clone(r.Policies)
	if policies == nil {
		policies = Policies{}
	}
	for id := range previous.Policies {
		before, known := found[id]
		if _, kept := policies[id]; !kept && known {
			policies[id] = before
		}
	}
	edits := []Edit{
		Replace(previous.Lines, r.Lines), replaceChains(previous.Chains, r.Chains), replaceTables(previous.Tables, r.Tables),
		replaceSets(previous.Sets, r.Sets),
	}
	for _, e := range r.Exclusive {
		edits = append(edits, e.edit)
	}
	return Sequence(append(edits, policies.Set())...)
}

// Remove is the edit that takes the rules away again: the policies become those that were
// found at first, or with accept "ACCEPT", in the same commit.
func (r PolicyRules) Remove(found Policies, accept bool) Edit {
	if accept {
		found = maps.Clone(found)
		if found == nil {
			found = Policies{}
		}
		for id := range r.Policies {
			found[id] = "ACCEPT"
		}
	}
	return PolicyRules{}.Replace(r, found)
}

// Set is the edit that sets the policies and leaves all rules alone.
func (p Policies) Set() Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, id := range p.chains() {
			c, ok := rs.Chain(id)
			if !ok {
				return rs, &NoChainError{id}
			}
			if c.Policy != p[id] {
				rs = rs.WithChain(id, iptables.Chain{Policy: p[id], Rules: c.Rules})
			}
		}
		return rs, nil
	}
}

// Present are those of the rules that are in force, the policies that the chains have
// now, whatever they were wanted to be, and what should not stand in exclusive chains and does.
func (r PolicyRules) Present(rs iptables.Ruleset) PolicyRules {
	present := PolicyRules{Lines: Present(rs, r.Lines), Policies: r.Policies.Live(rs), Exclusive: r.Exclusive, Sets: r.Sets}
	for _, s := range r.Sets {
		if live, ok := rs.Set(s.Name); ok {
			present.Live = append(present.Live, live)
		}
	}
	for _, own := range r.Chains {
		if is, ok := own.present(rs); ok {
			present.Chains = append(present.Chains, is)
		}
	}
	present.Tables = r.Tables
	if len(r.Exclusive)+len(r.Tables) > 0 {
		present.Unmanaged = Lines{}
	}
	for _, e := range r.Exclusive {
		present.Unmanaged = append(present.Unmanaged, e.Unmanaged(rs)...)
	}
	return present
}

// Live are the policies that the same chains have on a host.
func (p Policies) Live(rs iptables.Ruleset) Policies {
	live := Policies{}
	for id := range p {
		if c, ok := rs.Chain(id); ok {
			live[id] = c.Policy
		}
	}
	return live
}

// LivePolicies are the policies of the policy's chain now: what `previous_policy` keeps at creation.
func (p DefaultPolicy) LivePolicies(rs iptables.Ruleset) Policies {
	chains := Policies{}
	for _, f := range p.families() {
		chains[p.chainOf(f)] = ""
	}
	return chains.Live(rs)
}

// Print is the text for the attribute `rules`: of each family its policies, then its chains with
// their rules and the jumps to them, then its lines.
func (r PolicyRules) Print(dialect func(iptables.Family) iptables.Dialect) []string {
	var text []string
	for _, f := range iptables.Families {
		for _, id := range r.Policies.chains() {
			if id.Family == f {
				text = append(text, id.PolicyLine(r.Policies[id]))
			}
		}
		for _, own := range r.Chains {
			if own.Chain.Family == f {
				text = append(text, own.print(dialect(f))...)
			}
		}
		text = append(text, r.Lines.filter(func(l Line) bool { return l.Chain.Family == f }).Print(dialect)...)
	}
	return text
}

// ParsePolicyRules reads back what Print wrote, lines and policies; that a chain is there is
// passed over. The error names the line that cannot be read.
func ParsePolicyRules(text []string) (PolicyRules, error) {
	r := PolicyRules{Policies: Policies{}}
	var lines []string
	for _, t := range text {
		if id, policy, err := iptables.ParsePolicyLine(t); err == nil {
			r.Policies[id] = policy
		} else if _, err := iptables.ParseChainLine(t); err != nil {
			lines = append(lines, t)
		}
	}
	var err error
	r.Lines, err = ParseLines(lines)
	return r, err
}

// chains lists the chains in a fixed order.
func (p Policies) chains() []iptables.ChainID {
	return slices.SortedFunc(maps.Keys(p), func(a, b iptables.ChainID) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Name, b.Name))
	})
}
