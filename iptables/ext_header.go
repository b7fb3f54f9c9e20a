package iptables

import (
	"slices"
	"strings"
)

// Matches and targets of fields of the IP header.
var headerExtensions = []extension{
	{name: "length", options: []option{{name: "--length", value: numberRange(65535), flags: negatable | required}}},
	{name: "tos", options: []option{{name: "--tos", value: tosWithMask, flags: negatable | required}}},
	{
		name: "TOS", target: true, tables: []string{"mangle"},
		options: []option{
			{name: "--set-tos", value: tosWithMask, flags: either, excludes: []string{"--and-tos", "--or-tos", "--xor-tos"}},
			{name: "--and-tos", value: tosBits(func(n uint64) string { return fullTOS(0, ^n) }), flags: either, into: "--set-tos", excludes: []string{"--set-tos", "--or-tos", "--xor-tos"}},
			{name: "--or-tos", value: tosBits(func(n uint64) string { return fullTOS(n, n) }), flags: either, into: "--set-tos", excludes: []string{"--set-tos", "--and-tos", "--xor-tos"}},
			{name: "--xor-tos", value: tosBits(func(n uint64) string { return fullTOS(n, 0) }), flags: either, into: "--set-tos", excludes: []string{"--set-tos", "--and-tos", "--or-tos"}},
		},
	},
	{
		name: "dscp",
		options: []option{
			{name: "--dscp", value: hexNumber(63, 2), flags: negatable | either, excludes: []string{"--dscp-class"}},
			{name: "--dscp-class", value: dscpClass, flags: negatable | either, into: "--dscp", excludes: []string{"--dscp"}},
		},
	},
	{
		name: "DSCP", target: true, tables: []string{"mangle"},
		options: []option{
			{name: "--set-dscp", value: hexNumber(63, 2), flags: either, excludes: []string{"--set-dscp-class"}},
			{name: "--set-dscp-class", value: dscpClass, flags: either, into: "--set-dscp", excludes: []string{"--set-dscp"}},
		},
	},
	{
		name: "ecn",
		options: []option{
			{name: "--ecn-tcp-ece", flags: negatable | either},
			{name: "--ecn-tcp-cwr", flags: negatable | either},
			{name: "--ecn-ip-ect", value: number(0, 3), flags: negatable | either}, //nolint:misspell // ECN-capable transport
		},
		finish: func(l *loaded, p *parser) error {
			return needsTCP(p, l.option("--ecn-tcp-ece").set || l.option("--ecn-tcp-cwr").set)
		},
	},
	{
		name: "ECN", target: true, families: onlyIPv4, tables: []string{"mangle"},
		options: []option{
			{name: "--ecn-tcp-remove", flags: either, excludes: []string{"--ecn-tcp-ece", "--ecn-tcp-cwr"}},
			{name: "--ecn-tcp-ece", value: number(0, 1), flags: either, excludes: []string{"--ecn-tcp-remove"}},
			{name: "--ecn-tcp-cwr", value: number(0, 1), flags: either, excludes: []string{"--ecn-tcp-remove"}},
			{name: "--ecn-ip-ect", value: number(0, 3), flags: either}, //nolint:misspell // ECN-capable transport
		},
		finish: finishECN,
	},
	hopLimit("ttl", onlyIPv4),
	hopLimit("hl", onlyIPv6),
	setHopLimit("TTL", "--ttl", onlyIPv4),
	setHopLimit("HL", "--hl", onlyIPv6),
}

// needsTCP refuses options that the kernel takes behind -p tcp only.
func needsTCP(p *parser, given bool) error {
	if given && (p.rule.Protocol.Number != TCP || p.rule.Protocol.Negated) {
		return &complaint{message: "works for one protocol only", expected: "-p tcp"}
	}
	return nil
}

// finishECN: --ecn-tcp-remove forgets what stood before it. Where the option of the IP header
// follows, it is printed as the two bits that it clears.
func finishECN(l *loaded, p *parser) error {
	remove, header := l.option("--ecn-tcp-remove"), &l.settings[3]
	if remove.set && header.set {
		if header.at < remove.at {
			header.drop()
		} else {
			remove.drop()
			l.set("--ecn-tcp-ece", "0")
			l.set("--ecn-tcp-cwr", "0")
		}
	}
	return needsTCP(p, remove.set || l.option("--ecn-tcp-ece").set || l.option("--ecn-tcp-cwr").set)
}

