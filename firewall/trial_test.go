package firewall

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// What stays of the policies is not tried: nothing is waited for, then.
func TestTriedPolicies(t *testing.T) {
	parse := func(text string) iptables.Ruleset {
		rs, err := iptables.ParseSave(iptables.IPv4, text)
		if err != nil {
			t.Fatal(err)
		}
		return rs
	}
	const live = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\nCOMMIT\n"
	wanted := parse("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n-A INPUT -p tcp -j web\n" +
		"-A FORWARD -m comment --comment \"a\n:\n:INPUT DROP\nb\" -j ACCEPT\nCOMMIT\n" +
		"*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING DROP [0:0]\nCOMMIT\n")
	c := &commit{live: &Snapshot{Rules: parse(live)}}
	got := c.tried(wanted, iptables.IPv4)
	for line, there := range map[string]bool{
		":INPUT DROP\n-A": false, "a\n:\n:INPUT DROP\nb": true, ":FORWARD DROP\n": true, ":OUTPUT ACCEPT\n": false, ":web -\n": true,
		":PREROUTING ACCEPT\n": false, ":POSTROUTING DROP\n": true, "-A INPUT -p tcp -j web\n": true,
	} {
		if strings.Contains(got, line) != there {
			t.Errorf("%q is tried: %t\n%s", line, !there, got)
		}
	}
}
