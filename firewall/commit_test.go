package firewall

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestSkeleton(t *testing.T) {
	live := readRuleset(t, "", ":BIG - [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A BIG -s 192.0.2.1 -j DROP\n")
	wanted := readRuleset(t, "", ":BIG - [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j BIG\n-A BIG -s 192.0.2.2 -j DROP\n-A BIG -s 192.0.2.1 -j DROP\n-A BIG -s 192.0.2.3 -j DROP\n")
	c := &commit{wanted: &Snapshot{Rules: wanted}, change: iptables.Diff(live, wanted)}
	want := readRuleset(t, "", ":BIG - [0:0]\n-A INPUT -j BIG\n-A BIG -s 192.0.2.2 -j DROP\n-A BIG -s 192.0.2.3 -j DROP\n")
	if got := c.skeleton(); !got.Equal(want) {
		t.Errorf("got %s", got.Save(iptables.IPv4, iptables.Reference))
	}
}

// A copy of the chain for each of its lines is ten seconds for ten thousand lines.
func TestSkeletonOfALongChain(t *testing.T) {
	const lines = 1000
	var rules strings.Builder
	for i := range lines {
		fmt.Fprintf(&rules, "-A INPUT -s 10.0.%d.%d -j DROP\n", i/250, i%250)
	}
	wanted := readRuleset(t, "", rules.String())
	c := &commit{wanted: &Snapshot{Rules: wanted}, change: iptables.Diff(iptables.Ruleset{}, wanted)}
	if n := testing.AllocsPerRun(1, func() { c.skeleton() }); n > lines/2 {
		t.Errorf("%v allocations for %d lines", n, lines)
	}
}
