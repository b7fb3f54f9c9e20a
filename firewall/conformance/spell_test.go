package conformance

import (
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// What only the host knows it is asked, without a trace; what it does not know either stays.
func TestTheHostSpells(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		before := seen(t, h)
		lines, err := firewall.ParseLines([]string{
			"iptables -A OUTPUT -m owner --uid-owner daemon -m comment --comment \"it\\'s \\\"a\\\" \\\\ $(b)\" -j ACCEPT",
			"iptables -t nat -A MINE -m owner ! --gid-owner daemon -j OTHER",
			"ip6tables -A OUTPUT -m owner --uid-owner daemon -j DROP",
			"iptables -A OUTPUT -m nosuch --option \"a b\" -j ACCEPT",
			"iptables -A OUTPUT -p tcp -m tcp --dport 25 -j DROP",
		})
		if err != nil {
			t.Fatal(err)
		}
		spelled, err := host.Spell(t.Context(), firewall.PolicyRules{Lines: lines})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{
			"iptables -A OUTPUT -m owner --uid-owner 1 -m comment --comment \"it\\'s \\\"a\\\" \\\\ $(b)\" -j ACCEPT",
			"iptables -t nat -A MINE -m owner ! --gid-owner 1 -j OTHER",
			"ip6tables -A OUTPUT -m owner --uid-owner 1 -j DROP",
			"iptables -A OUTPUT -m nosuch --option \"a b\" -j ACCEPT",
			"iptables -A OUTPUT -p tcp -m tcp --dport 25 -j DROP",
		} {
			if got := spelled.Lines.Print(firewall.Reference)[i]; got != want {
				t.Errorf("%s is spelled %s", want, got)
			}
		}
		if unsure := spelled.Uncertain(); len(unsure) != 1 || unsure[0].Key() != lines[3].Key() {
			t.Errorf("uncertain are %q", unsure.Print(firewall.Reference))
		}
		if after := seen(t, h); after != before {
			t.Errorf("the host has changed:\n%s", after)
		}
	})
}
