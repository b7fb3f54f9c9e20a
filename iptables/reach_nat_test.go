package iptables

import (
	"net/netip"
	"testing"
)

// TestConversationThroughNat: what follows is translated as the first packet was, and who answers from elsewhere is
// not asked.
func TestConversationThroughNat(t *testing.T) {
	host := Tracer{
		Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("172.17.0.1")},
		Networks:  map[string][]netip.Prefix{"docker0": {netip.MustParsePrefix("172.17.0.0/16")}},
	}
	to := func(port uint16, path Path) Packet {
		p := NewConnection(TCP, netip.AddrPort{}, netip.AddrPortFrom(netip.MustParseAddr("203.0.113.1"), port))
		p.In, p.Path = "eth0", path
		return p
	}
	tests := map[string]struct {
		rules    string
		packet   Packet
		accepted string
	}{
		"published, and INPUT is shut": {docker, to(8080, Input), "0.0.0.0/0"},
		"not published":                {docker, to(8081, Input), ""},
		"redirected":                   {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-t nat -A PREROUTING -p tcp -m tcp --dport 2222 -j REDIRECT --to-ports 22", to(2222, Input), "0.0.0.0/0"},
		"answers are for those who ask": {
			"-P FORWARD DROP\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n-A FORWARD -d 198.51.100.0/24 -p tcp -m tcp --sport 80 -j ACCEPT",
			with(to(80, Forward), func(p *Packet) { p.Out = "eth1" }), "198.51.100.0/24",
		},
		"what is not tracked is not translated": {"-P INPUT DROP\n-t raw -A PREROUTING -j CT --notrack\n-t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 22\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", to(2222, Input), ""},
	}
	for name, test := range tests {
		reach := host.Reachable(rulesetOf(t, test.rules), Query{Packet: test.packet, Conversation: true})
		if got := words(reach.Accepted); got != test.accepted {
			t.Errorf("%s: %s are accepted, want %s (%s unknown)", name, got, test.accepted, words(reach.Unknown))
		}
	}
}
