package firewall

import (
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// variants are a rule and others that are nearly the same: decided the other way, with a priority, of no name.
func variants(r iptables.Rule) []iptables.Rule {
	commented := func(r iptables.Rule, comment string) iptables.Rule {
		var kept []iptables.Match
		for _, m := range r.Matches {
			if m.Name != "comment" {
				kept = append(kept, m)
			}
		}
		if comment != "" {
			kept = append(kept, iptables.Match{Name: "comment", Options: []iptables.Option{{Name: "--comment", Values: []string{comment}}}})
		}
		r.Matches = kept
		return r
	}
	opposite := r
	opposite.Target = iptables.Target{Name: "ACCEPT"}
	if verdictOf(r) == accepting {
		opposite.Target.Name = "DROP"
	}
	all := []iptables.Rule{r, opposite}
	for _, v := range []iptables.Rule{r, opposite} {
		all = append(all, commented(v, "400 early"), commented(v, "2000 late"), commented(v, ""))
	}
	return all
}

// An index says what a search says, of every rule in every chain of real firewalls, and of rules that contradict
// them, have no name, or should stand elsewhere.
func TestIndexIsASearch(t *testing.T) {
	questions, ineffective := 0, 0
	for name, rs := range firewalls(t) {
		for _, id := range rs.Chains() {
			c, _ := rs.Chain(id)
			// What is asked about stands in the chain too, at its end and in its middle.
			some := c.Rules[:min(len(c.Rules), 12)]
			for _, r := range some {
				for _, v := range variants(r) {
					middle := len(c.Rules) / 2
					rules := append(append(append([]iptables.Rule{}, c.Rules[:middle]...), v), c.Rules[middle:]...)
					changed := rs.WithChain(id, iptables.Chain{Policy: c.Policy, Rules: append(rules, variants(r)...)})
					is, _ := changed.Chain(id)
					at, stands := newIndex(changed, id, is.Rules).locate(v)
					wantAt, want := search(changed, id, v)
					if at != wantAt || stands != want {
						t.Fatalf("%s, %s: %d, %v with an index; %d, %v by search", name, id.Line(v, iptables.Reference), at, stands, wantAt, want)
					}
					questions++
					if !want {
						ineffective++
					}
				}
			}
		}
	}
	if questions < 100 || ineffective == 0 {
		t.Errorf("%d questions, of which %d were about rules without effect", questions, ineffective)
	}
}
