package iptables

import (
	"net/netip"
	"slices"
	"strings"
)

// one reads a value of one word.
func (v *value) one(p *parser, s string) (string, error) {
	values, err := v.read(p, []string{s})
	if err != nil {
		return "", err
	}
	return values[0], nil
}

const hostExpected = "an address, address/length or address/mask"

// hostWithMask describes an address with a mask that keeps its host bits and prints no full
// mask.
var hostWithMask = word(hostExpected, func(p *parser, s string) (string, error) {
	ip, length, dotted, err := parseHostMask(p.family, s)
	if err != nil {
		return "", err
	}
	host, mask, _ := strings.Cut(s, "/")
	text := canonicalAddr(ip, host)
	switch {
	case dotted.IsValid():
		return text + "/" + addrText(dotted), nil
	case length == ip.BitLen():
		return text, nil
	}
	if suffix := decimal(uint64(length)); text+"/"+suffix != s || mask != suffix {
		return text + "/" + suffix, nil
	}
	return s, nil
})

// hideOddMasks: of hostWithMask, a mask that is no prefix length is not printed up to 1.8.10, but
// suffix in its place.
func hideOddMasks(d Dialect, options []Option, suffix string) []Option {
	if !d.Version.before(8, 11) {
		return options
	}
	odd := func(o Option) (host string, found bool) {
		host, mask, _ := strings.Cut(o.Value(), "/")
		return host, strings.ContainsAny(mask, ".:")
	}
	shown := options
	for i, o := range options {
		if host, found := odd(o); found {
			shown = slices.Clone(shown)
			shown[i].Values = []string{host + suffix}
		}
	}
	return shown
}

// network describes an address with a mask that is always printed, and clears its host bits.
var network = word(hostExpected, func(p *parser, s string) (string, error) {
	ip, length, dotted, err := parseHostMask(p.family, s)
	if err != nil {
		return "", err
	}
	if dotted.IsValid() {
		return addrText(ip) + "/" + addrText(dotted), nil
	}
	if text := addrText(maskTo(ip, length)) + "/" + decimal(uint64(length)); text != s {
		return text, nil
	}
	return s, nil
})

// parseHostMask reads what extensions take for an address with a mask. They ask
// getaddrinfo(3), which reads `1.2.3` as 1.2.0.3, while -s reads it as 1.2.3.0; even a mask
// that is no length is such an address.
func parseHostMask(f Family, s string) (ip netip.Addr, length int, dotted netip.Addr, err error) {
	host, mask, hasMask := strings.Cut(s, "/")
	if ip, err = lookUpHost(f, host); err != nil {
		return ip, 0, dotted, err
	}
	if !hasMask {
		return ip, ip.BitLen(), dotted, nil
	}
	if n, ok := parseNumber(mask, 0, uint64(ip.BitLen())); ok {
		return ip, int(n), dotted, nil
	}
	m, err := lookUpHost(f, mask)
	if err != nil {
		return ip, 0, dotted, refused("bad mask " + mask)
	}
	if n, contiguous := maskLength(m); contiguous {
		return ip, n, dotted, nil
	}
	return ip, ip.BitLen(), m, nil
}

// lookUpHost reads an address as getaddrinfo(3) does, without asking anybody.
func lookUpHost(f Family, s string) (netip.Addr, error) {
	if f == IPv6 {
		if ip, ok := parseZoned(s); ok {
			return ip, nil
		}
		return netip.Addr{}, noAddress(f, s)
	}
	if ip, ok := inetAton(s); ok {
		return ip, nil
	}
	if ip, ok := debianNames[s]; ok && s == "localhost" {
		return ip, nil
	}
	return netip.Addr{}, noAddress(f, s)
}

// canonicalAddr is the address as text; the word itself where it is that already.
func canonicalAddr(ip netip.Addr, word string) string {
	var buffer [48]byte
	if text := appendAddr(buffer[:0], ip); string(text) == word {
		return word
	}
	return addrText(ip)
}
