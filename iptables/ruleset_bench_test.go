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

// A sized is a ruleset to measure with, as text and as value.
type sized struct {
	name string
	text string
	rs   Ruleset
}

func sizes(b *testing.B) []sized {
	b.Helper()
	var all []sized
	for _, n := range []int{10, 1_000, 100_000} {
		text := benchmarkText(n)
		all = append(all, sized{fmt.Sprintf("rules=%d", n), text, parseSaved(b, IPv4, text)})
	}
	return all
}

func BenchmarkParseSave(b *testing.B) {
	for _, s := range sizes(b) {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseSave(IPv4, s.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSave(b *testing.B) {
	for _, s := range sizes(b) {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.rs.Save(IPv4, Reference)
			}
		})
	}
}

// BenchmarkDiffSame compares two readings of one text, which share no memory.
func BenchmarkDiffSame(b *testing.B) {
	for _, s := range sizes(b) {
		again := parseSaved(b, IPv4, s.text)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !Diff(s.rs, again).Empty() {
					b.Fatal("a ruleset differs from itself")
				}
			}
		})
	}
}

var benchmarkChain = ChainID{IPv4, "filter", "INPUT"}

// BenchmarkDiffFew is the everyday case: one line more, near the end.
func BenchmarkDiffFew(b *testing.B) {
	rule := newRulesetMaker(b, IPv4, 0).rule("filter", "-p tcp -m tcp --dport 22 -j ACCEPT")
	for _, s := range sizes(b) {
		c, _ := s.rs.Chain(benchmarkChain)
		rules := slices.Insert(slices.Clone(c.Rules), len(c.Rules)-1, rule)
		wanted := s.rs.WithChain(benchmarkChain, Chain{Policy: "DROP", Rules: rules})
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Diff(s.rs, wanted).Payload(IPv4, Reference)
			}
		})
	}
}

// BenchmarkDiffMany: every tenth line goes, every tenth is new, the halves have changed places.
func BenchmarkDiffMany(b *testing.B) {
	maker := newRulesetMaker(b, IPv4, 0)
	for _, s := range sizes(b) {
		c, _ := s.rs.Chain(benchmarkChain)
		half := len(c.Rules) / 2
		rules := slices.Concat(c.Rules[half:], c.Rules[:half])
		for i := 0; i < len(rules); i += 10 {
			rules[i] = maker.rule("filter", fmt.Sprintf("-s 192.168.%d.%d/32 -j DROP", i>>8&255, i&255))
		}
		wanted := s.rs.WithChain(benchmarkChain, Chain{Policy: "ACCEPT", Rules: rules})
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Diff(s.rs, wanted).Payload(IPv4, Reference)
			}
		})
	}
}
