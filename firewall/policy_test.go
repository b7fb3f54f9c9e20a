package firewall

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestPolicyRules(t *testing.T) {
	change := func(chain, policy string, edit func(*DefaultPolicy)) DefaultPolicy {
		p := NewDefaultPolicy(chain, policy)
		edit(&p)
		return p
	}
	for name, policy := range map[string]DefaultPolicy{
		"input-drop":     NewDefaultPolicy("INPUT", "DROP"),
		"output-drop":    NewDefaultPolicy("OUTPUT", "DROP"),
		"forward-drop":   NewDefaultPolicy("FORWARD", "DROP"),
		"input-accept":   change("INPUT", "ACCEPT", func(p *DefaultPolicy) { p.DropInvalid = true }),
		"input-reject":   change("INPUT", "REJECT", func(p *DefaultPolicy) { p.Established, p.Loopback, p.ICMP = false, false, "none" }),
		"input-rule":     change("INPUT", "DROP", func(p *DefaultPolicy) { p.Method, p.Families, p.ICMP, p.DropInvalid = "rule", onlyV4, "ping", true }),
		"input-ping":     change("INPUT", "DROP", func(p *DefaultPolicy) { p.ICMP, p.PingRate = "ping", "5/second" }),
		"input-icmp-all": change("INPUT", "DROP", func(p *DefaultPolicy) { p.ICMP = "all" }),
		"forward-ping":   change("FORWARD", "DROP", func(p *DefaultPolicy) { p.ICMP = "ping" }),
		"input-log":      change("INPUT", "REJECT", func(p *DefaultPolicy) { p.Families, p.Log = onlyV4, &PolicyLog{Level: "info"} }),
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := policy.Rules()
			if err != nil {
				t.Fatal(err)
			}
			text := rules.Print(Reference)
			if diff := cmp.Diff(string(openPage(t, "testdata/policy/"+name+".txtar")[0].Data), strings.Join(text, "\n")+"\n"); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			back, err := ParsePolicyRules(text)
			if err != nil || !back.Lines.Same(rules.Lines) || cmp.Diff(rules.Policies, back.Policies) != "" {
				t.Errorf("the rules do not read back: %v", err)
			}

			// On an empty host they stand in that very order, and all are in force.
			found := policy.LivePolicies(iptables.Ruleset{})
			rs := applied(t, iptables.Ruleset{}, rules.Replace(PolicyRules{}, found))
			var stands Lines
			for _, id := range rs.Chains() {
				c, _ := rs.Chain(id)
				for _, r := range c.Rules {
					stands = append(stands, Line{id, r})
				}
			}
			if diff := cmp.Diff(textOf(rules.Lines), textOf(stands)); diff != "" {
				t.Errorf("on the host (-printed +there):\n%s", diff)
			}
			if there := rules.Present(rs); !there.Lines.Same(rules.Lines) || cmp.Diff(rules.Policies, there.Policies) != "" {
				t.Errorf("present: %v", there.Print(Reference))
			}
			if diff := cmp.Diff("", printed(applied(t, rs, rules.Remove(found, false)))); diff != "" {
				t.Errorf("removing leaves:\n%s", diff)
			}

			// Imported, it is the same policy, as far as that says anything.
			method := "policy"
			if len(rules.Policies) == 0 {
				method = "rule"
			}
			imported, missing, ok := ImportPolicy(rs, policy.Chain, rules.Lines.family(), method)
			if !ok || len(missing) > 0 {
				t.Fatalf("import: %v, missing %v", ok, textOf(missing))
			}
			again, err := imported.Rules()
			if err != nil || cmp.Diff(text, again.Print(Reference)) != "" {
				t.Errorf("imported as %+v (-want +got): %v\n%s", imported, err, cmp.Diff(text, again.Print(Reference)))
			}
		})
	}
}

func (ls Lines) family() iptables.Family {
	for _, l := range ls {
		return l.Chain.Family
	}
	return iptables.IPv4
}

