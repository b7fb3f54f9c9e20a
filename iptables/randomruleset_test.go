package iptables

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// specPool has what makes a diff hard: lines that repeat, lines that differ in the interface
// only, lines that no text deletes, and texts with quotes.
var specPool = []string{
	"-j ACCEPT",
	"-j DROP",
	"-p tcp -m tcp --dport 22 -j ACCEPT",
	"-p tcp -m tcp --dport 80 -j ACCEPT",
	"-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT",
	"-p tcp -m tcp --dport 443 -m comment --comment \"the \\\"web\\\" it\\'s\" -j ACCEPT",
	"-p udp -m udp --sport 53 -j ACCEPT",
	"-p icmp -j ACCEPT",
	"-p gre -j ACCEPT",
	"-i lo -j ACCEPT",
	"-i eth0 -j ACCEPT",
	"-i eth1 -j ACCEPT",
	"-i eth0 -p tcp -m tcp --dport 25 -j ACCEPT",
	"-i eth1 -p tcp -m tcp --dport 25 -j ACCEPT",
	"-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
	"-m conntrack --ctstate INVALID -j DROP",
	"-m state --state NEW -m recent --set --name ssh --mask 255.255.255.255 --rsource",
	"-p tcp -m tcp --dport 23 -m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr -j DROP",
	"-p tcp -m multiport --dports 80,443 -j ACCEPT",
	"-m comment --comment counted",
	"-m limit --limit 5/min -j LOG --log-prefix \"dropped: \"",
	"-d 10.0.0.0/8 -j RETURN",
}

// userChains in the order in which they may jump: each only to those behind it.
var userChains = []string{"a-in", "b-web", "c-ssh", "d-log"}

// A rulesetMaker makes rulesets at random, the same ones from the same seed.
type rulesetMaker struct {
	*rand.Rand
	tb testing.TB
	f  Family
}

func newRulesetMaker(tb testing.TB, f Family, seed uint64) *rulesetMaker {
	tb.Helper()
	return &rulesetMaker{Rand: rand.New(rand.NewPCG(seed, uint64(f))), tb: tb, f: f}
}

func (g *rulesetMaker) spec(id ChainID, callees []string) string {
	if len(callees) > 0 && g.IntN(6) == 0 {
		return "-j " + callees[g.IntN(len(callees))]
	}
	spec := specPool[g.IntN(len(specPool))]
	if g.IntN(3) == 0 {
		spec = fmt.Sprintf("-s 10.1.0.%d/32 -j DROP", g.IntN(80))
	}
	if id.Name == "OUTPUT" || id.Name == "POSTROUTING" { // where iptables refuses -i
		spec = strings.ReplaceAll(spec, "-i ", "-o ")
	}
	if g.f == IPv6 {
		return inIPv6.Replace(spec)
	}
	return spec
}

// inIPv6 makes a spec of the pool one of the other family.
var inIPv6 = strings.NewReplacer(
	"10.1.0.", "2001:db8::1", "/32", "/128", "10.0.0.0/8", "2001:db8::/48", "-p icmp", "-p ipv6-icmp",
	"255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "--connlimit-mask 32", "--connlimit-mask 128")

func (g *rulesetMaker) rule(table, spec string) Rule {
	rules, err := ParseSpec(g.f, table, spec)
	if err != nil || len(rules) != 1 {
		g.tb.Fatalf("%s: %v (%d rules)", spec, err, len(rules))
	}
	return rules[0]
}

// ruleset makes a ruleset of its own.
func (g *rulesetMaker) ruleset() Ruleset {
	var rs Ruleset
	for _, table := range []string{"filter", "mangle"} {
		if g.IntN(4) == 0 {
			continue
		}
		users := slices.DeleteFunc(slices.Clone(userChains), func(string) bool { return g.IntN(2) == 0 })
		for _, name := range builtIn[table] {
			if g.IntN(3) > 0 {
				rs = g.fill(rs, ChainID{g.f, table, name}, users)
			}
		}
		for i, name := range users {
			rs = g.fill(rs, ChainID{g.f, table, name}, users[i+1:])
		}
	}
	return rs
}

func (g *rulesetMaker) fill(rs Ruleset, id ChainID, callees []string) Ruleset {
	var c Chain
	if id.BuiltIn() {
		c.Policy = []string{"ACCEPT", "ACCEPT", "DROP"}[g.IntN(3)]
	}
	length := g.IntN(9)
	if g.IntN(20) == 0 {
		length = 50 + g.IntN(100)
	}
	for range length {
		c.Rules = append(c.Rules, g.rule(id.Table, g.spec(id, callees)))
	}
	return rs.WithChain(id, c)
}

// edited makes a ruleset that is a few changes away.
func (g *rulesetMaker) edited(rs Ruleset) Ruleset {
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		if id.BuiltIn() && g.IntN(8) == 0 {
			c.Policy = []string{"ACCEPT", "DROP"}[g.IntN(2)]
		}
		c.Rules = slices.Clone(c.Rules)
		for range g.IntN(4) {
			switch at := g.IntN(len(c.Rules) + 1); {
			case g.IntN(2) == 0:
				c.Rules = slices.Insert(c.Rules, at, g.rule(id.Table, g.spec(id, nil)))
			case at < len(c.Rules):
				moved := c.Rules[at]
				c.Rules = slices.Delete(c.Rules, at, at+1)
				if g.IntN(3) == 0 {
					c.Rules = slices.Insert(c.Rules, g.IntN(len(c.Rules)+1), moved)
				}
			}
		}
		rs = rs.WithChain(id, c)
	}
	return rs
}

// pair makes what a diff is between: two rulesets near to each other, or two that have
// nothing to do with each other, or one that is empty.
func (g *rulesetMaker) pair() (live, wanted Ruleset) {
	live = g.ruleset()
	switch n := g.IntN(10); {
	case n < 6:
		return live, g.edited(live)
	case n < 8:
		return live, g.ruleset()
	case n < 9:
		return live, Ruleset{}
	default:
		return Ruleset{}, live
	}
}
