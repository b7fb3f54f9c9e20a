package iptables

import (
	"cmp"
	"maps"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// A Ruleset is the firewall of one host: both families, all tables, chains and rules, and the
// ipsets that rules refer to. It is a value: WithChain, WithSet, Merge and their kin return a new
// Ruleset and leave the old one as it was. The zero Ruleset is a host on which nobody ever ran iptables.
type Ruleset struct {
	chains map[ChainID]Chain
	sets   map[string]ipset.Set // by name; one name space for both families
	// tables is the order in which a saved text named its tables. It means nothing to the
	// kernel, but legacy iptables-save prints tables in the order in which they were first used.
	tables []tableID
	memo   *memo // nil for the zero Ruleset
}

type tableID struct {
	Family Family
	Name   string
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

// A Jump is a rule that jumps or goes to a chain of its own table.
type Jump struct {
	Chain  ChainID
	Number int // the position of Rule in Chain, counted from 1 as iptables counts
	Rule   Rule
}

// builtIn lists the chains of the kernel in the order in which iptables-save prints them.
var builtIn = map[string][]string{
	"filter":   {"INPUT", "FORWARD", "OUTPUT"},
	"nat":      {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"},
	"mangle":   {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"},
	"raw":      {"PREROUTING", "OUTPUT"},
	"security": {"INPUT", "FORWARD", "OUTPUT"},
}

// BuiltInChains lists the chains of a table that the kernel itself provides, in the order of a
// packet's way; none for a table that there is not.
func BuiltInChains(table string) []string { return slices.Clone(builtIn[table]) }

// BuiltIn reports whether the kernel itself provides the chain.
func (id ChainID) BuiltIn() bool { return slices.Contains(builtIn[id.Table], id.Name) }

// compare orders chains as people look for them: family, table, the built-in chains in the
// order of a packet's way, then all others by name.
func (id ChainID) compare(o ChainID) int {
	return cmp.Or(
		cmp.Compare(id.Family, o.Family),
		cmp.Compare(id.Table, o.Table),
		cmp.Compare(id.rank(), o.rank()),
		cmp.Compare(id.Name, o.Name))
}

// rank is the place among the built-in chains; all chains of users share the place behind them.
func (id ChainID) rank() int {
	hooks := builtIn[id.Table]
	if i := slices.Index(hooks, id.Name); i >= 0 {
		return i
	}
	return len(hooks)
}

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
	return Ruleset{chains: chains, sets: rs.sets, tables: rs.tables, memo: new(memo)}
}

// WithoutChain returns the ruleset without that chain; a built-in chain becomes empty
// with policy ACCEPT.
func (rs Ruleset) WithoutChain(id ChainID) Ruleset {
	chains := maps.Clone(rs.chains)
	delete(chains, id)
	return Ruleset{chains: chains, sets: rs.sets, tables: rs.tables, memo: new(memo)}
}

// Only returns the ruleset with no other chains than those that keep picks.
func (rs Ruleset) Only(keep func(ChainID) bool) Ruleset {
	chains := map[ChainID]Chain{}
	for id, c := range rs.chains {
		if keep(id) {
			chains[id] = c
		}
	}
	return Ruleset{chains: chains, sets: rs.sets, tables: rs.tables, memo: new(memo)}
}

// Merge returns the ruleset with every chain and set that other holds added or replaced. Those
// that other does not hold stay as they are.
func (rs Ruleset) Merge(other Ruleset) Ruleset {
	chains := maps.Clone(rs.chains)
	if chains == nil {
		chains = map[ChainID]Chain{}
	}
	maps.Copy(chains, other.chains)
	tables := slices.Clone(rs.tables)
	for _, t := range other.tables {
		if !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	return Ruleset{chains: chains, sets: mergedSets(rs.sets, other.sets), tables: tables, memo: new(memo)}
}

// Chains lists the chains that are held: by family, by table, the built-in chains in the
// order of a packet's way, then all others by name.
func (rs Ruleset) Chains() []ChainID {
	return slices.SortedFunc(maps.Keys(rs.chains), ChainID.compare)
}

// ChainsOf lists the chains of one table, in the order of Chains.
func (rs Ruleset) ChainsOf(f Family, table string) []ChainID {
	var ids []ChainID
	for id := range rs.chains {
		if id.Family == f && id.Table == table {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, ChainID.compare)
	return ids
}

// Len is the number of rules in all chains.
func (rs Ruleset) Len() int {
	n := 0
	for _, c := range rs.chains {
		n += len(c.Rules)
	}
	return n
}

// Tables lists the tables of the family of which at least one chain is held, by name.
func (rs Ruleset) Tables(f Family) []string {
	held := map[string]bool{}
	for id := range rs.chains {
		if id.Family == f {
			held[id.Table] = true
		}
	}
	return slices.Sorted(maps.Keys(held))
}

// JumpsTo lists the rules that jump or go to the chain, by chain and position. As long as there
// is one, the chain cannot be deleted.
func (rs Ruleset) JumpsTo(id ChainID) []Jump {
	var found []Jump
	for from, c := range rs.chains {
		if from.Family != id.Family || from.Table != id.Table {
			continue
		}
		for i, r := range c.Rules {
			if r.Target.Name == id.Name {
				found = append(found, Jump{Chain: from, Number: i + 1, Rule: r})
			}
		}
	}
	slices.SortFunc(found, func(a, b Jump) int {
		return cmp.Or(a.Chain.compare(b.Chain), cmp.Compare(a.Number, b.Number))
	})
	return found
}

// Equal reports whether the kernel would behave the same with either ruleset. A built-in chain
// that is not held equals one that is empty with policy ACCEPT.
func (rs Ruleset) Equal(o Ruleset) bool {
	return rs.within(o) && o.within(rs) && maps.EqualFunc(rs.sets, o.sets, ipset.Set.Equal)
}

func (rs Ruleset) within(o Ruleset) bool {
	for id, c := range rs.chains {
		other, ok := o.Chain(id)
		if !ok || !c.Equal(other) {
			return false
		}
	}
	return true
}

// Equal reports whether two chains have the same policy and the same rules in the same order.
func (c Chain) Equal(o Chain) bool {
	return c.Policy == o.Policy && slices.EqualFunc(c.Rules, o.Rules, equalRules)
}

// equalRules is Rule.Equal for lists of which most lines did not change: rules that share
// their memory need no key.
func equalRules(a, b Rule) bool { return a.identical(b) || a.Equal(b) }

// identical reports whether two rules hold the same values field by field, which is cheaper to
// find out than a key and implies equal keys.
func (r Rule) identical(o Rule) bool {
	return r.Family == o.Family && r.Source == o.Source && r.Destination == o.Destination &&
		r.In == o.In && r.Out == o.Out && r.Protocol == o.Protocol && r.Fragment == o.Fragment &&
		r.Target.Name == o.Target.Name && r.Target.Goto == o.Target.Goto && r.Target.Opaque == o.Target.Opaque &&
		slices.EqualFunc(r.Matches, o.Matches, func(a, b Match) bool {
			return a.Name == b.Name && a.Opaque == b.Opaque && identicalOptions(a.Options, b.Options)
		}) &&
		identicalOptions(r.Target.Options, o.Target.Options)
}

func identicalOptions(a, b []Option) bool {
	return slices.EqualFunc(a, b, func(a, b Option) bool {
		return a.Name == b.Name && a.Negated == b.Negated && slices.Equal(a.Values, b.Values)
	})
}
