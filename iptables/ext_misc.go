package iptables

import "strings"

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
			{name: "--timeout", value: number(1, 1<<32-1), flags: required},
			{name: "--label", value: nameUpTo(27), flags: required},
			{name: "--alarm"},
		},
	},
	{
		name: "LED", target: true,
		options: []option{
			{name: "--led-trigger-id", value: nameUpTo(16), flags: required, quoting: quoted},
			{name: "--led-delay", value: ledDelay, hidden: "0"},
			{name: "--led-always-blink"},
		},
	},
	{
		name: "TEE", target: true,
		options: []option{
			{name: "--gateway", value: gateway, flags: required},
			{name: "--oif", value: deviceName},
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

// trafficClass describes major:minor in hexadecimal. What follows the second number is not
// looked at, and of both 16 bits count.
var trafficClass = word("a class major:minor in hexadecimal", func(_ *parser, s string) (string, error) {
	major, minor, ok := strings.Cut(s, ":")
	a, restA, okA := scanHex(major)
	b, _, okB := scanHex(minor)
	if !ok || !okA || !okB || restA != "" {
		return "", refused("bad class")
	}
	return paddedHex(a&0xffff, 4)[2:] + ":" + paddedHex(b&0xffff, 4)[2:], nil
})

// scanHex reads a hexadecimal number of up to 32 bits from the front of s.
func scanHex(s string) (n uint64, rest string, ok bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
	i := 0
	for i < len(s) && digit(s[i]) < 16 && n < 1<<32 {
		n = n<<4 | digit(s[i])
		i++
	}
	return n, s[i:], i > 0
}

var ledDelay = word("a number of milliseconds, or inf", func(_ *parser, s string) (string, error) {
	if s == "inf" {
		return s, nil
	}
	n, ok := parseNumber(s, 0, 1<<32-1)
	if !ok {
		return "", refused("bad delay")
	}
	return canonicalDecimal(n, s), nil
})

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
