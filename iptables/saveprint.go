package iptables

import (
	"cmp"
	"slices"
	"strings"
)

// saveOrder is the order in which iptables-nft-save prints tables, whatever they were made in
// (1.8.4 to 1.8.11).
var saveOrder = []string{"mangle", "security", "raw", "filter", "nat"}

// Save prints what iptables-save prints for the family, without comments and counters: for each
// table its chains, the built-in ones first and all others by name, then the rules of each
// chain in that order. Only what the ruleset holds is printed.
//
// nft prints the tables in a fixed order; legacy prints them in the order in which the kernel was
// first asked for them, so there the order of the text that was read is kept.
func (rs Ruleset) Save(f Family, d Dialect) string {
	return rs.SaveBut(f, d, func(ChainID) bool { return false })
}

// SaveBut prints what Save prints, but not the lines that declare the chains of which leave says so: iptables-restore --noflush
// takes a built-in chain without it.
func (rs Ruleset) SaveBut(f Family, d Dialect, leave func(ChainID) bool) string {
	byTable := map[string][]ChainID{}
	for _, id := range rs.Chains() {
		if id.Family == f {
			byTable[id.Table] = append(byTable[id.Table], id)
		}
	}
	var b strings.Builder
	for _, table := range rs.printed(f, d) {
		b.WriteString("*" + table + "\n")
		for _, id := range byTable[table] {
			if !leave(id) {
				b.WriteString(":" + id.Name + " " + cmp.Or(rs.chains[id].Policy, "-") + "\n")
			}
		}
		for _, id := range byTable[table] {
			for _, r := range rs.chains[id].Rules {
				b.WriteString(id.ListLine(r, d) + "\n")
			}
		}
		b.WriteString("COMMIT\n")
	}
	return b.String()
}

// printed is the order of the tables that are held.
func (rs Ruleset) printed(f Family, d Dialect) []string {
	order := saveOrder
	if d.Backend == Legacy {
		var read []string
		for _, t := range rs.tables {
			if t.Family == f {
				read = append(read, t.Name)
			}
		}
		order = slices.Concat(read, saveOrder)
	}
	return slices.SortedFunc(slices.Values(rs.Tables(f)), inOrder(order))
}

// inOrder compares names by their first place in a list; what is not in it comes last, by name.
func inOrder(list []string) func(a, b string) int {
	rank := func(name string) int {
		if i := slices.Index(list, name); i >= 0 {
			return i
		}
		return len(list)
	}
	return func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) }
}
