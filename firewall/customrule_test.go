package firewall

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestCustomRuleLines(t *testing.T) {
	for name, test := range map[string]struct {
		rule CustomRule
		want string
	}{
		"both families": {CustomRule{Chain: "INPUT", Spec: "-p tcp --sport 25 -j ACCEPT"}, `
iptables -A INPUT -p tcp -m tcp --sport 25 -j ACCEPT
ip6tables -A INPUT -p tcp -m tcp --sport 25 -j ACCEPT`},

		"the family of its address": {CustomRule{Chain: "INPUT", Spec: "-j DROP --source 2001:db8::/32"}, `
ip6tables -A INPUT -s 2001:db8::/32 -j DROP`},

		"the family of what it translates to": {CustomRule{Table: "nat", Chain: "PREROUTING", Spec: "-p tcp --dport 80 -j DNAT --to-destination 10.0.0.7:8080"}, `
iptables -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.7:8080`},

		"several rules": {CustomRule{Chain: "INPUT", Spec: "-s 10.0.0.0/8,192.168.0.0/16 -j ACCEPT"}, `
iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT
iptables -A INPUT -s 192.168.0.0/16 -j ACCEPT`},

		"a priority in front of its comment": {CustomRule{Chain: "INPUT", Families: onlyV4, Priority: number(10), Spec: `-m comment --comment "no telnet" -p tcp --dport 23 -j DROP`}, `
iptables -A INPUT -p tcp -m comment --comment "10 no telnet" -m tcp --dport 23 -j DROP`},

		"a priority alone": {CustomRule{Chain: "INPUT", Families: onlyV4, Priority: number(10), Spec: "-p tcp --dport 23 -j DROP"}, `
iptables -A INPUT -p tcp -m tcp --dport 23 -m comment --comment 10 -j DROP`},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := test.rule.Lines()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n")+"\n", textOf(lines)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if found := test.rule.Validate(); len(found) > 0 {
				t.Errorf("problems: %v", found)
			}
		})
	}
}

func TestCustomRuleValidate(t *testing.T) {
	for name, test := range map[string]struct {
		rule      CustomRule
		attribute string
		says      string
	}{
		"table":          {CustomRule{Table: "fliter", Chain: "INPUT", Spec: "-j DROP"}, "table", `did you mean "filter"`},
		"no chain":       {CustomRule{Spec: "-j DROP"}, "chain", "no chain"},
		"long chain":     {CustomRule{Chain: strings.Repeat("x", 29), Spec: "-j DROP"}, "chain", "29 bytes"},
		"families":       {CustomRule{Chain: "INPUT", Spec: "-j DROP", Families: []iptables.Family{}}, "families", "empty"},
		"priority":       {CustomRule{Chain: "INPUT", Spec: "-j DROP", Priority: number(-1)}, "priority", "between 0"},
		"spec":           {CustomRule{Chain: "INPUT", Spec: "-p tcp --dprot 22 -j DROP"}, "spec", "--dprot"},
		"of one family":  {CustomRule{Chain: "INPUT", Spec: "-p tcp -j REJECT --reject-with icmp-net-prohibited"}, "spec", `set families = ["ipv4"]`},
		"long in number": {CustomRule{Chain: "INPUT", Priority: number(500), Spec: "-m comment --comment " + strings.Repeat("x", 252) + " -j DROP"}, "priority", "256 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			found := test.rule.Validate()
			if len(found) != 1 || found[0].Attribute != test.attribute || !strings.Contains(found[0].String(), test.says) {
				t.Errorf("found %v, want %s to say %q", found, test.attribute, test.says)
			}
			if _, err := test.rule.Lines(); err == nil {
				t.Error("there are lines all the same")
			}
		})
	}
}

func TestSpecErrorNamesFamily(t *testing.T) {
	_, err := CustomRule{Chain: "INPUT", Families: onlyV6, Spec: "-s 10.0.0.1 -j DROP"}.Lines()
	var spec *SpecError
	var syntax *iptables.SyntaxError
	if !errors.As(err, &spec) || spec.Family != iptables.IPv6 || !errors.As(err, &syntax) {
		t.Fatalf("error %v, want a SpecError of IPv6 around a SyntaxError", err)
	}
	if !strings.HasPrefix(err.Error(), "ip6tables would refuse the rule") {
		t.Errorf("it says %q", err)
	}
}
