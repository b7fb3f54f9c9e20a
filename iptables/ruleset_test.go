package iptables

import (
	"slices"
	"testing"
)

func TestRulesetIsAValue(t *testing.T) {
	g := newRulesetMaker(t, IPv4, 0)
	input := ChainID{IPv4, "filter", "INPUT"}
	web := ChainID{IPv4, "filter", "web"}
	a := Ruleset{}.WithChain(web, Chain{Rules: []Rule{g.rule("filter", "-j ACCEPT")}})
	b := a.WithChain(input, Chain{Policy: "DROP"}).WithoutChain(web)
	if _, ok := a.Chain(web); !ok {
		t.Error("WithoutChain changed the ruleset that it was called on")
	}
	if c, _ := a.Chain(input); c.Policy != "ACCEPT" {
		t.Error("WithChain changed the ruleset that it was called on")
	}
	if _, ok := b.Chain(web); ok {
		t.Error("WithoutChain left the chain")
	}
	if c, ok := b.WithoutChain(input).Chain(input); !ok || c.Policy != "ACCEPT" {
		t.Error("a built-in chain that was taken away is not empty with policy ACCEPT")
	}
}

func TestRulesetLookups(t *testing.T) {
	rs := parseSaved(t, IPv4, `*nat
:POSTROUTING ACCEPT
:OUTPUT ACCEPT
COMMIT
*filter
:OUTPUT ACCEPT
:web -
:INPUT ACCEPT
:app -
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -j web
-A OUTPUT -g web
-A app -j web
COMMIT
`)
	if got := rs.Tables(IPv4); !slices.Equal(got, []string{"filter", "nat"}) {
		t.Errorf("Tables: %v", got)
	}
	if got := rs.Tables(IPv6); len(got) != 0 {
		t.Errorf("Tables of the other family: %v", got)
	}
	nat := rs.Only(func(id ChainID) bool { return id.Table == "nat" })
	if got, want := nat.Save(IPv4, Reference), "*nat\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n"; got != want || rs.Len() != 4 {
		t.Errorf("Only the table nat is %q, want %q", got, want)
	}
	if got := rs.Len(); got != 4 {
		t.Errorf("Len: %d rules, want 4", got)
	}
	var names []string
	for _, id := range rs.ChainsOf(IPv4, "filter") {
		names = append(names, id.Name)
	}
	if want := []string{"INPUT", "OUTPUT", "app", "web"}; !slices.Equal(names, want) {
		t.Errorf("ChainsOf: %v, want %v", names, want)
	}
	if got, want := len(rs.Chains()), 6; got != want {
		t.Errorf("%d chains, want %d", got, want)
	}
	var jumps []string
	for _, j := range rs.JumpsTo(ChainID{IPv4, "filter", "web"}) {
		jumps = append(jumps, j.Chain.Name+" "+string(rune('0'+j.Number)))
	}
	if want := []string{"INPUT 2", "OUTPUT 1", "app 1"}; !slices.Equal(jumps, want) {
		t.Errorf("JumpsTo: %v, want %v", jumps, want)
	}
	if got := rs.JumpsTo(ChainID{IPv4, "nat", "web"}); len(got) != 0 {
		t.Errorf("JumpsTo finds jumps of another table: %v", got)
	}
}

func TestRulesetEqual(t *testing.T) {
	const head = "*filter\n:INPUT ACCEPT\n"
	a := parseSaved(t, IPv4, head+"-A INPUT -p tcp --dport https -j ACCEPT\nCOMMIT\n")
	for text, want := range map[string]bool{
		head + "-A INPUT -p 6 -m tcp --dport 443 -j ACCEPT\nCOMMIT\n":                  true,
		head + ":FORWARD ACCEPT\n-A INPUT -p 6 -m tcp --dport 443 -j ACCEPT\nCOMMIT\n": true,
		head + ":FORWARD DROP\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n":        false,
		head + ":web -\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n":               false,
		head + "-A INPUT -p tcp --dport 444 -j ACCEPT\nCOMMIT\n":                       false,
		head + "-A INPUT -p tcp --dport 443 -j ACCEPT\n-A INPUT -j ACCEPT\nCOMMIT\n":   false,
		"*filter\n:INPUT DROP\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n":        false,
		"*filter\nCOMMIT\n": false,
	} {
		b := parseSaved(t, IPv4, text)
		if a.Equal(b) != want || b.Equal(a) != want {
			t.Errorf("Equal is %v and %v, want %v: %q", a.Equal(b), b.Equal(a), want, text)
		}
	}
}
