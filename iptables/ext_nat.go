package iptables

import (
	"slices"
	"strings"
)

// Targets that change addresses.
var natExtensions = []extension{
	{
		name: "SNAT", target: true,
		tables: []string{"nat"}, hooks: []string{"INPUT", "POSTROUTING"},
		show: showNoBase,
		options: []option{
			{name: "--to-source", value: natTarget, flags: required},
			{name: "--random"},
			{name: "--random-fully"},
			{name: "--persistent"},
		},
	},
	{
		name: "DNAT", target: true,
		tables: []string{"nat"}, hooks: []string{"PREROUTING", "OUTPUT"},
		show: showBase,
		options: []option{
			{name: "--to-destination", value: natTarget, flags: required},
			{name: "--random"},
			{name: "--persistent"},
		},
	},
	{
		name: "MASQUERADE", target: true,
		tables: []string{"nat"}, hooks: []string{"POSTROUTING"},
		show: showNoBase,
		options: []option{
			{name: "--to-ports", value: natPorts},
			{name: "--random"},
			{name: "--random-fully"},
		},
	},
	{
		name: "REDIRECT", target: true,
		tables: []string{"nat"}, hooks: []string{"PREROUTING", "OUTPUT"},
		show: showRedirect,
		options: []option{
			{name: "--to-ports", value: natPorts},
			{name: "--random"},
		},
	},
	{
		name: "NETMAP", target: true, tables: []string{"nat"},
		options: []option{{name: "--to", value: network, flags: required}},
		show: func(_ Dialect, _ Family, options []Option) []Option {
			// A mask that is no prefix length is printed as a full one.
			host, mask, _ := strings.Cut(options[0].Value(), "/")
			if !strings.ContainsAny(mask, ".:") {
				return options
			}
			full := "/32"
			if strings.Contains(host, ":") {
				full = "/128"
			}
			options = slices.Clone(options)
			options[0].Values = []string{host + full}
			return options
		},
	},
	prefixTranslation("SNPT", "INPUT", "POSTROUTING"),
	prefixTranslation("DNPT", "PREROUTING", "OUTPUT"),
}

// prefixTranslation describes SNPT and DNPT. The kernel takes prefixes of up to 64 bits whose
// other bits are zero.
func prefixTranslation(name string, hooks ...string) extension {
	prefix := word("a prefix of up to 64 bits, such as 2001:db8::/48", func(p *parser, s string) (string, error) {
		ip, length, odd, err := parseHostMask(p.family, s)
		if err != nil || odd.IsValid() || length > 64 || ip != maskTo(ip, length) {
			return "", refused("bad prefix")
		}
		return network.one(p, s)
	})
	return extension{
		name: name, target: true, families: onlyIPv6, tables: []string{"mangle"}, hooks: hooks,
		options: []option{
			{name: "--src-pfx", value: prefix, flags: required},
			{name: "--dst-pfx", value: prefix, flags: required},
		},
	}
}

// showBase: a base for the ports is known from 1.8.0 on.
func showBase(d Dialect, _ Family, options []Option) []Option {
	if d.Version.before(8, 0) {
		return replaceBase(options, "")
	}
	_, base, hasBase := strings.Cut(options[0].Value(), "/")
	if !hasBase {
		return options
	}
	return replaceBase(options, "/"+base)
}

// showNoBase: targets that have no base print one as 0.
func showNoBase(d Dialect, _ Family, options []Option) []Option {
	if d.Version.before(8, 0) {
		return replaceBase(options, "")
	}
	return replaceBase(options, "/0")
}

// showRedirect: up to 1.8.7 --random is printed beside ports only.
func showRedirect(d Dialect, _ Family, options []Option) []Option {
	if _, ports := findOption(options, "--to-ports"); ports || !d.Version.before(8, 8) {
		return options
	}
	return nil
}

// replaceBase replaces the base of the ports, where there is one, and makes a range of one port
// that port.
func replaceBase(options []Option, base string) []Option {
	if len(options) == 0 || !strings.Contains(options[0].Value(), "/") {
		return options
	}
	text, _, _ := strings.Cut(options[0].Value(), "/")
	lead := strings.LastIndexByte(text, ':') + 1
	if low, high, isRange := strings.Cut(text[lead:], "-"); isRange && low == high {
		text = text[:lead] + low
	}
	options = slices.Clone(options)
	options[0].Values = []string{text + base}
	return options
}