// Each page of testdata/import-policy has a host and the policy that is found there.
func TestImportPolicy(t *testing.T) {
	for name, page := range pages(t, "import-policy") {
		t.Run(name, func(t *testing.T) {
			rs := onHost(t, string(page[0].Data))
			words := strings.Fields(string(page[1].Data)) // chain, family's command, method
			family := iptables.IPv4
			if words[1] == "ip6tables" {
				family = iptables.IPv6
			}
			policy, missing, ok := ImportPolicy(rs, words[0], family, words[2])
			got := "none\n"
			if ok {
				rules, err := policy.Rules()
				if err != nil {
					t.Fatal(err)
				}
				got = describePolicy(policy) + "\n"
				if text := textOf(missing); text != "" {
					got += "missing:\n" + text
				}
				after := applied(t, rs, rules.Replace(rules, nil))
				if diff := cmp.Diff(printed(rs), printed(after)); diff != "" && len(missing) == 0 {
					t.Errorf("planning the import changes the host:\n%s", diff)
				}
			}
			if diff := cmp.Diff(string(page[2].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func describePolicy(p DefaultPolicy) string {
	words := []string{p.Policy, "icmp=" + p.ICMP}
	for _, f := range p.families() {
		words = append(words, f.String())
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{{"rule", p.Method == "rule"}, {"loopback", p.Loopback}, {"established", p.Established}, {"drop_invalid", p.DropInvalid}} {
		if flag.on {
			words = append(words, flag.name)
		}
	}
	if p.PingRate != "" {
		words = append(words, "ping_rate="+p.PingRate)
	}
	if p.Log != nil {
		words = append(words, "log="+p.Log.Prefix+"|"+p.Log.Level+"|"+p.Log.Rate)
	}
	return strings.Join(words, " ")
}

// A policy's way through its life: what was found at creation comes back at the end.
func TestPolicyLife(t *testing.T) {
	start := onHost(t, `
-P INPUT DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT`)
	drop := NewDefaultPolicy("INPUT", "DROP")
	found := drop.LivePolicies(start)
	want := Policies{drop.chainOf(iptables.IPv4): "DROP", drop.chainOf(iptables.IPv6): "ACCEPT"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Fatalf("found (-want +got):\n%s", diff)
	}
	first, _ := drop.Rules()
	rs := applied(t, start, first.Replace(PolicyRules{}, found))

	// By rule instead: the policies return to what they were, in the same edit.
	drop.Method = "rule"
	second, _ := drop.Rules()
	rs = applied(t, rs, second.Replace(first, found))
	if diff := cmp.Diff(want, drop.LivePolicies(rs)); diff != "" {
		t.Errorf("policies after the change to a rule (-want +got):\n%s", diff)
	}
	for _, f := range iptables.Families {
		c, _ := rs.Chain(drop.chainOf(f))
		if last := c.Rules[len(c.Rules)-1]; !settles(last) {
			t.Errorf("%s ends in %s", f, last.Spec(iptables.Reference))
		}
	}

	// For one family only: the other one's rules go.
	drop.Method, drop.Families = "", onlyV4
	third, _ := drop.Rules()
	rs = applied(t, rs, third.Replace(second, found))
	if c, _ := rs.Chain(drop.chainOf(iptables.IPv6)); len(c.Rules) != 0 || c.Policy != "ACCEPT" {
		t.Errorf("left in IPv6: %+v", c)
	}

	if diff := cmp.Diff(printed(start), printed(applied(t, rs, third.Remove(found, false)))); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	opened := applied(t, rs, third.Remove(found, true))
	if got := drop.LivePolicies(opened)[drop.chainOf(iptables.IPv4)]; got != "ACCEPT" {
		t.Errorf("after a removal that accepts the policy is %s", got)
	}
}

func TestPolicySeen(t *testing.T) {
	drop := NewDefaultPolicy("INPUT", "DROP")
	for host, want := range map[string]string{
		"":              "ACCEPT",
		"-P INPUT DROP": "DROP", // shows in `rules`, for IPv6
		"-P INPUT DROP\nip6tables -P INPUT DROP\n": "DROP",
	} {
		if got := drop.Seen(onHost(t, host)).Policy; got != want {
			t.Errorf("on %q the policy is seen as %s, want %s", host, got, want)
		}
	}
}

func TestPolicyValidate(t *testing.T) {
	for name, test := range map[string]struct {
		edit      func(*DefaultPolicy)
		attribute string
		says      string
	}{
		"chain":             {func(p *DefaultPolicy) { p.Chain = "PREROUTING" }, "chain", "FORWARD"},
		"policy":            {func(p *DefaultPolicy) { p.Policy = "drop" }, "policy", "DROP"},
		"method":            {func(p *DefaultPolicy) { p.Method = "rules" }, "method", `did you mean "rule"`},
		"icmp":              {func(p *DefaultPolicy) { p.ICMP = "some" }, "icmp", "essential"},
		"families":          {func(p *DefaultPolicy) { p.Families = []iptables.Family{} }, "families", "empty"},
		"rate without ping": {func(p *DefaultPolicy) { p.PingRate = "5/second" }, "ping_rate", `icmp = "ping"`},
		"rate":              {func(p *DefaultPolicy) { p.ICMP, p.PingRate = "ping", "5" }, "ping_rate", "unit"},
		"prefix":            {func(p *DefaultPolicy) { p.Log = &PolicyLog{Prefix: strings.Repeat("x", 30)} }, "log.prefix", "29"},
		"level":             {func(p *DefaultPolicy) { p.Log = &PolicyLog{Level: "loud"} }, "log.level", "none of"},
		"log rate":          {func(p *DefaultPolicy) { p.Log = &PolicyLog{Rate: "often"} }, "log.rate", "unit"},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewDefaultPolicy("INPUT", "DROP")
			test.edit(&p)
			found := p.Validate()
			if len(found) != 1 || found[0].Attribute != test.attribute || !strings.Contains(found[0].String(), test.says) {
				t.Errorf("found %v, want %s to say %q", found, test.attribute, test.says)
			}
			if _, err := p.Rules(); err == nil {
				t.Error("there are rules all the same")
			}
		})
	}
}
