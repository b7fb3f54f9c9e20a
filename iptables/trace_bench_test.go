package iptables

import (
	"fmt"
	"testing"
)

// blocklist is a firewall of n rules as people have them: addresses that are banned one by one, and
// ports with and without sources, in turn. The packets of the benchmarks pass by all of them.
func blocklist(tb testing.TB, n int) Ruleset {
	tb.Helper()
	texts := []string{
		"-s 10.%d.%d.1 -j DROP", "-p tcp -m tcp --dport %d:%d -j ACCEPT", "-s 10.%d.%d.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT",
		"-p tcp -m multiport --dports 1%d,2%d,3000:3100 -m comment --comment x -j ACCEPT",
	}
	id := ChainID{IPv4, "filter", "INPUT"}
	chain := Chain{Policy: "DROP", Rules: make([]Rule, 0, n)}
	for i := range n {
		a, b := i/4/256%256, i/4%256
		if i%4 == 1 {
			a, b = 100+b, 400+b
		}
		rules, err := ParseSpec(IPv4, "filter", fmt.Sprintf(texts[i%4], a, b))
		if err != nil {
			tb.Fatal(err)
		}
		chain.Rules = append(chain.Rules, rules...)
	}
	return Ruleset{}.WithChain(id, chain)
}

func BenchmarkTrace(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rs := blocklist(b, n)
			p := NewConnection(TCP, addrPort("192.0.2.9:50000"), addrPort("198.51.100.1:9"))
			if v := Trace(rs, p); v.Answer != Dropped {
				b.Fatal(v.Because)
			}
			b.ResetTimer()
			for range b.N {
				Trace(rs, p)
			}
		})
	}
}

func BenchmarkReachable(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rs := blocklist(b, n)
			p := NewConnection(TCP, addrPort("192.0.2.9:50000"), addrPort("198.51.100.1:3306"))
			b.ResetTimer()
			for range b.N {
				Reachable(rs, Query{Packet: p})
			}
		})
	}
}
