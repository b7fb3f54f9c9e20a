package iptables

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

// An interval is the addresses from first to last, both included.
type interval struct{ first, last netip.Addr }

// A condition is a set of addresses, or with negated all others.
type condition struct {
	intervals []interval
	negated   bool
}

func (c condition) holds(a netip.Addr) bool {
	in := slices.ContainsFunc(c.intervals, func(i interval) bool {
		return a.Compare(i.first) >= 0 && a.Compare(i.last) <= 0
	})
	return in != c.negated
}

func prefixInterval(p netip.Prefix) interval {
	p = p.Masked()
	return interval{p.Addr(), lastAddress(p)}
}

// lastAddress is the highest address of a prefix.
func lastAddress(p netip.Prefix) netip.Addr {
	if p.Addr().Is4() {
		b := p.Addr().As4()
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|uint32(1<<(32-p.Bits())-1))
		return netip.AddrFrom4(b)
	}
	b := p.Addr().As16()
	for i := p.Bits() / 8; i < len(b); i++ {
		b[i] |= byte(0xff >> max(p.Bits()-8*i, 0))
	}
	return netip.AddrFrom16(b)
}

// prefixes covers an interval with as few prefixes as there can be.
func (i interval) prefixes() []netip.Prefix {
	var out []netip.Prefix
	for first := i.first; ; {
		bits := first.BitLen()
		for bits > 0 {
			wider := netip.PrefixFrom(first, bits-1)
			if wider.Masked().Addr() != first || lastAddress(wider).Compare(i.last) > 0 {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(first, bits)
		out = append(out, p)
		last := lastAddress(p)
		if last == i.last {
			return out
		}
		first = last.Next()
	}
}

func prefixesOf(list []interval) []netip.Prefix {
	var out []netip.Prefix
	for _, i := range list {
		out = append(out, i.prefixes()...)
	}
	return out
}

// union is sorted and has no two intervals that touch.
func union(a, b []interval) []interval {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y interval) int { return x.first.Compare(y.first) })
	var out []interval
	for _, i := range all {
		if n := len(out); n > 0 {
			before := &out[n-1]
			if next := before.last.Next(); !next.IsValid() || i.first.Compare(next) <= 0 {
				if i.last.Compare(before.last) > 0 {
					before.last = i.last
				}
				continue
			}
		}
		out = append(out, i)
	}
	return out
}

// complementOf is what a sorted list leaves of a family's addresses.
func complementOf(f Family, list []interval) []interval {
	var out []interval
	first, all := everything(f).first, everything(f)
	for _, i := range list {
		if first.Compare(i.first) < 0 {
			out = append(out, interval{first, i.first.Prev()})
		}
		if first = i.last.Next(); !first.IsValid() {
			return out
		}
	}
	return append(out, interval{first, all.last})
}

func intersection(f Family, a, b []interval) []interval {
	return complementOf(f, union(complementOf(f, a), complementOf(f, b)))
}

// everything is all addresses of a family.
func everything(f Family) interval {
	if f == IPv6 {
		return prefixInterval(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	}
	return prefixInterval(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
}
