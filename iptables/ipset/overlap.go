package ipset

import (
	"net/netip"
	"slices"
)

// An Overlap is an entry that another one of the same set holds already.
type Overlap struct{ Entry, Within Entry }

// Overlaps lists the entries of a hash:net that lie within another and say the same, and so
// change nothing. Other types hold no networks alone, and have none.
func Overlaps(s Set) []Overlap {
	if s.Type != "hash:net" {
		return nil
	}
	type network struct {
		prefix netip.Prefix
		entry  Entry
	}
	networks := make([]network, 0, len(s.Entries))
	for _, e := range s.Entries {
		if p, err := s.network(e.Element); err == nil {
			networks = append(networks, network{p, e})
		}
	}
	slices.SortFunc(networks, func(a, b network) int { return a.prefix.Compare(b.prefix) })
	var found []Overlap
	var around []network // those that hold the one at hand, the widest first
	for _, n := range networks {
		for len(around) > 0 && !around[len(around)-1].prefix.Contains(n.prefix.Addr()) {
			around = around[:len(around)-1]
		}
		if len(around) > 0 && around[len(around)-1].entry.NoMatch == n.entry.NoMatch {
			found = append(found, Overlap{n.entry, around[len(around)-1].entry})
		}
		around = append(around, n)
	}
	return found
}
