package iptables

import (
	"slices"
	"strings"
)

var icmpExtensions = []extension{
	{
		name:      "icmp",
		families:  onlyIPv4,
		protocols: []uint8{ICMP},
		options: []option{
			{name: "--icmp-type", value: icmpType("ICMP", icmpNames), flags: negatable | required},
		},
		show: func(d Dialect, _ Family, options []Option) []Option {
			return showICMP(options, d.Version.before(8, 10))
		},
	},
	{
		name:      "icmp6",
		aliases:   []string{"icmpv6", "ipv6-icmp"},
		families:  onlyIPv6,
		protocols: []uint8{ICMPv6},
		options: []option{
			{name: "--icmpv6-type", value: icmpType("ICMPv6", icmp6Names), flags: negatable | required},
		},
		show: func(_ Dialect, _ Family, options []Option) []Option {
			return showICMP(options, false)
		},
	},
}

// A namedType is a name of an ICMP type, or of a type with a code.
type namedType struct{ name, number string }

var icmpNames = []namedType{
	{"any", "any"},
	{"echo-reply", "0"}, {"pong", "0"},
	{"destination-unreachable", "3"}, {"network-unreachable", "3/0"}, {"host-unreachable", "3/1"},
	{"protocol-unreachable", "3/2"}, {"port-unreachable", "3/3"}, {"fragmentation-needed", "3/4"},
	{"source-route-failed", "3/5"}, {"network-unknown", "3/6"}, {"host-unknown", "3/7"},
	{"network-prohibited", "3/9"}, {"host-prohibited", "3/10"}, {"TOS-network-unreachable", "3/11"},
	{"TOS-host-unreachable", "3/12"}, {"communication-prohibited", "3/13"},
	{"host-precedence-violation", "3/14"}, {"precedence-cutoff", "3/15"},
	{"source-quench", "4"},
	{"redirect", "5"}, {"network-redirect", "5/0"}, {"host-redirect", "5/1"},
	{"TOS-network-redirect", "5/2"}, {"TOS-host-redirect", "5/3"},
	{"echo-request", "8"}, {"ping", "8"},
	{"router-advertisement", "9"}, {"router-solicitation", "10"},
	{"time-exceeded", "11"}, {"ttl-exceeded", "11"},
	{"ttl-zero-during-transit", "11/0"}, {"ttl-zero-during-reassembly", "11/1"},
	{"parameter-problem", "12"}, {"ip-header-bad", "12/0"}, {"required-option-missing", "12/1"},
	{"timestamp-request", "13"}, {"timestamp-reply", "14"},
	{"address-mask-request", "17"}, {"address-mask-reply", "18"},
}

var icmp6Names = []namedType{
	{"destination-unreachable", "1"}, {"no-route", "1/0"}, {"communication-prohibited", "1/1"},
	{"beyond-scope", "1/2"}, {"address-unreachable", "1/3"}, {"port-unreachable", "1/4"},
	{"failed-policy", "1/5"}, {"reject-route", "1/6"},
	{"packet-too-big", "2"},
	{"time-exceeded", "3"}, {"ttl-exceeded", "3"},
	{"ttl-zero-during-transit", "3/0"}, {"ttl-zero-during-reassembly", "3/1"},
	{"parameter-problem", "4"}, {"bad-header", "4/0"}, {"unknown-header-type", "4/1"}, {"unknown-option", "4/2"},
	{"echo-request", "128"}, {"ping", "128"}, {"echo-reply", "129"}, {"pong", "129"},
	// The names of multicast listener discovery are known from 1.8.10 on; the number that is
	// sent in their place works everywhere.
	{"mld-listener-query", "130"}, {"mld-listener-report", "131"},
	{"mld-listener-done", "132"}, {"mld-listener-reduction", "132"},
	{"router-solicitation", "133"}, {"router-advertisement", "134"},
	{"neighbour-solicitation", "135"}, {"neighbor-solicitation", "135"},
	{"neighbour-advertisement", "136"}, {"neighbor-advertisement", "136"},
	{"redirect", "137"},
}

// icmpType describes a type, type/code or a name, which may be shortened as long as it is
// clear. The canonical form is type, type/code, type/low:high or any.
func icmpType(what string, names []namedType) *value {
	return word("a name such as echo-request, a type from 0 to 255, or type/code", func(_ *parser, s string) (string, error) {
		if text, ok := parseICMP(s); ok {
			if text == "255" && names[0].name == "any" {
				text = "any"
			}
			return text, nil
		}
		var hits []string
		number := ""
		for _, n := range names {
			if len(s) <= len(n.name) && strings.EqualFold(n.name[:len(s)], s) {
				hits, number = append(hits, n.name), n.number
			}
		}
		switch len(hits) {
		case 1:
			return number, nil
		case 0:
			known := make([]string, len(names))
			for i, n := range names {
				known[i] = n.name
			}
			return "", refusedNear("unknown "+what+" type", s, known)
		}
		return "", refused("this may be " + quoteList(hits))
	})
}

// parseICMP reads type, type/code and type/low:high. A range of types may have one member only.
func parseICMP(s string) (string, bool) {
	t, code, hasCode := strings.Cut(s, "/")
	t, last, isRange := strings.Cut(t, ":")
	n, ok := parseNumber(t, 0, 255)
	if !ok {
		return "", false
	}
	if end, ok := parseNumber(last, 0, 255); isRange && (!ok || end != n) {
		return "", false
	}
	text := canonicalDecimal(n, t)
	if !hasCode {
		return text, true
	}
	low, high, codes := strings.Cut(code, ":")
	a, ok := parseNumber(low, 0, 255)
	if !ok {
		return "", false
	}
	b := a
	if codes {
		if b, ok = parseNumber(high, 0, 255); !ok {
			return "", false
		}
	}
	if a == 0 && b == 255 {
		return text, true
	}
	text += "/" + rangeText(a, b, code)
	if text == s {
		text = s
	}
	return text, true
}

// showICMP: of a range of codes only the first is printed, of type 255 in IPv4 nothing up to 1.8.9.
func showICMP(options []Option, any255 bool) []Option {
	if len(options) == 0 {
		return options
	}
	text, _, cutOff := strings.Cut(options[0].Value(), ":")
	if any255 && strings.HasPrefix(text, "255/") {
		text, cutOff = "any", true
	}
	if !cutOff {
		return options
	}
	options = slices.Clone(options)
	options[0].Values = []string{text}
	return options
}
