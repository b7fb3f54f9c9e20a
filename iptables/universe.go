package iptables

import (
	"net/netip"
	"slices"
)

// A universe is all addresses of a family, cut wherever a rule could tell two neighbours apart: the
// addresses of a cell meet one fate. Reachable walks the rules once with all cells.
type universe struct {
	family Family
	side   side         // whose address is asked for
	starts []netip.Addr // the first address of each cell, sorted; the first of all is 0.0.0.0 or ::
}

// side is one of a packet's two ends.
type side uint8

const (
	source side = iota
	destination
)

func newUniverse(f Family, s side, conditions []condition) *universe {
	starts := []netip.Addr{everything(f).first}
	for _, c := range conditions {
		for _, i := range c.intervals {
			starts = append(starts, i.first)
			if next := i.last.Next(); next.IsValid() {
				starts = append(starts, next)
			}
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	return &universe{f, s, slices.Compact(starts)}
}

// size is the number of cells; a walk without a universe has one.
func (u *universe) size() int {
	if u == nil {
		return 1
	}
	return len(u.starts)
}

func (u *universe) all() cells { return span(0, u.size()) }

// none is the empty set with room for every cell.
func (u *universe) none() cells { return cells{0, make([]uint64, (u.size()+63)/64)} }

// cell is the cell that an address lies in.
func (u *universe) cell(a netip.Addr) int {
	i, found := slices.BinarySearchFunc(u.starts, a, netip.Addr.Compare)
	if found {
		return i
	}
	return i - 1
}

// span is the cells of an interval, which begins and ends where cells do.
func (u *universe) span(i interval) (from, to int) { return u.cell(i.first), u.cell(i.last) + 1 }

// restrict is the part of a set for which a condition holds.
func (u *universe) restrict(c cells, by condition) cells {
	if len(by.intervals) == 1 {
		in := span(u.span(by.intervals[0]))
		if by.negated {
			return c.minus(in)
		}
		return c.and(in)
	}
	in := u.none()
	for _, i := range by.intervals {
		in.fill(u.span(i))
	}
	if by.negated {
		return c.minus(in)
	}
	return c.and(in)
}

// intervals are the addresses of a set of cells, neighbours joined.
func (u *universe) intervals(c cells) []interval {
	var out []interval
	for i, first := range u.starts {
		if !c.has(i) {
			continue
		}
		last := u.lastOf(i)
		if n := len(out); n > 0 && out[n-1].last.Next() == first {
			out[n-1].last = last
			continue
		}
		out = append(out, interval{first, last})
	}
	return out
}

func (u *universe) lastOf(cell int) netip.Addr {
	if cell+1 < len(u.starts) {
		return u.starts[cell+1].Prev()
	}
	return everything(u.family).last
}
