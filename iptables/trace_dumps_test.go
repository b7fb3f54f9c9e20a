package iptables

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// TestTraceDumps asks recorded firewalls of real hosts who reaches which port, and compares with a
// trace for single addresses. What remains undecided must be so for a documented reason.
func TestTraceDumps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	answers, chains := [3]int{}, 0
	for _, d := range dumps(t) {
		rs, err := ParseSave(d.family, d.text)
		if err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		chains += len(rs.Chains())
		server := addrPort("203.0.113.1:22")
		if d.family == IPv6 {
			server = addrPort("[2001:db8::1]:22")
		}
		for _, protocol := range []uint8{TCP, UDP} {
			for _, port := range []uint16{22, 80, 443, 3306} {
				for _, in := range []string{"", "eth0"} {
					p := NewConnection(protocol, netip.AddrPort{}, netip.AddrPortFrom(server.Addr(), port))
					p.In = in
					compareReach(t, r, d.name, rs, p, &answers)
				}
			}
		}
		out := NewConnection(TCP, server, netip.AddrPort{})
		out.Path, out.DestinationPort = Output, 443
		compareReach(t, r, d.name, rs, out, &answers)
	}
	t.Logf("%d chains; of the addresses asked for, %d accepted, %d dropped, %d undecided",
		chains, answers[Accepted], answers[Dropped], answers[Unknown])
}

func compareReach(t *testing.T, r *rand.Rand, name string, rs Ruleset, p Packet, answers *[3]int) {
	t.Helper()
	reach := Reachable(rs, Query{Packet: p})
	for _, a := range sampleAddresses(r, reach) {
		q := p
		if q.Path == Output {
			q.Destination = a
		} else {
			q.Source = a
		}
		v, got := Trace(rs, q), reach.of(t, a)
		answers[v.Answer]++
		if got != v.Answer {
			t.Errorf("%s: Reachable says %v of %s, Trace %v because %s", name, got, a, v.Answer, v.Because)
		}
		if v.Because == "" || v.Answer != Unknown && v.Decision().Chain.Name == "" {
			t.Errorf("%s: %v without a reason: %+v", name, v.Answer, v)
		}
	}
}

func FuzzTrace(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 20 {
		family := Families[i%2]
		f.Add((&lawyer{Rand: r, family: family, theme: themes[i/2%len(themes)], sets: true}).write(), family == IPv6, uint64(i))
	}
	for _, d := range ownDumps(f) {
		f.Add(d.text, d.family == IPv6, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, six bool, seed uint64) {
		family := IPv4
		if six {
			family = IPv6
		}
		rs, err := ParseSave(family, text)
		if err != nil {
			return
		}
		c := newCourier(rand.New(rand.NewPCG(seed, seed)))
		tracer := Tracer{Sets: allJudgeSets(), Addresses: hostAddresses[family]}
		for range 4 {
			p := c.next(family).described()
			known, vague := tracer.Trace(rs, p), p
			vague.Source, vague.State, vague.In, vague.Out = netip.Addr{}, 0, "", ""
			// To know less never turns one answer into the other.
			if v := tracer.Trace(rs, vague); v.Answer != Unknown && known.Answer != Unknown && v.Answer != known.Answer {
				t.Errorf("%v because %s; knowing less, %v because %s\n%s", known.Answer, known.Because, v.Answer, v.Because, fmt.Sprintf("%+v", p))
			}
			reach := tracer.Reachable(rs, Query{Packet: p})
			for _, a := range sampleAddresses(c.Rand, reach) {
				reach.of(t, a)
			}
		}
	})
}
