package iptables

import (
	"net/netip"
	"slices"
	"strings"
)

// Matches on connection tracking.
var conntrackExtensions = []extension{
	{
		name: "state",
		options: []option{
			{name: "--state", value: namesOf("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"), flags: negatable | required},
		},
	},
	{
		name: "conntrack",
		options: []option{
			{name: "--ctstate", value: namesOf("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"), flags: negatable | either},
			{name: "--ctproto", value: protocolNumber, flags: negatable | either},
			{name: "--ctorigsrc", value: hostWithMask, flags: negatable | either},
			{name: "--ctorigdst", value: hostWithMask, flags: negatable | either},
			{name: "--ctreplsrc", value: hostWithMask, flags: negatable | either},
			{name: "--ctrepldst", value: hostWithMask, flags: negatable | either},
			{name: "--ctorigsrcport", value: anyPorts(), flags: negatable | either},
			{name: "--ctorigdstport", value: anyPorts(), flags: negatable | either},
			{name: "--ctreplsrcport", value: anyPorts(), flags: negatable | either},
			{name: "--ctrepldstport", value: anyPorts(), flags: negatable | either},
			{name: "--ctstatus", value: ctStatus, flags: negatable | either},
			{name: "--ctexpire", value: numberRange(1<<32 - 1), flags: negatable | either},
			{name: "--ctdir", value: oneOf("ORIGINAL", "REPLY"), flags: either},
		},
		show: func(_ Dialect, _ Family, options []Option) []Option { return hideOddMasks(options) },
	},
}

// ctStatus knows NONE beside the names that are printed; it adds nothing to others.
var ctStatus = func() *value {
	names := []string{"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED", "NONE"}
	list := namesOf(names...)
	return word(list.expects, func(p *parser, s string) (string, error) {
		values, err := list.read(p, []string{s})
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(values[0], ",NONE"), nil
	})
}()

// protocolNumber describes a protocol that is printed as a number.
var protocolNumber = word("a protocol's name or number", func(_ *parser, s string) (string, error) {
	n, err := parseProtocol(s)
	return canonicalDecimal(uint64(n), s), err
})

// hostWithMask describes an address with a mask that keeps its host bits and prints no full
// mask.
var hostWithMask = word("an address, address/length or address/mask", func(p *parser, s string) (string, error) {
	host, mask, hasMask := strings.Cut(s, "/")
	ip, err := parseHost(p.family, host)
	if err != nil {
		return "", err
	}
	text := canonicalAddr(ip, host)
	if !hasMask {
		return text, nil
	}
	length, dotted, err := parseMask(p.family, mask)
	if err != nil {
		return "", err
	}
	return text + maskSuffix(ip, length, dotted), nil
})

// canonicalAddr is the address as text; the word itself where it is that already.
func canonicalAddr(ip netip.Addr, word string) string {
	var buffer [48]byte
	if text := appendAddr(buffer[:0], ip); string(text) == word {
		return word
	}
	return addrText(ip)
}

// maskSuffix is "/24", "/255.0.255.0" or, for a full mask, nothing.
func maskSuffix(ip netip.Addr, length int, dotted netip.Addr) string {
	switch {
	case dotted.IsValid():
		return "/" + addrText(dotted)
	case length == ip.BitLen():
		return ""
	}
	return "/" + decimal(uint64(length))
}

// hideOddMasks: conntrack prints no mask that is not a prefix length (1.8.9).
func hideOddMasks(options []Option) []Option {
	odd := func(o Option) bool {
		_, mask, hasMask := strings.Cut(o.Value(), "/")
		return hasMask && strings.ContainsAny(mask, ".:")
	}
	if !slices.ContainsFunc(options, odd) {
		return options
	}
	options = slices.Clone(options)
	for i, o := range options {
		if odd(o) {
			host, _, _ := strings.Cut(o.Value(), "/")
			options[i].Values = []string{host}
		}
	}
	return options
}
