package resources

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestKnownButHost(t *testing.T) {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"host": tftypes.String, "ports": tftypes.Set{ElementType: tftypes.String}}}
	ports := tftypes.Set{ElementType: tftypes.String}
	value := func(host, ports any) tftypes.Value {
		return tftypes.NewValue(object, map[string]tftypes.Value{
			"host":  tftypes.NewValue(tftypes.String, host),
			"ports": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, ports),
		})
	}
	for name, c := range map[string]struct {
		v    tftypes.Value
		want bool
	}{
		"all known":       {value("web1", []tftypes.Value{}), true},
		"host unknown":    {value(tftypes.UnknownValue, nil), true},
		"ports unknown":   {value("web1", tftypes.UnknownValue), false},
		"a port unknown":  {value("web1", []tftypes.Value{tftypes.NewValue(ports.ElementType, tftypes.UnknownValue)}), false},
		"nothing":         {tftypes.NewValue(object, nil), false},
		"unknown at all ": {tftypes.NewValue(object, tftypes.UnknownValue), false},
	} {
		if got := knownButHost(c.v); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// A spelling is taken over only where it changes no rule.
func TestKeepSpelling(t *testing.T) {
	state := modelOfService(firewall.Service{Name: "app", Ports: []string{"8080/tcp"}, Sources: []string{"10.0.0.1"}, RateLimit: &firewall.RateLimit{Rate: "60/minute"}})
	plan := modelOfService(firewall.Service{Name: "app", Ports: []string{"8080/TCP"}, Sources: []string{"10.0.0.2/32"}, RateLimit: &firewall.RateLimit{Rate: "1/second"}})
	p := planning{act: act{model: plan, snapshot: &firewall.Snapshot{Facts: bothFamilies}}, state: state}
	wanted, err := p.wanted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.keepSpelling(t.Context(), wanted)
	if !plan.Ports.Equal(state.Ports) {
		t.Errorf("ports are spelled %v", plan.Ports)
	}
	if !plan.RateLimit.Equal(state.RateLimit) {
		t.Errorf("the rate is spelled %v", plan.RateLimit)
	}
	if got := stringsOf(plan.Sources); len(got) != 1 || got[0] != "10.0.0.2/32" {
		t.Errorf("sources have become %v", got)
	}
}

// A null is no spelling: Terraform would refuse a value where the configuration has none.
func TestKeepSpellingNull(t *testing.T) {
	state := modelOfService(firewall.Service{Name: "app", Ports: []string{"8080/tcp"}, Destination: "10.0.0.1", Log: &firewall.Log{}})
	plan := modelOfService(firewall.Service{Name: "app", Ports: []string{"8080/tcp"}})
	p := planning{act: act{model: plan, snapshot: &firewall.Snapshot{Facts: bothFamilies}}, state: state}
	wanted, err := p.wanted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.keepSpelling(t.Context(), wanted)
	if !plan.Destination.IsNull() || !plan.Log.IsNull() {
		t.Errorf("taken over: %v, %v", plan.Destination, plan.Log)
	}
}

func TestKnownLines(t *testing.T) {
	lines, err := firewall.ParseLines([]string{"-A INPUT -p tcp -j ACCEPT", "-A INPUT -p udp -j ACCEPT"})
	if err != nil {
		t.Fatal(err)
	}
	a, b := &Host{}, &Host{}
	var k known
	k.add(a, firewall.PolicyRules{Lines: lines[:1], Sets: []firewall.IPSet{{Name: "bad"}}})
	if got := k.foreignSets(a, []string{"bad", "good"}); !slices.Equal(got, []string{"good"}) {
		t.Errorf("foreign sets on a: %v", got)
	}
	if got := k.foreign(a, lines); len(got) != 1 || got[0].Key() != lines[1].Key() {
		t.Errorf("foreign on a: %v", got.Print(firewall.Reference))
	}
	if got := k.foreign(b, lines); len(got) != 2 {
		t.Errorf("foreign on b: %v", got.Print(firewall.Reference))
	}
}

// A line is unknown in a plan only where not even the host could say how it lists it, and does not
// list it yet.
func TestVeil(t *testing.T) {
	id := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
	lines, err := firewall.ParseLines([]string{"-A INPUT -m here --a 1 -j ACCEPT", "-A INPUT -m new --b 2 -j ACCEPT", "-A INPUT -p tcp -j ACCEPT"})
	if err != nil {
		t.Fatal(err)
	}
	host := iptables.Ruleset{}.WithChain(id, iptables.Chain{Policy: "ACCEPT", Rules: []iptables.Rule{lines[0].Rule}})
	m := &ruleModel{}
	p := planning{act: act{model: m, snapshot: &firewall.Snapshot{Rules: host, Facts: bothFamilies}}}
	wanted := firewall.PolicyRules{Lines: lines}
	m.list(wanted, p.snapshot.Facts.Dialect)
	p.veil(wanted)
	for i, unknown := range []bool{false, true, false} {
		if got := m.Rules.Elements()[i].IsUnknown(); got != unknown {
			t.Errorf("%s: unknown is %t", lines[i].Text(iptables.Reference), got)
		}
	}
}
