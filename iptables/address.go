package iptables

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

const addressList = "an address, address/length or address/mask, or several with commas between them"

// parseAddresses reads the argument of -s or -d: a list of addresses with masks. An address
// that means everything gives the zero Address, which is not printed.
func parseAddresses(f Family, list string, negated bool, addresses []Address) ([]Address, error) {
	for {
		item, rest, more := strings.Cut(list, ",")
		// iptables skips blanks behind a comma, not before it (1.8.9).
		a, err := parseAddress(f, strings.TrimLeft(item, " \t"))
		if err != nil {
			return addresses, err
		}
		a.Negated = negated
		if a.everything() && !negated {
			a = Address{}
		}
		addresses = append(addresses, a)
		if list = rest; !more {
			return addresses, nil
		}
	}
}

func (a Address) everything() bool { return a.Prefix.IsValid() && a.Prefix.Bits() == 0 }

// parseAddress reads address, address/length or address/mask and clears the host bits.
func parseAddress(f Family, s string) (Address, error) {
	host, mask := s, ""
	slash := strings.LastIndexByte(s, '/')
	if slash >= 0 {
		host, mask = s[:slash], s[slash+1:]
	}
	length := -1
	var dotted netip.Addr
	if slash >= 0 {
		var err error
		if length, dotted, err = parseMask(f, mask); err != nil {
			return Address{}, err
		}
		if length == 0 && !dotted.IsValid() {
			// Behind an empty mask iptables does not look at the address: any/0.
			return Address{Prefix: netip.PrefixFrom(zero(f), 0)}, nil
		}
	}
	ip, err := parseHost(f, host)
	if err != nil {
		return Address{}, err
	}
	switch {
	case dotted.IsValid():
		return Address{Mask: dotted, IP: and(ip, dotted)}, nil
	case length < 0:
		length = ip.BitLen()
	}
	return Address{Prefix: netip.PrefixFrom(maskTo(ip, length), length)}, nil
}

// zero is the family's address of nothing but zeros.
func zero(f Family) netip.Addr {
	if f == IPv6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// parseHost reads an address in any form that iptables reads. Names are not resolved: the
// answer belongs to the host, and to the moment when it is asked.
func parseHost(f Family, s string) (netip.Addr, error) {
	if f == IPv6 {
		if ip, ok := parseZoned(s); ok {
			return ip, nil
		}
		return netip.Addr{}, noAddress(f, s)
	}
	if ip, ok := parseIPv4(s); ok {
		return ip, nil
	}
	if ip, ok := debianNames[s]; ok {
		return ip, nil
	}
	return netip.Addr{}, noAddress(f, s)
}

// debianNames are the names that every Debian host resolves the same way: /etc/hosts and
// /etc/networks as installed.
var debianNames = map[string]netip.Addr{
	"localhost":  netip.AddrFrom4([4]byte{127, 0, 0, 1}),
	"loopback":   netip.AddrFrom4([4]byte{127, 0, 0, 0}),
	"link-local": netip.AddrFrom4([4]byte{169, 254, 0, 0}),
	"default":    netip.AddrFrom4([4]byte{}),
}

func noAddress(f Family, s string) error {
	c := &complaint{message: "not an " + f.String() + " address", expected: addressList}
	if f == IPv6 {
		if _, ok := parseIPv4(s); ok && s != "" {
			c.message += " (it is an ipv4 address)"
			return c
		}
	} else if _, ok := parseIPv6(s); ok {
		c.message += " (it is an ipv6 address)"
		return c
	}
	hostName := strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
	if hostName && strings.Trim(s, "0123456789.") != "" {
		c.message += "; a host name is not resolved here"
	}
	return c
}

// parseIPv4 reads what iptables takes for an IPv4 address: four numbers in any base, missing
// ones at the end being 0 (`10.1` is 10.1.0.0); what that does not fit, as inet_aton(3) reads
// it (`0x0a000001`, `10.300` is 10.0.1.44).
func parseIPv4(s string) (netip.Addr, bool) {
	if ip, ok := parseDotted(s); ok {
		return ip, true
	}
	return inetAton(s)
}

// parseDotted reads up to four numbers, of which each is a byte; those left out are 0.
func parseDotted(s string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip, ip.Is4()
	}
	var b [4]byte
	rest := s
	for i := range 4 {
		part, after, more := strings.Cut(rest, ".")
		n, ok := parseNumber(part, 0, 255)
		if !ok || i == 3 && more {
			return netip.Addr{}, false
		}
		b[i] = byte(n)
		if rest = after; !more {
			break
		}
	}
	return netip.AddrFrom4(b), true
}

