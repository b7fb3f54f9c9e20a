package iptables

import "net/netip"

// Shared is the shortest list of prefixes for the addresses that both lists hold. All of them are of
// the family.
func Shared(f Family, a, b []netip.Prefix) []netip.Prefix {
	return prefixesOf(intersection(f, intervalsOf(a), intervalsOf(b)))
}

// Without is the shortest list of prefixes for the addresses of a that b does not hold. All of them are
// of the family.
func Without(f Family, a, b []netip.Prefix) []netip.Prefix {
	return prefixesOf(intersection(f, intervalsOf(a), complementOf(f, intervalsOf(b))))
}

// Joined is the shortest list of prefixes for the addresses that one of the lists holds.
func Joined(a, b []netip.Prefix) []netip.Prefix {
	return prefixesOf(union(intervalsOf(a), intervalsOf(b)))
}

// Everyone is the prefix that holds all addresses of the family.
func Everyone(f Family) netip.Prefix {
	return netip.PrefixFrom(everything(f).first, 0)
}

func intervalsOf(prefixes []netip.Prefix) []interval {
	list := make([]interval, len(prefixes))
	for i, p := range prefixes {
		list[i] = prefixInterval(p)
	}
	return union(list, nil)
}
