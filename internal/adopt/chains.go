package adopt

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// chains takes the chains that somebody made, each as one resource: of both families together
// where both have it.
func (a *adoption) chains() {
	for _, id := range a.rules.Chains() {
		if _, others := firewall.OwnerOn(a.rules, id); others || id.BuiltIn() {
			continue
		}
		if a.claimed[chainKey(id)] {
			continue
		}
		command := id.Family.Command() + " "
		bare, alone := firewall.ChainID(id.Table, id.Name), firewall.ChainAloneID(id.Table, id.Name)
		for _, id := range []string{bare, alone, command + bare, command + alone} {
			if a.chain(id) {
				break
			}
		}
	}
}

// wholeChains takes built-in chains whole.
func (a *adoption) wholeChains(ids []iptables.ChainID) {
	for _, id := range ids {
		if slices.Contains(a.whole, id) {
			continue
		}
		bare, both := firewall.ChainID(id.Table, id.Name), false
		for _, f := range iptables.Families {
			twin := iptables.ChainID{Family: f, Table: id.Table, Name: id.Name}
			if f != id.Family && slices.Contains(ids, twin) && a.samePolicy(id, twin) && a.chain(bare) {
				a.whole, both = append(a.whole, id, twin), true
			}
		}
		if !both && a.chain(id.Family.Command()+" "+bare) {
			a.whole = append(a.whole, id)
		}
	}
}

func (a *adoption) samePolicy(x, y iptables.ChainID) bool {
	one, _ := a.rules.Chain(x)
	other, _ := a.rules.Chain(y)
	return one.Policy == other.Policy
}

func (a *adoption) chain(id string) bool {
	c, err := firewall.ChainByID(a.rules, id)
	if err != nil {
		return false
	}
	rules, err := c.PolicyRules()
	if err != nil {
		return false
	}
	for _, own := range rules.Chains {
		if a.claimed[chainKey(own.Chain)] {
			return false
		}
	}
	if !a.take(Resource{Model: c, ID: id}, rules) {
		return false
	}
	for _, own := range rules.Chains {
		a.claimed[chainKey(own.Chain)] = true
	}
	return true
}

// chainKey is a chain's own key among those of lines.
func chainKey(id iptables.ChainID) string {
	return id.Family.Command() + " -t " + id.Table + " -N " + id.Name
}

// manyRules reports whether so many lines of a chain have become rules of their own that a list of them reads
// better, and plans faster. INPUT of the filter is where people look for services one by one.
func manyRules(id iptables.ChainID, n int) bool {
	if id.Table == "filter" && id.Name == "INPUT" {
		return n > 25
	}
	return n > 8
}

// betterWhole are the built-in chains that one resource should own whole, order and all: those in
// which lines have no effect where they stand (which is drift for a rule of its own), those whose
// policy cannot be had alone, and those with many rules that are no services.
func (a *adoption) betterWhole() []iptables.ChainID {
	var whole []iptables.ChainID
	for _, id := range a.rules.Chains() {
		if !id.BuiltIn() {
			continue
		}
		c, _ := a.rules.Chain(id)
		idle := slices.ContainsFunc(c.Rules, func(r iptables.Rule) bool {
			l := firewall.Line{Chain: id, Rule: r}
			_, others := firewall.LineOwner(a.rules, l)
			return !others && !a.isPresent(l)
		})
		if idle || slices.Contains(a.unkeptOf, id) || manyRules(id, a.rulesOf[id]) {
			whole = append(whole, id)
		}
	}
	return whole
}
