package iptables

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// benchmarkText is a ruleset as servers have it: many single addresses, some services with
// comments, in one chain.
func benchmarkText(rules int) string {
	var b strings.Builder
	b.WriteString("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n")
	for i := range rules {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "-A INPUT -s 10.%d.%d.%d/32 -j DROP\n", i>>16, i>>8&255, i&255)
		case 1:
			fmt.Fprintf(&b, "-A INPUT -s 10.%d.%d.0/24 -p tcp -m tcp --dport %d -j ACCEPT\n", i>>16, i>>8&255, 1+i%65535)
		case 2:
			fmt.Fprintf(&b, "-A INPUT -p tcp -m tcp --dport %d -m comment --comment \"service %d\" -j ACCEPT\n", 1+i%65535, i)
		case 3:
			fmt.Fprintf(&b, "-A INPUT -i eth0 -p udp -m udp --dport %d -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment a%d -j ACCEPT\n", 1+i%65535, i)
		}
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

var benchmarkSizes = []int{10, 1_000, 100_000}

func benchmarkRulesets(b *testing.B, run func(b *testing.B, text string, rs Ruleset)) {
	for _, n := range benchmarkSizes {
		text := benchmarkText(n)
		rs := parseSaved(b, IPv4, text)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, text, rs)
		})
	}
}

func BenchmarkParseSave(b *testing.B) {
	benchmarkRulesets(b, func(b *testing.B, text string, _ Ruleset) {
		for b.Loop() {
			if _, err := ParseSave(IPv4, text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	benchmarkRulesets(b, func(b *testing.B, _ string, rs Ruleset) {
		for b.Loop() {
			rs.Save(IPv4, Reference)
		}
	})
}

// BenchmarkDiffSame compares two readings of one text, which share no memory.
func BenchmarkDiffSame(b *testing.B) {
	benchmarkRulesets(b, func(b *testing.B, text string, rs Ruleset) {
		again := parseSaved(b, IPv4, text)
		for b.Loop() {
			if !Diff(rs, again).Empty() {
				b.Fatal("a ruleset differs from itself")
			}
		}
	})
}

// BenchmarkDiffFew is the everyday case: one line more, near the end.
func BenchmarkDiffFew(b *testing.B) {
	input := ChainID{IPv4, "filter", "INPUT"}
	benchmarkRulesets(b, func(b *testing.B, _ string, rs Ruleset) {
		c, _ := rs.Chain(input)
		rule := newRulesetMaker(b, IPv4, 0).rule("filter", "-p tcp -m tcp --dport 22 -j ACCEPT")
		wanted := rs.WithChain(input, Chain{Policy: "DROP", Rules: slices.Insert(slices.Clone(c.Rules), len(c.Rules)-1, rule)})
		for b.Loop() {
			Diff(rs, wanted).Payload(IPv4, Reference)
		}
	})
}

// BenchmarkDiffMany: every tenth line goes, every tenth is new, the rest is shuffled in halves.
func BenchmarkDiffMany(b *testing.B) {
	input := ChainID{IPv4, "filter", "INPUT"}
	benchmarkRulesets(b, func(b *testing.B, _ string, rs Ruleset) {
		c, _ := rs.Chain(input)
		half := len(c.Rules) / 2
		rules := slices.Concat(c.Rules[half:], c.Rules[:half])
		for i := 0; i < len(rules); i += 10 {
			rules[i] = newRulesetMaker(b, IPv4, 0).rule("filter", fmt.Sprintf("-s 192.168.%d.%d/32 -j DROP", i>>8&255, i&255))
		}
		wanted := rs.WithChain(input, Chain{Policy: "ACCEPT", Rules: rules})
		for b.Loop() {
			Diff(rs, wanted).Payload(IPv4, Reference)
		}
	})
}
