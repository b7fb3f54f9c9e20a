package adopt

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// take takes a resource in, if none of its lines is another's, all of them are there and in force,
// and planning it changes nothing. The resource must be what its ID finds.
func (a *adoption) take(r Resource, rules firewall.PolicyRules) bool {
	lines := rules.All()
	if len(lines)+len(rules.Policies)+len(rules.Chains) == 0 || !portable(r.ID) {
		return false
	}
	for _, l := range lines {
		if a.claimed[l.Key()] || !portable(l.Text(iptables.Reference)) {
			return false
		}
	}
	if slices.ContainsFunc(rules.Lines, func(l firewall.Line) bool { return !a.isPresent(l) }) {
		return false
	}
	chains := firewall.PolicyRules{Chains: rules.Chains}
	if !chains.Present(a.rules).Same(chains) || firewall.RefuseForeign(a.rules, lines) != nil || !a.changesNothing(rules) {
		return false
	}
	for _, l := range lines {
		a.claimed[l.Key()] = true
	}
	r.where = lines
	for id := range rules.Policies {
		r.where = append(r.where, firewall.Line{Chain: id})
	}
	if len(rules.Chains) > 0 {
		r.where = nil // the jump is elsewhere
		for _, own := range rules.Chains {
			r.where = append(r.where, firewall.Line{Chain: own.Chain})
			for _, rule := range own.Rules {
				r.where = append(r.where, firewall.Line{Chain: own.Chain, Rule: rule})
			}
		}
	}
	a.resources = append(a.resources, r)
	return true
}

// changesNothing reports whether the edit of a resource that stands on the host leaves it as it is.
func (a *adoption) changesNothing(rules firewall.PolicyRules) bool {
	after, err := rules.Replace(rules, nil)(a.rules)
	if err != nil {
		return false
	}
	touched := map[iptables.ChainID]bool{}
	for _, l := range rules.All() {
		touched[l.Chain] = true
	}
	for _, own := range rules.Chains {
		touched[own.Chain] = true
	}
	for id := range rules.Policies {
		touched[id] = true
	}
	for id := range touched {
		before, there := a.rules.Chain(id)
		now, stays := after.Chain(id)
		if there != stays || !before.Equal(now) {
			return false
		}
	}
	return true
}

// A presence is the lines of a chain that are in force, by key.
type presence map[string]bool

func (a *adoption) isPresent(l firewall.Line) bool {
	known, ok := a.present[l.Chain]
	if !ok {
		known = presence{}
		c, _ := a.rules.Chain(l.Chain)
		var lines firewall.Lines
		for _, r := range c.Rules {
			lines = append(lines, firewall.Line{Chain: l.Chain, Rule: r})
		}
		for _, p := range firewall.Present(a.rules, lines.Unique()) {
			known[p.Key()] = true
		}
		a.present[l.Chain] = known
	}
	return known[l.Key()]
}

// portable reports whether Terraform keeps a text as it is: its strings are UTF-8, and it
// composes characters of several code points (Unicode's form NFC).
func portable(s string) bool { return utf8.ValidString(s) && norm.NFC.IsNormalString(s) }