// inetAton reads up to four numbers, of which the last fills the bytes that remain.
func inetAton(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 || s == "" || isSpace(s[0]) || s[0] == '+' {
		return netip.Addr{}, false
	}
	var n uint64
	for i, part := range parts {
		limit := uint64(255)
		if i == len(parts)-1 {
			limit = 1<<(8*(5-len(parts))) - 1
		}
		v, ok := parseNumber(part, 0, limit)
		if !ok || digit(part[0]) > 9 {
			return netip.Addr{}, false
		}
		if i == len(parts)-1 {
			n |= v
		} else {
			n |= v << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)))), true
}

// parseZoned reads an IPv6 address with a zone, which iptables forgets: an interface's number,
// or its name, which only addresses of a link have.
func parseZoned(s string) (netip.Addr, bool) {
	plain, zone, hasZone := strings.Cut(s, "%")
	ip, ok := parseIPv6(plain)
	switch {
	case !hasZone || !ok:
		return ip, ok
	case strings.Trim(zone, "0123456789") == "":
		return ip, zone != ""
	}
	ofLink := ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast()
	return ip, ofLink && len(zone) <= 15 && !strings.Contains(zone, "/")
}

func parseIPv6(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	return ip, err == nil && ip.Is6() && ip.Zone() == ""
}

// parseMask reads a mask: a length, or an address, which is returned only if it is not a
// prefix length.
func parseMask(f Family, s string) (length int, dotted netip.Addr, err error) {
	width := 32
	if f == IPv6 {
		width = 128
	}
	var mask netip.Addr
	var ok bool
	if f == IPv6 {
		mask, ok = parseIPv6(s)
	} else if strings.Count(s, ".") == 3 {
		mask, ok = parseIPv4(s)
	}
	if ok {
		if n, contiguous := maskLength(mask); contiguous {
			return n, netip.Addr{}, nil
		}
		return 0, mask, nil
	}
	n, ok := parseNumber(s, 0, uint64(width))
	if !ok {
		return 0, netip.Addr{}, &complaint{
			message: "bad mask " + s, expected: "a length from 0 to " + decimal(uint64(width)) + ", or a mask",
		}
	}
	return int(n), netip.Addr{}, nil
}

// maskLength is the number of leading ones, and whether nothing but zeros follows.
func maskLength(mask netip.Addr) (int, bool) {
	n, ended := 0, false
	for _, b := range mask.AsSlice() {
		for bit := byte(0x80); bit != 0; bit >>= 1 {
			switch {
			case b&bit == 0:
				ended = true
			case ended:
				return 0, false
			default:
				n++
			}
		}
	}
	return n, true
}

// fullBytes is the number of leading bytes of ones, and whether a byte of zeros follows.
func fullBytes(mask netip.Addr) (n int, ended bool) {
	for _, b := range mask.AsSlice() {
		if b != 0xff {
			return n, b == 0
		}
		n++
	}
	return n, false
}

func and(ip, mask netip.Addr) netip.Addr {
	a, m := ip.AsSlice(), mask.AsSlice()
	for i := range a {
		a[i] &= m[i]
	}
	out, _ := netip.AddrFromSlice(a)
	return out
}

// maskTo clears the bits behind the prefix.
func maskTo(ip netip.Addr, length int) netip.Addr {
	if length == ip.BitLen() {
		return ip
	}
	return netip.PrefixFrom(ip, length).Masked().Addr()
}

// appendAddr appends an address as glibc's inet_ntop writes it, which differs from Go for
// addresses that embed an IPv4 address (::10.0.0.1).
func appendAddr(dst []byte, ip netip.Addr) []byte {
	if ip.Is6() && !ip.Is4In6() {
		b := ip.As16()
		if binary.BigEndian.Uint64(b[:8]) == 0 && binary.BigEndian.Uint32(b[8:12]) == 0 && (b[12] != 0 || b[13] != 0) {
			dst = append(dst, "::"...)
			return netip.AddrFrom4([4]byte(b[12:])).AppendTo(dst)
		}
	}
	return ip.AppendTo(dst)
}

// addrText is appendAddr as a string.
func addrText(ip netip.Addr) string { return string(appendAddr(make([]byte, 0, 40), ip)) }

// appendTo appends the address as iptables prints it, with its mask.
func (a Address) appendTo(dst []byte) []byte {
	if a.Mask.IsValid() {
		dst = appendAddr(dst, a.IP)
		dst = append(dst, '/')
		return appendAddr(dst, a.Mask)
	}
	dst = appendAddr(dst, a.Prefix.Addr())
	dst = append(dst, '/')
	return appendSmall(dst, uint64(a.Prefix.Bits()))
}

// String is the address as iptables prints it, without `!`; "" for the zero Address.
func (a Address) String() string {
	if !a.given() {
		return ""
	}
	return string(a.appendTo(nil))
}

// given reports whether the address is printed at all.
func (a Address) given() bool { return a.Prefix.IsValid() || a.Mask.IsValid() }
