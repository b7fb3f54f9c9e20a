package ipset

import (
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// address reads one address of the set's family.
func (s Set) address(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return a, refused("%q is no address (203.0.113.7, 2001:db8::1)", text)
	case a.Zone() != "":
		return a, refused("%q carries a zone, which a set does not keep", text)
	case a.Is4() && s.Family == "inet6":
		return a, refused("%s is an IPv4 address, and the set is for IPv6 (family = \"inet6\")", text)
	case !a.Is4() && s.Family != "inet6":
		return a, refused("%s is an IPv6 address, and the set is for IPv4: another one with family = \"inet6\" would hold it", text)
	}
	return a, nil
}

// network reads an address or a network in CIDR notation; host bits are cleared, as ipset does.
func (s Set) network(text string) (netip.Prefix, error) {
	before, length, isNetwork := strings.Cut(text, "/")
	a, err := s.address(before)
	if err != nil {
		return netip.Prefix{}, err
	}
	if !isNetwork {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := strconv.ParseUint(length, 10, 8)
	if err != nil || int(n) > a.BitLen() {
		return netip.Prefix{}, refused("the prefix length %q is not a number from 0 to %d", length, a.BitLen())
	}
	return netip.PrefixFrom(a, int(n)).Masked(), nil
}

// span reads "10.0.0.1-10.0.0.9"; ok is false for a text that is no range.
func (s Set) span(text string) (first, last netip.Addr, ok bool, err error) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return first, last, false, nil
	}
	if first, err = s.address(from); err == nil {
		last, err = s.address(to)
	}
	switch {
	case err != nil:
		return first, last, true, err
	case !first.Is4():
		return first, last, true, refused("ipset takes ranges of IPv4 addresses only")
	case last.Less(first):
		return first, last, true, refused("the range goes from its end to its start")
	}
	return first, last, true, nil
}

// addresses are those that a text stands for where a set holds single ones.
func (s Set) addresses(text string, several bool) ([]string, error) {
	first, last, ranged, err := s.span(text)
	if err != nil {
		return nil, err
	}
	if !ranged {
		p, err := s.network(text)
		if err != nil {
			return nil, err
		}
		if p.IsSingleIP() {
			return []string{p.Addr().String()}, nil
		}
		if !p.Addr().Is4() {
			return nil, refused("it is a network, and a %s of IPv6 holds single addresses; hash:net holds networks", s.Type)
		}
		first, last = p.Addr(), lastOf(p)
	}
	from, to := number(first), number(last)
	switch count := uint64(to) - uint64(from) + 1; {
	case !several && count > 1:
		return nil, refused("only the first address of a %s may be a range", s.Type)
	case count > maxExpanded:
		return nil, tooMany(count)
	}
	var all []string
	for n := uint64(from); n <= uint64(to); n++ {
		all = append(all, address4(uint32(n)).String())
	}
	return all, nil
}

// networks are those that a text stands for where a set holds networks: a range is the
// fewest networks that make it up.
func (s Set) networks(text string, everyone bool) ([]string, error) {
	first, last, ranged, err := s.span(text)
	if err != nil {
		return nil, err
	}
	if !ranged {
		p, err := s.network(text)
		if err != nil {
			return nil, err
		}
		if p.Bits() == 0 && !everyone {
			return nil, refused("a %s holds no network of length 0: write its two halves (%s/1 and its sister)", s.Type, p.Addr())
		}
		return []string{networkText(p)}, nil
	}
	var all []string
	for from, to := uint64(number(first)), uint64(number(last)); from <= to; {
		size := bits.TrailingZeros32(uint32(from)) // 32 for 0.0.0.0
		if size == 32 && !everyone {
			size = 31
		}
		for size > 0 && from+1<<size-1 > to {
			size--
		}
		all = append(all, networkText(netip.PrefixFrom(address4(uint32(from)), 32-size)))
		from += 1 << size
	}
	return all, nil
}

// networkText is how ipset prints a network: a single address without its length.
func networkText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func address4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func lastOf(p netip.Prefix) netip.Addr {
	return address4(number(p.Addr()) | uint32(1<<(32-p.Bits())-1))
}
