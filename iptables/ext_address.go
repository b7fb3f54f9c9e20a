package iptables

import (
	"slices"
	"strings"
)

// Matches on addresses and where they belong.
var addressExtensions = []extension{
	{
		name: "iprange",
		options: []option{
			{name: "--src-range", value: addressRange, flags: negatable | either},
			{name: "--dst-range", value: addressRange, flags: negatable | either},
		},
	},
	{
		name: "mac",
		options: []option{
			{name: "--mac-source", value: macAddress, flags: negatable | required},
		},
		hooks: []string{"PREROUTING", "INPUT", "FORWARD"},
		show: func(d Dialect, _ Family, options []Option) []Option {
			// 1.8.7 turned the letters small.
			if len(options) == 0 || !d.Version.before(8, 7) {
				return options
			}
			o := options[0]
			o.Values = []string{strings.ToUpper(o.Value())}
			return []Option{o}
		},
	},
	{
		name: "addrtype",
		options: []option{
			{name: "--src-type", value: addressTypes, flags: negatable | either},
			{name: "--dst-type", value: addressTypes, flags: negatable | either},
			{name: "--limit-iface-in", notIn: []string{"OUTPUT", "POSTROUTING"}, excludes: []string{"--limit-iface-out"}},
			{name: "--limit-iface-out", notIn: []string{"PREROUTING", "INPUT"}, excludes: []string{"--limit-iface-in"}},
		},
		finish: typesInIPv6,
	},
}

// typesInIPv6 refuses what IPv6 has no notion of.
func typesInIPv6(l *loaded, p *parser) error {
	for _, name := range []string{"--src-type", "--dst-type"} {
		if s := l.option(name); s.set && p.family == IPv6 {
			for _, unknown := range []string{"BROADCAST", "BLACKHOLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"} {
				if slices.Contains(strings.Split(s.value(), ","), unknown) {
					return refused(name + " " + unknown + " does not work in IPv6")
				}
			}
		}
	}
	return nil
}

var addressTypes = namesOf("UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE",
	"UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE")

// addressRange describes first-last; one address alone is a range of one.
var addressRange = word("an address or a range first-last", func(p *parser, s string) (string, error) {
	first, last, isRange := strings.Cut(s, "-")
	a, ok := parseRangeEnd(p.family, first)
	if !ok {
		return "", refused("bad address " + first)
	}
	if !isRange {
		return a + "-" + a, nil
	}
	b, ok := parseRangeEnd(p.family, last)
	if !ok {
		return "", refused("bad address " + last)
	}
	if len(a) == len(first) && len(b) == len(last) && s[:len(a)] == a && s[len(a)+1:] == b {
		return s, nil
	}
	return a + "-" + b, nil
})

// parseRangeEnd reads a plain address: neither a name nor what only inet_aton(3) reads.
func parseRangeEnd(f Family, s string) (string, bool) {
	if f == IPv6 {
		ip, ok := parseIPv6(s)
		return addrText(ip), ok
	}
	ip, ok := parseDotted(s)
	if !ok {
		return "", false
	}
	return canonicalAddr(ip, s), ok
}

// macAddress describes six hexadecimal numbers with colons between them.
var macAddress = word("a MAC address such as 00:11:22:aa:bb:cc", func(_ *parser, s string) (string, error) {
	parts := strings.Split(s, ":")
	if len(parts) != 6 {
		return "", refused("bad MAC address")
	}
	text := make([]byte, 0, 17)
	for i, part := range parts {
		b, ok := hexByte(part)
		if !ok {
			return "", refused("bad MAC address")
		}
		if i > 0 {
			text = append(text, ':')
		}
		const digits = "0123456789abcdef"
		text = append(text, digits[b>>4], digits[b&15])
	}
	return string(text), nil
})

// hexByte reads up to two characters as strtoul(3) does; none at all are 0.
func hexByte(s string) (byte, bool) {
	n, rest := strtoul(s, 16)
	return byte(n), len(s) <= 2 && rest == ""
}
