package iptables

import (
	"slices"
	"strings"
)

// Targets of their own kind.
var miscExtensions = []extension{
	{
		name: "CHECKSUM", target: true, tables: []string{"mangle"},
		options: []option{{name: "--checksum-fill", flags: required}},
	},
	{
		name: "CLASSIFY", target: true, hooks: []string{"OUTPUT", "FORWARD", "POSTROUTING"},
		options: []option{{name: "--set-class", value: trafficClass, flags: required}},
	},
	{
		name: "IDLETIMER", target: true,
		options: []option{
			// The kernel refuses what does not fit into 31 bits as milliseconds.
			{name: "--timeout", value: number(1, (1<<31-1)/1000-1), flags: required},
			{name: "--label", value: timerName, flags: required},
			{name: "--alarm"},
		},
	},
	{
		name: "LED", target: true,
		options: []option{
			{name: "--led-trigger-id", value: textBetween(0, 16), flags: required, quoting: quoted},
			{name: "--led-delay", value: ledDelay, hidden: "0"},
			{name: "--led-always-blink"},
		},
		show: showDelay,
	},
	{
		name: "TEE", target: true,
		options: []option{
			{name: "--gateway", value: gateway, flags: required},
			{name: "--oif", value: textUpTo(15)},
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--oif"); s.value() == "" {
				s.drop()
			}
			return nil
		},
	},
	{
		name: "TPROXY", target: true, protocols: []uint8{TCP, UDP}, tables: []string{"mangle"}, hooks: []string{"PREROUTING"},
		options: []option{
			{name: "--on-port", value: anyPort, flags: required},
			{name: "--on-ip", value: hostAddress},
			{name: "--tproxy-mark", value: word("a 32-bit number, or number/mask", func(_ *parser, s string) (string, error) {
				v, mask, err := parseMark(s)
				return fullMark(v, mask), err
			})},
		},
		finish: func(l *loaded, p *parser) error {
			if s := l.option("--on-ip"); !s.set {
				s.set, s.values = true, []string{map[Family]string{IPv4: "0.0.0.0", IPv6: "::"}[p.family]}
			}
			if s := l.option("--tproxy-mark"); !s.set {
				s.set, s.values = true, []string{"0x0/0x0"}
			}
			return nil
		},
	},
}

// timerName describes the name of a timer, which becomes a file in sysfs.
var timerName = word("a name of 1 to 27 bytes", func(_ *parser, s string) (string, error) {
	switch s {
	case "":
		return "", refused("the name is empty")
	case ".", "..", "power", "subsystem", "uevent":
		return "", refused("the kernel takes no timer of this name")
	}
	if s = cut(s, 27); strings.Contains(s, "/") {
		return "", refused("the name of a timer holds no /")
	}
	return s, nil
})

// trafficClass describes major:minor in hexadecimal, as sscanf(3) reads it: what follows the
// second number is not looked at, and of both 16 bits count.
var trafficClass = word("a class major:minor in hexadecimal", func(_ *parser, s string) (string, error) {
	major, rest, okMajor := scanHex(s)
	rest, hasMinor := strings.CutPrefix(rest, ":")
	minor, _, okMinor := scanHex(rest)
	if !okMajor || !hasMinor || !okMinor {
		return "", refused("bad class")
	}
	return paddedHex(major&0xffff, 4)[2:] + ":" + paddedHex(minor&0xffff, 4)[2:], nil
})

// scanHex reads a hexadecimal number from the front of s as scanf's %x does: unlike strtoul
// it takes 0x alone for 0.
func scanHex(s string) (n uint64, rest string, ok bool) {
	n, rest = strtoul(s, 16)
	digits := strings.TrimLeft(s[:len(s)-len(rest)], " \t\n\v\f\r+-")
	if digits == "0" && rest != "" && rest[0]|0x20 == 'x' {
		rest = rest[1:]
	}
	return n, rest, digits != ""
}

// ledDelay describes a time in milliseconds. inf is the highest number, and what is printed is
// signed, which iptables itself does not read back.
var ledDelay = word("a number of milliseconds, or inf", func(_ *parser, s string) (string, error) {
	if strings.EqualFold(s, "inf") {
		return "inf", nil
	}
	n, ok := parseNumber(s, 0, 1<<32-1)
	if below, isNegative := strings.CutPrefix(s, "-"); isNegative {
		n, ok = parseNumber(below, 1, 1<<31)
		n = 1<<32 - n
	}
	switch {
	case !ok:
		return "", refused("bad delay")
	case n == 1<<32-1:
		return "inf", nil
	}
	return canonicalDecimal(n, s), nil
})

// showDelay prints long delays as the negative numbers that they are as 32 bits with a sign.
func showDelay(_ Dialect, _ Family, options []Option) []Option {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "--led-delay" })
	if i < 0 {
		return options
	}
	n, ok := parseNumber(options[i].Value(), 0, 1<<32-1)
	switch {
	case !ok: // inf
		n = 1<<32 - 1
	case n < 1<<31:
		return options
	}
	options = slices.Clone(options)
	options[i].Values = []string{"-" + decimal(1<<32-n)}
	return options
}

var gateway = word("an address other than that of everything", func(p *parser, s string) (string, error) {
	ip, err := lookUpHost(p.family, s)
	if err != nil {
		return "", err
	}
	if ip.IsUnspecified() {
		return "", refused("no packet can be sent there")
	}
	return canonicalAddr(ip, s), nil
})
