package iptables

import (
	"cmp"
	"maps"
	"slices"
)

// A Ruleset is the firewall of one host: both families, all tables, chains and rules. It
// is a value: WithChain and WithoutChain return a new Ruleset and leave the old one as it was.
// The zero Ruleset is a host on which nobody ever ran iptables.
type Ruleset struct {
	chains map[ChainID]Chain
}

// A ChainID says where a chain is.
type ChainID struct {
	Family Family
	Table  string
	Name   string
}

// A Chain is an ordered list of rules. Policy is "ACCEPT" or "DROP" for a built-in chain
// and "" for any other.
type Chain struct {
	Policy string
	Rules  []Rule
}

var builtIn = map[string][]string{
	"filter":   {"INPUT", "FORWARD", "OUTPUT"},
	"nat":      {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"},
	"mangle":   {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"},
	"raw":      {"PREROUTING", "OUTPUT"},
	"security": {"INPUT", "FORWARD", "OUTPUT"},
}

// BuiltIn reports whether the kernel itself provides the chain.
func (id ChainID) BuiltIn() bool { return slices.Contains(builtIn[id.Table], id.Name) }

// Chain returns a chain. A built-in chain is always there: one that nobody touched is
// empty with policy ACCEPT.
func (rs Ruleset) Chain(id ChainID) (Chain, bool) {
	c, ok := rs.chains[id]
	if !ok && id.BuiltIn() {
		return Chain{Policy: "ACCEPT"}, true
	}
	return c, ok
}

// WithChain returns the ruleset with that chain added or replaced.
func (rs Ruleset) WithChain(id ChainID, c Chain) Ruleset {
	chains := maps.Clone(rs.chains)
	if chains == nil {
		chains = map[ChainID]Chain{}
	}
	chains[id] = c
	return Ruleset{chains}
}

// WithoutChain returns the ruleset without that chain; a built-in chain becomes empty
// with policy ACCEPT.
func (rs Ruleset) WithoutChain(id ChainID) Ruleset {
	chains := maps.Clone(rs.chains)
	delete(chains, id)
	return Ruleset{chains}
}

// Chains lists the chains that are held, sorted by family, table and name.
func (rs Ruleset) Chains() []ChainID {
	return slices.SortedFunc(maps.Keys(rs.chains), func(a, b ChainID) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Name, b.Name))
	})
}
