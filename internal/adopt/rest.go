package adopt

import (
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// rest takes every line that is no other resource's as a rule: for both families where both
// have it.
func (a *adoption) rest() {
	for _, l := range linesOf(a.rules) {
		if a.claimed[l.Key()] {
			continue
		}
		// Without a command it is the line of both families, if both have it.
		if l.Chain.Family == iptables.IPv4 && a.rule(bare(l)) || a.rule(l.Text(iptables.Reference)) {
			a.rulesOf[l.Chain]++
		}
	}
}

func (a *adoption) rule(id string) bool {
	rule, err := firewall.FindRule(a.rules, id)
	if err != nil {
		return false
	}
	lines, err := rule.Lines()
	if err != nil {
		return false
	}
	if rule.Table == "filter" {
		rule.Table = "" // which says the same
	}
	return a.take(Resource{Model: rule, ID: id}, firewall.PolicyRules{Lines: lines})
}

// linesOf are all lines of a host.
func linesOf(rs iptables.Ruleset) firewall.Lines {
	var lines firewall.Lines
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			lines = append(lines, firewall.Line{Chain: id, Rule: r})
		}
	}
	return lines
}

// bare is a line without its command.
func bare(l firewall.Line) string {
	return strings.TrimPrefix(l.Text(iptables.Reference), l.Chain.Family.Command()+" ")
}

// leaveRest lists what no resource could be made of.
func (a *adoption) leaveRest() {
	for _, l := range linesOf(a.rules) {
		if !a.claimed[l.Key()] {
			a.claimed[l.Key()] = true
			a.leave(a.reason(l), l)
		}
	}
}

// leave lists a line beside those of the same reason.
func (a *adoption) leave(reason string, l firewall.Line) {
	i := slices.IndexFunc(a.left, func(of Left) bool { return of.Reason == reason })
	if i < 0 {
		i = len(a.left)
		a.left = append(a.left, Left{Reason: reason})
	}
	a.left[i].Lines = append(a.left[i].Lines, l)
}

// reason says why a line is no rule of its own.
func (a *adoption) reason(l firewall.Line) string {
	switch {
	case !portable(l.Text(iptables.Reference)):
		return "Terraform would change its text"
	case !a.isPresent(l):
		return "no packet reaches it: an earlier line decides on all that it is about"
	default:
		return "what iptables prints of it cannot be read back"
	}
}
