package adopt

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Left is something that no resource was made of.
type Left struct {
	Software string // whose it is; "" for what nobody owns
	Reason   string // why it was left, where nobody owns it
	Lines    firewall.Lines
	Policies firewall.Policies
	Sets     []string
}

// leaveOthers lists what other software has on the host: its chains, and its lines in others.
func (a *adoption) leaveOthers() {
	of := map[string]int{} // index in left by software
	leave := func(software string, l firewall.Line) {
		i, ok := of[software]
		if !ok {
			i = len(a.left)
			of[software] = i
			a.left = append(a.left, Left{Software: software})
		}
		a.left[i].Lines = append(a.left[i].Lines, l)
		a.claimed[l.Key()] = true
	}
	for _, l := range linesOf(a.rules) {
		if software, ok := firewall.LineOwner(a.rules, l); ok {
			leave(software, l)
		}
	}
}

// isOthersPolicy reports whether nothing but lines of other software stands in a chain of the
// table filter: then its policy is theirs too. Docker and ufw set them.
func (a *adoption) isOthersPolicy(f iptables.Family, chain string) bool {
	id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
	c, _ := a.rules.Chain(id)
	return len(c.Rules) > 0 && !slices.ContainsFunc(c.Rules, func(r iptables.Rule) bool {
		_, others := firewall.LineOwner(a.rules, firewall.Line{Chain: id, Rule: r})
		return !others
	})
}

// isSettled reports whether the policy of a chain of the table filter needs no resource of its own.
func (a *adoption) isSettled(f iptables.Family, chain string) bool {
	return slices.Contains(a.whole, iptables.ChainID{Family: f, Table: "filter", Name: chain}) || a.isOthersPolicy(f, chain)
}

// unkept lists policies that cannot be had without a change, of families that are not done: every
// default policy of this provider keeps what a host cannot do without.
func (a *adoption) unkept(chain string, done []iptables.Family) {
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
		c, _ := a.rules.Chain(id)
		if c.Policy == "ACCEPT" || slices.Contains(done, f) || a.isSettled(f, chain) {
			continue
		}
		a.unkeptOf = append(a.unkeptOf, id)
		what := "neighbour discovery"
		if f == iptables.IPv4 {
			what = "DHCP"
		}
		a.left = append(a.left, Left{
			Policies: firewall.Policies{id: c.Policy},
			Reason:   fmt.Sprintf("an iptables_default_policy would add %s, which the host has not", what),
		})
	}
}