// hopLimit describes the matches ttl and hl.
func hopLimit(name string, f families) extension {
	compare := func(kind string, flags optionFlags, aliases ...string) option {
		others := slices.DeleteFunc([]string{"eq", "lt", "gt"}, func(other string) bool { return other == kind })
		for i, other := range others {
			others[i] = "--" + name + "-" + other
		}
		return option{name: "--" + name + "-" + kind, aliases: aliases, value: number(0, 255), flags: flags | either, excludes: others}
	}
	return extension{
		name: name, families: f,
		options: []option{compare("eq", negatable, "--"+name), compare("lt", 0), compare("gt", 0)},
	}
}

// setHopLimit describes the targets TTL and HL.
func setHopLimit(name, prefix string, f families) extension {
	return extension{
		name: name, target: true, families: f, tables: []string{"mangle"},
		options: []option{
			{name: prefix + "-set", value: number(0, 255), flags: either, excludes: []string{prefix + "-inc", prefix + "-dec"}},
			{name: prefix + "-dec", value: number(1, 255), flags: either, excludes: []string{prefix + "-inc", prefix + "-set"}},
			{name: prefix + "-inc", value: number(1, 255), flags: either, excludes: []string{prefix + "-dec", prefix + "-set"}},
		},
	}
}

// tosNames are the names of RFC 1349, with the mask that leaves ECN's bits alone.
var tosNames = map[string]uint64{
	"minimize-delay": 0x10, "maximize-throughput": 0x08, "maximize-reliability": 0x04, "minimize-cost": 0x02,
	"normal-service": 0x00,
}

// tosWithMask describes value/mask with two digits each, or a name.
var tosWithMask = word("a number from 0 to 255, number/mask, or a name such as Minimize-Delay", func(_ *parser, s string) (string, error) {
	if v, ok := tosNames[strings.ToLower(s)]; ok {
		return fullTOS(v, 0x3f), nil
	}
	number, mask, hasMask := strings.Cut(s, "/")
	v, ok := parseNumber(number, 0, 255)
	m := uint64(255)
	if ok && hasMask {
		m, ok = parseNumber(mask, 0, 255)
	}
	if !ok {
		names := []string{"Minimize-Delay", "Maximize-Throughput", "Maximize-Reliability", "Minimize-Cost", "Normal-Service"}
		return "", refusedNear("bad value", s, names)
	}
	return fullTOS(v, m), nil
})

func tosBits(text func(n uint64) string) *value {
	return word("a number from 0 to 255", func(_ *parser, s string) (string, error) {
		n, ok := parseNumber(s, 0, 255)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return text(n), nil
	})
}

func fullTOS(v, mask uint64) string { return paddedHex(v&255, 2) + "/" + paddedHex(mask&255, 2) }

// dscpClasses are the classes of RFC 2474, 2597 and 3246.
var dscpClasses = map[string]uint64{
	"CS0": 0x00, "CS1": 0x08, "CS2": 0x10, "CS3": 0x18, "CS4": 0x20, "CS5": 0x28, "CS6": 0x30, "CS7": 0x38,
	"BE": 0x00, "EF": 0x2e, "LE": 0x01, "VA": 0x2c, // LE and VA from 1.8.10 on
	"AF11": 0x0a, "AF12": 0x0c, "AF13": 0x0e, "AF21": 0x12, "AF22": 0x14, "AF23": 0x16,
	"AF31": 0x1a, "AF32": 0x1c, "AF33": 0x1e, "AF41": 0x22, "AF42": 0x24, "AF43": 0x26,
}

// dscpClass describes a class by its name; what stands behind the name is not looked at.
var dscpClass = word("a class such as EF, BE, CS1 or AF11", func(_ *parser, s string) (string, error) {
	upper := strings.ToUpper(s)
	for _, length := range []int{4, 3, 2} {
		if v, ok := dscpClasses[cut(upper, length)]; ok {
			return paddedHex(v, 2), nil
		}
	}
	return "", refused("unknown class " + s)
})
