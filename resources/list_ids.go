package resources

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ids are the import IDs, without the host, of what a host has of one kind.
func (w wish) ids(rs iptables.Ruleset, kind string) ([]string, error) {
	var port firewall.Port
	var protocols []string
	if text := w.port.ValueString(); text != "" {
		var err error
		if port, protocols, err = anyPort(text); err != nil {
			return nil, err
		}
	}
	matches := func(lines firewall.Lines) bool {
		return slices.ContainsFunc(lines, func(l firewall.Line) bool {
			return (w.table.IsNull() || l.Chain.Table == w.table.ValueString()) && (w.chain.IsNull() || l.Chain.Name == w.chain.ValueString()) &&
				(protocols == nil || slices.ContainsFunc(protocols, func(p string) bool { return firewall.IsAbout(l.Rule, p, port) }))
		})
	}
	var ids []string
	if kind == "rule" && w.everything.ValueBool() || w.otherSoftware.ValueBool() {
		for _, l := range w.rules(rs) {
			if matches(firewall.Lines{l}) {
				ids = append(ids, l.Text(iptables.Reference))
			}
		}
	}
	if kind == "rule" && w.everything.ValueBool() {
		return ids, nil
	}
	for _, r := range adopt.Adopt(adopt.Host{Name: w.host, Rules: rs}).Resources {
		if r.Kind() == kind && (kind == "ip_set" || matches(r.Where())) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// rules are the lines of a host one by one: with everything all that other software has not, and with other
// software that.
func (w wish) rules(rs iptables.Ruleset) firewall.Lines {
	var lines firewall.Lines
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			l := firewall.Line{Chain: id, Rule: r}
			_, others := firewall.LineOwner(rs, l)
			if others && w.otherSoftware.ValueBool() || !others && w.everything.ValueBool() {
				lines = append(lines, l)
			}
		}
	}
	return lines.Unique()
}

// anyPort reads "443/tcp", or "443" for all protocols that have ports.
func anyPort(text string) (firewall.Port, []string, error) {
	if strings.Contains(text, "/") {
		p, err := firewall.ParsePort(text)
		return p, []string{p.Protocol}, err
	}
	p, err := firewall.ParsePort(text + "/tcp")
	if err != nil {
		err = fmt.Errorf("%q is no port: write \"443\" or \"443/tcp\"", text)
	}
	return p, []string{"tcp", "udp", "sctp", "dccp", "udplite"}, err
}
