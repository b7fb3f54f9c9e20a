package resources

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func firewallOf(policy *firewall.DefaultPolicy, services map[string]firewall.Service) *firewallModel {
	m := emptyFirewall()
	elements := map[string]attr.Value{}
	for key, s := range services {
		elements[key] = encode(serviceType, fieldsOfService(s))
	}
	m.Host = types.StringValue("web1")
	m.Services = types.MapValueMust(serviceType, elements)
	if policy != nil {
		m.DefaultPolicy = encode(policyType, fieldsOfPolicy(*policy))
	}
	return m
}

// Lines are sorted by service: one that a service had and no longer stands for stays with it, so that the next
// update takes it away.
func TestFirewallLists(t *testing.T) {
	policy := firewall.DefaultPolicy{Chain: "INPUT", Policy: "DROP", ICMP: "none", Loopback: true, Families: []iptables.Family{iptables.IPv4}}
	m := firewallOf(&policy, map[string]firewall.Service{
		"https": {Families: []iptables.Family{iptables.IPv4}}, "22/tcp": {Families: []iptables.Family{iptables.IPv4}},
	})
	m.settle()
	wanted, err := m.rules(iptables.Families)
	if err != nil {
		t.Fatal(err)
	}
	old, err := firewall.ParseLines([]string{"iptables -A INPUT -p udp -m udp --dport 443 -m comment --comment https -j ACCEPT"})
	if err != nil {
		t.Fatal(err)
	}
	m.Rules = types.MapValueMust(linesType, map[string]attr.Value{"https": listOf(old.Print(firewall.Reference))})
	wanted.Lines = append(wanted.Lines, old...)
	m.list(wanted, firewall.Reference)
	got := map[string][]string{"policy": listStrings(m.PolicyRules)}
	for key, lines := range m.Rules.Elements() {
		got[key] = listStrings(lines.(types.List))
	}
	want := map[string][]string{
		"https": {
			"iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT",
			"iptables -A INPUT -p udp -m udp --dport 443 -m comment --comment https -j ACCEPT",
		},
		"22/tcp": {"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"},
		"policy": {"iptables -P INPUT DROP", "iptables -A INPUT -i lo -j ACCEPT"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ports := stringsOf(m.parts().services["22/tcp"].Ports); !slices.Equal(ports, []string{"22/tcp"}) {
		t.Errorf("the key that is a port has the ports %v", ports)
	}
	if n := len(m.listed()); n != 5 {
		t.Errorf("%d lines are listed", n)
	}
}

// Chains get back what the policy of the state had found, or what its on_destroy says, once the plan has no policy
// for them.
func TestFirewallPolicies(t *testing.T) {
	input := func(f iptables.Family) iptables.ChainID {
		return iptables.ChainID{Family: f, Table: "filter", Name: "INPUT"}
	}
	drop := firewall.NewDefaultPolicy("INPUT", "DROP")
	forward := firewall.NewDefaultPolicy("FORWARD", "DROP")
	host := iptables.Ruleset{}.WithChain(input(iptables.IPv4), iptables.Chain{Policy: "DROP"})
	state := firewallOf(&drop, nil)
	state.keep(host, iptables.Families)
	opening := firewallOf(&drop, nil)
	opening.keep(host, iptables.Families)
	opening.change(func(p *firewallParts) { p.policy.OnDestroy = types.StringValue("accept") })
	found := firewall.Policies{input(iptables.IPv4): "DROP", input(iptables.IPv6): "ACCEPT"}
	for name, c := range map[string]struct {
		plan, state *firewallModel
		want        firewall.Policies
	}{
		"kept":               {firewallOf(&drop, nil), state, found},
		"left out":           {firewallOf(nil, nil), state, found},
		"left out and open":  {firewallOf(nil, nil), opening, firewall.Policies{input(iptables.IPv4): "ACCEPT", input(iptables.IPv6): "ACCEPT"}},
		"another chain":      {firewallOf(&forward, nil), state, found},
		"a policy at last":   {firewallOf(&drop, nil), firewallOf(nil, nil), firewall.Policies{}},
		"never had a policy": {firewallOf(nil, nil), firewallOf(nil, nil), firewall.Policies{}},
	} {
		c.plan.inherit(c.state)
		if diff := cmp.Diff(c.want, c.plan.found()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if policy := c.plan.parts().policy; policy != nil && name != "kept" && !policy.PreviousPolicy.IsUnknown() {
			t.Errorf("%s: it is planned to keep %v", name, policy.PreviousPolicy)
		}
	}
	// What is kept is in the attribute, not in the parts only.
	again := *state
	again.decoded = nil
	if diff := cmp.Diff(found, again.found()); diff != "" {
		t.Errorf("the attribute keeps (-want +got):\n%s", diff)
	}
}

// A default policy becomes a firewall and a policy again, and nothing is lost on the way.
func TestPolicyMovedThereAndBack(t *testing.T) {
	p := modelOfPolicy(firewall.NewDefaultPolicy("INPUT", "DROP"))
	p.Host, p.Endpoint = types.StringValue("web1"), types.StringValue("root@web1:22")
	p.ID = types.StringValue("web1 -P INPUT")
	p.Rules = listOf([]string{"iptables -P INPUT DROP"})
	p.keep(iptables.Ruleset{}, iptables.Families)
	whole, err := firewallOfPolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	if id := whole.base().ID.ValueString(); id != "web1 firewall" {
		t.Errorf("the firewall's id is %q", id)
	}
	back, err := policyOfFirewall(whole.(*firewallModel))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, back.(*policyModel), cmp.AllowUnexported(policyModel{}, common{}, listing{}, policyFields{})); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if _, err := policyOfFirewall(emptyFirewall()); err == nil || !strings.Contains(err.Error(), "no default_policy") {
		t.Errorf("a firewall without policy: %v", err)
	}
}

// Parts that are not known yet are left out, and nothing else is.
func TestFirewallHides(t *testing.T) {
	m := firewallOf(nil, map[string]firewall.Service{"ssh": {}, "https": {}})
	config := firewallOf(nil, map[string]firewall.Service{"ssh": {}, "https": {}})
	elements := config.Services.Elements()
	fields := fieldsOfService(firewall.Service{})
	fields.Sources = types.SetUnknown(types.StringType)
	elements["https"] = encode(serviceType, fields)
	config.Services = types.MapValueMust(serviceType, elements)
	m.hide(config)
	if got := slices.Collect(maps.Keys(m.parts().services)); !slices.Equal(got, []string{"ssh"}) {
		t.Errorf("known are %v", got)
	}
	rules, err := m.rules(iptables.Families)
	if err != nil {
		t.Fatal(err)
	}
	m.list(rules, firewall.Reference)
	for key, unknown := range map[string]bool{"ssh": false, "https": true} {
		if m.Rules.Elements()[key].IsUnknown() != unknown {
			t.Errorf("%s: %v", key, m.Rules.Elements()[key])
		}
	}
}
