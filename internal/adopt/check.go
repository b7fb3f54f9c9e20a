package adopt

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Check proves a configuration on what was read of the hosts, as far as that is possible without
// a Terraform: that its files are well formed; that an import of each resource finds just what is
// written; that no two resources of a host claim one line, and every line is claimed or left out;
// and that all edits together change nothing. It returns what is wrong.
func Check(hosts []Host, f Fleet, files []File) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, file := range files {
		if _, diags := hclsyntax.ParseConfig(file.Text, file.Name, hcl.InitialPos); diags.HasErrors() {
			say("%s: %v", file.Name, diags)
		}
		if !bytes.Equal(file.Text, hclwrite.Format(file.Text)) {
			say("%s is not formatted", file.Name)
		}
	}
	on := map[string][]Group{}
	for _, g := range f.Groups {
		for _, h := range g.Hosts {
			on[h] = append(on[h], g)
		}
	}
	for i, h := range hosts {
		problems = append(problems, checkHost(h, on[h.Name], f.Adoptions[i].Left)...)
	}
	return problems
}

func checkHost(h Host, groups []Group, left []Left) []string {
	var problems []string
	say := func(format string, args ...any) {
		problems = append(problems, h.Name+": "+fmt.Sprintf(format, args...))
	}
	var claims firewall.Claims
	adopted := map[string]bool{}
	rs := h.Rules
	for _, g := range groups {
		address := "iptables_" + g.Kind + "." + g.Label
		model, rules, err := find(h.Rules, g)
		if err != nil {
			say("%s: importing %q: %v", address, g.ID, err)
			continue
		}
		if found, written := render(attributesOf(model)), render(attributesOf(g.Model)); !bytes.Equal(found, written) {
			say("%s: an import of %q finds\n%sand not\n%s", address, g.ID, found, written)
		}
		if err := claims.Claim(h.Name, h.Rules, firewall.Claimant{ID: g.ID, Label: address}, rules); err != nil {
			say("%s: %v", address, err)
		}
		if rs, err = rules.Replace(rules, nil)(rs); err != nil {
			say("%s: %v", address, err)
		}
		for _, l := range rules.All() {
			adopted[l.Key()] = true
		}
	}
	if change := iptables.Diff(h.Rules, rs); !change.Empty() {
		for _, family := range change.Families() {
			say("planning would change it:\n%s", change.Payload(family, iptables.Reference))
		}
	}
	out := map[string]bool{}
	for _, l := range left {
		for _, line := range l.Lines {
			out[line.Key()] = true
		}
	}
	for _, l := range linesOf(h.Rules) {
		if in := adopted[l.Key()]; in == out[l.Key()] {
			say("adopted: %t, left out: %t: %s", in, in, l.Text(iptables.Reference))
		}
	}
	return problems
}

// find is what an import of the group's resource finds on a host.
func find(rs iptables.Ruleset, g Group) (model any, rules firewall.PolicyRules, err error) {
	switch g.Model.(type) {
	case firewall.Service:
		var s firewall.Service
		if s, err = firewall.ServiceByID(rs, g.ID); err == nil {
			rules.Lines, err = s.Lines()
		}
		return s, rules, err
	case firewall.DefaultPolicy:
		var p firewall.DefaultPolicy
		if p, _, err = firewall.PolicyByID(rs, g.ID); err == nil {
			rules, err = p.Rules()
		}
		return p, rules, err
	case firewall.IPSet:
		var s firewall.IPSet
		s, err = firewall.SetByID(rs, g.ID)
		return s, firewall.PolicyRules{Sets: []firewall.IPSet{s}}, err
	case firewall.CustomChain:
		var c firewall.CustomChain
		if c, err = firewall.ChainByID(rs, g.ID); err == nil {
			rules, err = c.PolicyRules()
		}
		return c, rules, err
	default:
		var r firewall.CustomRule
		if r, err = firewall.FindRule(rs, g.ID); err == nil {
			rules.Lines, err = r.Lines()
		}
		return r, rules, err
	}
}
