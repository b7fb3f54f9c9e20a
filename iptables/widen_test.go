package iptables

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestWidens(t *testing.T) {
	const live = "*filter\n:INPUT DROP\n:web -\n" +
		"-A INPUT -p icmp -m limit --limit 5/sec -j ACCEPT\n" +
		"-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n" +
		"-A INPUT -p tcp -m tcp --dport 80 -j web\n" +
		"-A INPUT -m limit --limit 1/min -j LOG\n" +
		"-A web -s 192.0.2.1/32 -j DROP\n" +
		"-A web -m set --match-set good src -j RETURN\nCOMMIT\n"
	const ssh = "-A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT\n"
	edit := func(from, to string) string {
		if !strings.Contains(live, from) {
			t.Fatalf("%q is not there", from)
		}
		return strings.Replace(live, from, to, 1)
	}
	above, below := func(at, line string) string { return edit(at, line+at) }, func(line string) string { return edit("-A web -s", line+"-A web -s") }
	tests := []struct {
		name, live, wanted string
		want               bool
	}{
		{"nothing", live, live, true},
		{"a line at the end", live, below(ssh), true},
		{"a line at the top", live, above("-A INPUT -p icmp", ssh), true},
		{"a line in a chain of users", live, above("-A web -m set", "-A web -s 198.51.100.0/24 -p tcp -m tcp --dport 80 -j ACCEPT\n"), true},
		{"one on a host that has none", "", "*filter\n:INPUT ACCEPT\n" + ssh + "COMMIT\n", true},
		{"all", live, below("-A INPUT -j ACCEPT\n"), true},
		{"several ports", live, below("-A INPUT -p udp -m multiport --dports 53,123 -m iprange --src-range 192.0.2.1-192.0.2.9 -j ACCEPT\n"), true},

		{"a line goes", live, edit("-A web -m set --match-set good src -j RETURN\n", ""), false},
		{"a line moves", live, edit("-A web -s 192.0.2.1/32 -j DROP\n-A web -m set --match-set good src -j RETURN\n", "-A web -m set --match-set good src -j RETURN\n-A web -s 192.0.2.1/32 -j DROP\n"), false},
		{"a line changes", live, edit("192.0.2.1", "192.0.2.2"), false},
		{"a line comes with one that goes", live, edit("-A web -s 192.0.2.1/32 -j DROP\n", "-A web -s 192.0.2.2/32 -j ACCEPT\n"), false},
		{"a policy opens", live, edit(":INPUT DROP", ":INPUT ACCEPT"), false},
		{"a policy shuts", edit(":INPUT DROP", ":INPUT ACCEPT"), live, false},
		{"a chain comes", live, edit(":web -", ":more -\n:web -"), false},
		{"a chain goes", edit(":web -", ":more -\n:web -"), live, false},
		{"it drops", live, below("-A INPUT -p tcp -m tcp --dport 23 -j DROP\n"), false},
		{"it rejects", live, below("-A INPUT -p tcp -m tcp --dport 23 -j REJECT --reject-with icmp-port-unreachable\n"), false},
		{"it returns", live, below("-A INPUT -p tcp -m tcp --dport 23 -j RETURN\n"), false},
		{"it jumps", live, below("-A INPUT -p tcp -m tcp --dport 8080 -j web\n"), false},
		{"it logs", live, below("-A INPUT -p tcp -m tcp --dport 23 -j LOG\n"), false},
		{"it counts", live, below("-A INPUT -p tcp -m tcp --dport 23\n"), false},
		{"one of two drops", live, below(ssh + "-A INPUT -p tcp -m tcp --dport 23 -j DROP\n"), false},
		{"connection tracking begins", live, below("-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"), false},
		{"it remembers", live, below("-A INPUT -m recent --set --name seen --mask 255.255.255.255 --rsource -j ACCEPT\n"), false},
		{"a bucket that others use", live, below("-A INPUT -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name b -j ACCEPT\n"), false},
		{"an unknown match", live, below("-A INPUT -m nosuch --thing 1 -j ACCEPT\n"), false},
		{"translation is spared", "*nat\n:PREROUTING ACCEPT\nCOMMIT\n", "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j ACCEPT\nCOMMIT\n", false},
		{"a mark is spared", "*mangle\n:INPUT ACCEPT\nCOMMIT\n", "*mangle\n:INPUT ACCEPT\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n", false},
	}
	// What stands in the table may remember packets that do not come by any more.
	for _, line := range []string{
		"-m recent --set --name seen --mask 255.255.255.255 --rsource",
		"-m limit --limit 5/sec -j DROP",
		"-m limit --limit 5/sec -j web",
		"-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name b -j ACCEPT",
		"-m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr -j DROP",
		"-m statistic --mode nth --every 2 --packet 0 -j DROP",
		"-m quota --quota 1000 -j ACCEPT",
		"-m set --match-set good src --packets-gt 5 -j DROP",
		"-m nosuch --thing 1 -j DROP",
		"-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
		"-j SET --add-set good src",
		"-j NFQUEUE --queue-num 0",
		"-j NOSUCH",
	} {
		tests = append(tests, struct {
			name, live, wanted string
			want               bool
		}{"beside " + line, below("-A INPUT " + line + "\n"), below(ssh + "-A INPUT " + line + "\n"), false})
	}
	// So may what stands in other tables, which meet or count what is accepted. What they make of packets is no harm.
	for _, line := range []struct {
		table, line string
		want        bool
	}{
		{"nat", "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE", true},
		{"nat", "-A PREROUTING -p tcp -m tcp --dport 8080 -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 172.17.0.2:80", true},
		{"mangle", "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu", true},
		{"mangle", "-A OUTPUT -m owner --uid-owner 33 -j MARK --set-xmark 0x1/0xffffffff", true},
		{"raw", "-A PREROUTING -p udp -m udp --dport 53 -j NOTRACK", true},
		{"mangle", "-A PREROUTING -p tcp -m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr -j DROP", false},
		{"mangle", "-A POSTROUTING -m limit --limit 100/sec -j ACCEPT", false},
		{"mangle", "-A POSTROUTING -m recent --set --name seen --mask 255.255.255.255 --rsource", false},
		{"mangle", "-A POSTROUTING -j SET --add-set good src", false},
		{"mangle", "-A INPUT -m set --match-set good src --packets-gt 5 -j DROP", false},
		{"raw", "-A PREROUTING -m statistic --mode nth --every 2 --packet 0 -j DROP", false},
		{"security", "-A INPUT -m quota --quota 1000 -j ACCEPT", false},
		{"security", "-A INPUT -m nosuch --thing 1 -j DROP", false},
	} {
		more := "*" + line.table + "\n" + line.line + "\nCOMMIT\n"
		tests = append(tests, struct {
			name, live, wanted string
			want               bool
		}{line.table + " has " + line.line, live + more, below(ssh) + more, line.want})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Diff(mustParseSave(t, test.live), mustParseSave(t, test.wanted)).Widens(); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func mustParseSave(t *testing.T, text string) Ruleset {
	t.Helper()
	rs, err := ParseSave(IPv4, text)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

// Trace is the judge: where a change widens, no packet is accepted before it and not after it.
func TestWidensTakesNothingAway(t *testing.T) {
	widening, opened := 0, 0
	for seed := range uint64(2000) {
		family := Families[seed%2]
		g := newRulesetMaker(t, family, seed)
		live := g.ruleset()
		if seed%8 > 1 {
			live = forgetful(live)
		}
		wanted := g.opened(live)
		if !Diff(live, wanted).Widens() {
			continue
		}
		widening++
		for range 50 {
			p := g.packet()
			before, after := Trace(live, p).Answer, Trace(wanted, p).Answer
			if before == Accepted && after != Accepted {
				t.Fatalf("seed %d: %+v was accepted, and is now %v\nlive:\n%s\nwanted:\n%s", seed, p, after,
					live.Save(family, Reference), wanted.Save(family, Reference))
			}
			if before == Dropped && after == Accepted {
				opened++
			}
		}
	}
	t.Logf("%d changes widen, %d packets get through because of them", widening, opened)
	if widening < 150 || opened < 100 {
		t.Errorf("%d changes widen and let %d packets through: the generator does not reach them", widening, opened)
	}
}

// forgetful is a ruleset without the lines of the pool that remember packets.
func forgetful(rs Ruleset) Ruleset {
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		c.Rules = slices.DeleteFunc(slices.Clone(c.Rules), func(r Rule) bool {
			return slices.ContainsFunc(r.Matches, func(m Match) bool {
				return m.Name == "recent" || m.Name == "connlimit" || m.Name == "limit" && id.Table != "filter"
			})
		})
		rs = rs.WithChain(id, c)
	}
	return rs
}

// opened makes a ruleset that has some more lines, most of which accept, and now and then another change besides.
func (g *rulesetMaker) opened(rs Ruleset) Ruleset {
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		c.Rules = slices.Clone(c.Rules)
		for range g.IntN(3) {
			spec := g.spec(id, nil)
			if !strings.HasSuffix(spec, "-j ACCEPT") && g.IntN(4) > 0 {
				spec = fmt.Sprintf("-p tcp -m tcp --dport %d -j ACCEPT", widePorts[g.IntN(len(widePorts))])
			}
			c.Rules = slices.Insert(c.Rules, g.IntN(len(c.Rules)+1), g.rule(id.Table, spec))
		}
		if len(c.Rules) > 0 && g.IntN(8) == 0 {
			c.Rules = c.Rules[1:]
		}
		rs = rs.WithChain(id, c)
	}
	return rs
}

var widePorts = []uint16{22, 23, 25, 53, 80, 443, 9999}

// packet is one that the lines of the pool may be about.
func (g *rulesetMaker) packet() Packet {
	there, here := byte(g.IntN(80)), netip.MustParseAddr("192.0.2.1")
	other := netip.AddrFrom4([4]byte{10, 1, 0, there})
	if g.f == IPv6 {
		other, here = netip.MustParseAddr(fmt.Sprintf("2001:db8::1%d", there)), netip.MustParseAddr("2001:db8:1::1")
	}
	p := Packet{
		Family: g.f, Path: Path(g.IntN(3)), Source: other, Destination: here, Fragment: Known(false),
		Protocol: []uint8{TCP, TCP, UDP}[g.IntN(3)], SourcePort: widePorts[g.IntN(len(widePorts))], DestinationPort: widePorts[g.IntN(len(widePorts))],
		State: State(1 + g.IntN(4)), Mark: Known[uint32](0), ConnMark: Known[uint32](0), TCPFlags: Known(SYN),
	}
	wire := []string{"lo", "eth0", "eth1"}[g.IntN(3)]
	if p.Path != Output {
		p.In = wire
	}
	if p.Path != Input {
		p.Out = wire
	}
	if p.Path == Output {
		p.Source, p.Destination = here, other
	}
	return p
}
