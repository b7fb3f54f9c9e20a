package firewall

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ImportChain describes a chain as it is, in the given families or, where that is nil, in those
// that have it: its rules but those of other software, its policy where it drops, and the jump
// to it where there is just one. The error is a *NoChainError, or says that the rules cannot be written as specs.
func ImportChain(rs iptables.Ruleset, table, name string, families []iptables.Family) (CustomChain, error) {
	c := CustomChain{Table: table, Name: name}
	lists := map[iptables.Family][]iptables.Rule{}
	for _, f := range familiesOr(families) {
		id := iptables.ChainID{Family: f, Table: tableOr(table), Name: name}
		if is, ok := (OwnChain{Chain: id, Ignore: Ignore{owners: true}}).present(rs); ok {
			c.Families = append(c.Families, f)
			lists[f] = is.Rules
		}
	}
	if len(c.Families) == 0 {
		return c, &NoChainError{iptables.ChainID{Family: familiesOr(families)[0], Table: tableOr(table), Name: name}}
	}
	c.Rules = joinSpecs(lists[iptables.IPv4], lists[iptables.IPv6], len(c.Families) > 1)
	c.Policy = commonPolicy(rs, c.ids())
	c.JumpFrom = onlyJump(rs, c)
	if len(c.Families) == len(iptables.Families) {
		c.Families = nil
	}
	made, err := c.PolicyRules()
	if err == nil && !slices.EqualFunc(made.Chains, familiesOr(c.Families), func(own OwnChain, f iptables.Family) bool {
		return slices.EqualFunc(own.Rules, lists[f], iptables.Rule.Equal)
	}) {
		err = fmt.Errorf("the rules of chain %s cannot be written as specs", name)
	}
	return c, err
}

// joinSpecs makes one list of the rules of two families: what both have in the same order stands
// there once.
func joinSpecs(v4, v6 []iptables.Rule, both bool) []string {
	specs := []string{}
	add := func(rules []iptables.Rule, f iptables.Family) {
		for _, r := range rules {
			spec := r.Spec(iptables.Reference)
			if both && addressFamilies(spec) == nil {
				spec = fmt.Sprintf("-%d %s", f, spec)
			}
			specs = append(specs, spec)
		}
	}
	places := map[string][]int{} // of the IPv6 rules
	for i, r := range v6 {
		spec := r.Spec(iptables.Reference)
		places[spec] = append(places[spec], i)
	}
	next := 0
	for i, r := range v4 {
		spec := r.Spec(iptables.Reference)
		at := slices.IndexFunc(places[spec], func(n int) bool { return n >= next })
		if at < 0 {
			add(v4[i:i+1], iptables.IPv4)
			continue
		}
		n := places[spec][at]
		add(v6[next:n], iptables.IPv6)
		specs = append(specs, spec)
		next = n + 1
	}
	add(v6[next:], iptables.IPv6)
	return specs
}

// commonPolicy is "DROP" where that is the policy in all families, else "".
func commonPolicy(rs iptables.Ruleset, ids []iptables.ChainID) string {
	for _, id := range ids {
		if c, _ := rs.Chain(id); c.Policy != "DROP" {
			return ""
		}
	}
	return "DROP"
}

// onlyJump is the jump to the chain where it is the only one in each family, and the same. One that
// other software has made, that no packet reaches, or that stands in a chain with an owner of its own
// is not the chain's.
func onlyJump(rs iptables.Ruleset, c CustomChain) *JumpFrom {
	var jump *JumpFrom
	for _, id := range c.ids() {
		jumps := rs.JumpsTo(id)
		if len(jumps) != 1 || jumps[0].Rule.Target.Goto {
			return nil
		}
		r := jumps[0].Rule
		line := Line{jumps[0].Chain, r}
		if _, others := LineOwner(rs, line); others || !line.Chain.BuiltIn() || !(Jump{Line: line}).stands(rs) {
			return nil
		}
		r.Target = iptables.Target{}
		found := JumpFrom{Chain: jumps[0].Chain.Name, Spec: r.Spec(iptables.Reference)}
		if jump != nil && *jump != found {
			return nil
		}
		jump = &found
	}
	return jump
}
