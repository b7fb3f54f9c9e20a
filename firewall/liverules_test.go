package firewall

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestRuleFilter(t *testing.T) {
	rs, err := Lay(strings.Split(`-P INPUT DROP
-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -m comment --comment "by hand" -j ACCEPT
-A f2b-sshd -j RETURN
-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080
ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT`, "\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	managed, err := ParseLines([]string{"-A INPUT -p tcp --dport ssh -j ACCEPT"})
	if err != nil {
		t.Fatal(err)
	}
	counters := map[iptables.ChainID][]iptables.Counters{
		{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}:    {{Packets: 1}, {Packets: 2}, {Packets: 3}},
		{Family: iptables.IPv4, Table: "filter", Name: "f2b-sshd"}: {{Packets: 4}, {Packets: 5}}, // not those of these rules
	}
	tests := map[string]struct {
		filter RuleFilter
		want   []string // chain, number, packets, software
	}{
		"all":       {RuleFilter{}, []string{"filter INPUT 1 1 fail2ban", "filter INPUT 2 2 ", "filter INPUT 3 3 ", "filter f2b-sshd 1 - fail2ban", "nat PREROUTING 1 - ", "filter INPUT 1 - "}},
		"by family": {RuleFilter{Family: iptables.IPv6}, []string{"filter INPUT 1 - "}},
		"by table":  {RuleFilter{Table: "nat"}, []string{"nat PREROUTING 1 - "}},
		"by chain":  {RuleFilter{Chain: "f2b-sshd"}, []string{"filter f2b-sshd 1 - fail2ban"}},
		"by target": {RuleFilter{Target: "f2b-sshd"}, []string{"filter INPUT 1 1 fail2ban"}},
		"by text":   {RuleFilter{Text: `"by hand" -j`}, []string{"filter INPUT 3 3 "}},
		"what is nobody's": {
			RuleFilter{Unmanaged: true, Managed: managed}, []string{"filter INPUT 3 3 ", "nat PREROUTING 1 - ", "filter INPUT 1 - "},
		},
	}
	for name, test := range tests {
		var got []string
		for _, r := range test.filter.Rules(rs, Reference, counters) {
			packets := "-"
			if r.Counters != nil {
				packets = fmt.Sprint(r.Counters.Packets)
			}
			got = append(got, fmt.Sprintf("%s %s %d %s %s", r.Chain.Table, r.Chain.Name, r.Number, packets, r.Software))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"iptables -P INPUT DROP"}, RuleFilter{Family: iptables.IPv4, Table: "filter"}.Policies(rs)); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	found := (&Snapshot{Facts: Facts{Software: []string{"docker", "fail2ban"}}, Rules: rs}).Software()
	if diff := cmp.Diff([]string{"Docker", "fail2ban"}, found); diff != "" {
		t.Errorf("software (-want +got):\n%s", diff)
	}
}
