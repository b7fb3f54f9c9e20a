package iptables

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReachable(t *testing.T) {
	to := func(s string) Packet { return NewConnection(TCP, netip.AddrPort{}, addrPort(s)) }
	tests := map[string]struct {
		rules                      string
		query                      Query
		accepted, dropped, unknown []string
	}{
		"nothing is there": {"", Query{Packet: to("203.0.113.1:22")}, []string{"0.0.0.0/0"}, nil, nil},
		"an office": {
			"-P INPUT DROP\n-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			[]string{"192.0.2.0/24"}, around("192.0.2.0/24"), nil,
		},
		"another port": {
			"-P INPUT DROP\n-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT", Query{Packet: to("203.0.113.1:23")},
			nil, []string{"0.0.0.0/0"}, nil,
		},
		"neighbours are joined": {
			"-P INPUT DROP\n-A INPUT -s 10.0.0.0/9 -j ACCEPT\n-A INPUT -m iprange --src-range 10.128.0.0-10.255.255.255 -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			[]string{"10.0.0.0/8"}, around("10.0.0.0/8"), nil,
		},
		"a ban first": {
			"-A INPUT -s 128.0.0.1 -j DROP\n-A INPUT -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			around("128.0.0.1/32"), []string{"128.0.0.1/32"}, nil,
		},
		"a limit for some": {
			"-P INPUT DROP\n-A INPUT -s 128.0.0.0/1 -m limit --limit 1/sec -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			nil, []string{"0.0.0.0/1"}, []string{"128.0.0.0/1"},
		},
		"by chains": {
			"-N OFFICE\n-N BANNED\n-P INPUT DROP\n-A INPUT -j BANNED\n-A INPUT -s 10.0.0.0/8 -g OFFICE\n-A INPUT -j ACCEPT\n" +
				"-A BANNED -s 10.1.0.0/16 -j RETURN\n-A BANNED -s 10.0.0.0/15 -j DROP\n-A OFFICE -p tcp -m tcp --dport 22 -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			append(around("10.0.0.0/15"), "10.1.0.0/16"), []string{"10.0.0.0/16"}, nil,
		},
		"marked by address": {
			"-P INPUT DROP\n-t mangle -A PREROUTING -s 64.0.0.0/2 -j MARK --set-xmark 0x1/0xffffffff\n-A INPUT -m mark --mark 0x1 -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			[]string{"64.0.0.0/2"}, []string{"0.0.0.0/2", "128.0.0.0/1"}, nil,
		},
		"a mask with gaps": {
			"-P INPUT DROP\n-A INPUT -s 0.0.0.0/64.0.0.0 -j ACCEPT", Query{Packet: to("203.0.113.1:22")},
			[]string{"0.0.0.0/2", "128.0.0.0/2"}, []string{"64.0.0.0/2", "192.0.0.0/2"}, nil,
		},
		"IPv6": {
			"ip6tables -P INPUT DROP\nip6tables -A INPUT ! -s 8000::/1 -j ACCEPT", Query{Packet: to("[2001:db8::1]:22")},
			[]string{"::/1"}, []string{"8000::/1"}, nil,
		},
		"without answers": {
			"-P OUTPUT DROP\n-A OUTPUT -d 128.0.0.0/1 -j ACCEPT", Query{Packet: to("203.0.113.1:22"), Conversation: true},
			[]string{"128.0.0.0/1"}, []string{"0.0.0.0/1"}, nil,
		},
		"what follows is dropped": {
			"-P INPUT DROP\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT", Query{Packet: to("203.0.113.1:22"), Conversation: true},
			nil, []string{"0.0.0.0/0"}, nil,
		},
		"to where": {
			"-A OUTPUT -d 192.0.0.0/2 -j REJECT", Query{Packet: with(to("203.0.113.1:22"), func(p *Packet) { p.Path = Output })},
			[]string{"0.0.0.0/1", "128.0.0.0/2"}, []string{"192.0.0.0/2"}, nil,
		},
		"redirected": {
			"-P INPUT DROP\n-t nat -A PREROUTING -s 128.0.0.0/1 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT",
			Query{Packet: to("203.0.113.1:80")}, []string{"128.0.0.0/1"}, []string{"0.0.0.0/1"}, nil,
		},
		"chains in a circle": {"-N A\n-A INPUT -j A\n-A A -j A", Query{Packet: to("203.0.113.1:22")}, nil, nil, []string{"0.0.0.0/0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Reachable(rulesetOf(t, tt.rules), tt.query)
			want := Reach{prefixes(tt.accepted), prefixes(tt.dropped), prefixes(tt.unknown)}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// prefixes are sorted as an answer is.
func prefixes(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return out
}

// around are the prefixes of all addresses but one prefix: at each of its bits, the other half.
func around(prefix string) []string {
	p := netip.MustParsePrefix(prefix)
	var out []string
	for bits := p.Bits(); bits > 0; bits-- {
		b := p.Addr().AsSlice()
		b[(bits-1)/8] ^= 0x80 >> ((bits - 1) % 8)
		a, _ := netip.AddrFromSlice(b)
		out = append(out, netip.PrefixFrom(a, bits).Masked().String())
	}
	return out
}

// TestReachableIsTrace compares the walk of all addresses at once with one Trace for each of many
// addresses, on random rule sets.
func TestReachableIsTrace(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := newCourier(r)
	tracer := Tracer{Sets: allJudgeSets(), Addresses: slices.Concat(hostAddresses[IPv4], hostAddresses[IPv6])}
	answers := map[Answer]int{}
	for round := range 150 {
		f := Families[round%2]
		text := (&lawyer{Rand: r, family: f, theme: themes[round/2%len(themes)], sets: true}).write()
		rs, err := ParseSave(f, text)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			p := c.next(f).described()
			reach := tracer.Reachable(rs, Query{Packet: p})
			for _, a := range sampleAddresses(r, reach) {
				q := p
				if q.Path == Output {
					q.Destination = a
				} else {
					q.Source = a
				}
				want, got := tracer.Trace(rs, q), reach.of(t, a)
				answers[got]++
				if got != want.Answer && (got != Unknown || want.Answer == Unknown) {
					t.Fatalf("Reachable says %v of %s, Trace %v because %s\n%+v\n%s", got, a, want.Answer, want.Because, q, text)
				}
				if got != want.Answer {
					answers[9]++
				}
			}
		}
	}
	t.Logf("accepted %d, dropped %d, unknown %d, of which a Trace decides %d", answers[Accepted], answers[Dropped], answers[Unknown], answers[9])
	if answers[9]*50 > answers[Accepted]+answers[Dropped] {
		t.Errorf("%d addresses are undecided only because all are asked about at once", answers[9])
	}
}

// sampleAddresses are the ends of prefixes in the answer, and one address in each: enough to see
// a border that is off by one.
func sampleAddresses(r *rand.Rand, reach Reach) []netip.Addr {
	var out []netip.Addr
	for _, list := range [][]netip.Prefix{reach.Accepted, reach.Dropped, reach.Unknown} {
		for range min(4, len(list)) {
			p := pick(r, list)
			b := p.Addr().AsSlice()
			for i := p.Bits(); i < len(b)*8; i++ {
				b[i/8] |= byte(r.IntN(2)) << (7 - i%8)
			}
			inside, _ := netip.AddrFromSlice(b)
			out = append(out, p.Addr(), inside, lastAddress(p))
		}
	}
	return out
}

// of is the answer for one address, which is in exactly one list.
func (r Reach) of(t *testing.T, a netip.Addr) Answer {
	t.Helper()
	answer, found := Unknown, 0
	for i, list := range [...][]netip.Prefix{Unknown: r.Unknown, Accepted: r.Accepted, Dropped: r.Dropped} {
		for _, p := range list {
			if p.Contains(a) {
				answer, found = Answer(i), found+1
			}
		}
	}
	if found != 1 {
		t.Fatalf("%s is in %d lists of %v", a, found, r)
	}
	return answer
}

func TestPrefixesOfInterval(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var b [4]byte
		for i := range b {
			b[i] = byte(r.Uint32() & r.Uint32()) // more zeros than ones
		}
		first := netip.AddrFrom4(b)
		b[3], b[2] = byte(r.Uint32()), b[2]|byte(r.Uint32())
		last := netip.AddrFrom4(b)
		if last.Compare(first) < 0 {
			first, last = last, first
		}
		next := first
		list := interval{first, last}.prefixes()
		for i, p := range list {
			if p.Addr() != next || p != p.Masked() {
				t.Fatalf("%s-%s: %v does not begin at %s", first, last, p, next)
			}
			if i > 0 && p.Bits() == list[i-1].Bits() && netip.PrefixFrom(list[i-1].Addr(), p.Bits()-1).Masked().Contains(p.Addr()) {
				t.Fatalf("%s-%s: %v and %v are one prefix", first, last, list[i-1], p)
			}
			next = lastAddress(p).Next()
		}
		if next.Prev() != last {
			t.Fatalf("%s-%s ends at %s", first, last, next.Prev())
		}
	}
	if all := fmt.Sprint(everything(IPv6).prefixes()); all != "[::/0]" {
		t.Error(all)
	}
}
