package iptables

import (
	"slices"
	"strings"
)

// Matches on where a packet is from within the host, or on what device.
var localExtensions = []extension{
	{
		name: "owner", hooks: []string{"OUTPUT", "POSTROUTING"},
		options: []option{
			{name: "--socket-exists", flags: negatable | either},
			{name: "--uid-owner", value: ownerID("a user's number, a range a-b, or root", debianUsers), flags: negatable | either},
			{name: "--gid-owner", value: ownerID("a group's number, a range a-b, or root", debianGroups), flags: negatable | either},
			{name: "--suppl-groups", needs: []string{"--gid-owner"}},
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--suppl-groups"); s.set && s.at < l.option("--gid-owner").at {
				return refused("--gid-owner must stand before --suppl-groups")
			}
			return nil
		},
	},
	{
		name: "cgroup", hooks: []string{"INPUT", "OUTPUT", "POSTROUTING"},
		options: []option{
			{name: "--path", value: textUpTo(511), flags: negatable | either, quoting: asText, excludes: []string{"--cgroup"}},
			{name: "--cgroup", value: number(0, 1<<32-1), flags: negatable | either, excludes: []string{"--path"}},
		},
	},
	{name: "cpu", options: []option{{name: "--cpu", value: number(0, 1<<32-1), flags: negatable | required}}},
	{
		name: "socket", hooks: []string{"PREROUTING", "INPUT"},
		options: []option{{name: "--transparent"}, {name: "--nowildcard"}, {name: "--restore-skmark"}},
	},
	{
		name: "devgroup",
		options: []option{
			{name: "--src-group", value: namedMark("default"), flags: negatable | either, notIn: []string{"OUTPUT", "POSTROUTING"}},
			{name: "--dst-group", value: namedMark("default"), flags: negatable | either, notIn: []string{"PREROUTING", "INPUT"}},
		},
		show: showZero("default"),
	},
	{
		name: "realm", families: onlyIPv4, hooks: []string{"INPUT", "FORWARD", "OUTPUT", "POSTROUTING"},
		options: []option{{name: "--realm", value: namedMark("cosmos"), flags: negatable | required}},
		show:    showZero("cosmos"),
	},
	{
		name: "physdev",
		options: []option{
			{name: "--physdev-is-in", flags: negatable | either},
			{name: "--physdev-in", value: deviceName, flags: negatable | either},
			{name: "--physdev-is-out", flags: negatable | either},
			{name: "--physdev-out", value: deviceName, flags: negatable | either},
			{name: "--physdev-is-bridged", flags: negatable | either},
		},
		fits: portKnown,
	},
	{name: "pkttype", options: []option{{name: "--pkt-type", value: packetType, flags: negatable | required}}},
	{
		name: "rpfilter", tables: []string{"raw", "mangle"}, hooks: []string{"PREROUTING"},
		options: []option{{name: "--loose"}, {name: "--validmark"}, {name: "--accept-local"}, {name: "--invert"}},
	},
	{
		name: "nfacct", options: []option{{name: "--nfacct-name", value: nameUpTo(31), flags: required, quoting: asText}},
		show: func(_ Dialect, _ Family, options []Option) []Option {
			// Two blanks stand before the name (1.8.9).
			shown := slices.Clone(options)
			for i := range shown {
				shown[i].Name += " "
			}
			return shown
		},
	},
}

// Users and groups that have the same number on Debian, Red Hat, Alpine and Arch, or exist on
// Debian only. All others are left to the host, which alone knows them.
var (
	debianUsers = map[string]string{
		"root": "0", "mail": "8", "news": "9", "uucp": "10", "proxy": "13", "www-data": "33", "backup": "34",
		"list": "38", "irc": "39", "nobody": "65534",
	}
	debianGroups = map[string]string{"root": "0", "sys": "3", "adm": "4", "tty": "5", "disk": "6"}
)

// ownerID describes a number, a range of numbers or a name.
func ownerID(expects string, known map[string]string) *value {
	return word(expects, func(_ *parser, s string) (string, error) {
		if id, ok := known[s]; ok {
			return id, nil
		}
		low, high, isRange := strings.Cut(s, "-")
		a, ok := parseNumber(low, 0, 1<<32-2)
		if !ok {
			if accountName(s) && known[low] == "" && known[high] == "" {
				return s, nil
			}
			return "", refused("bad number or name")
		}
		if !isRange {
			return canonicalDecimal(a, s), nil
		}
		b, ok := parseNumber(high, 0, 1<<32-2)
		if !ok || a > b {
			return "", refused("bad range")
		}
		switch text := decimal(a) + "-" + decimal(b); {
		case a == b:
			return decimal(a), nil
		case text != s:
			return text, nil
		}
		return s, nil
	})
}

// accountName reports whether the word can be the name of a user or a group.
func accountName(s string) bool {
	if s == "" || digit(s[0]) < 10 || s[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(":,!\"'\\/", r)
	})
}

// namedMark describes value/mask, or a name from a file of iproute2, in which the name of 0
// is the same everywhere.
func namedMark(zero string) *value {
	return word("a 32-bit number, number/mask or a name", func(_ *parser, s string) (string, error) {
		if s == zero {
			return "0x0", nil
		}
		if v, mask, err := parseMark(s); err == nil {
			return markText(v, mask, s), nil
		}
		if s == "" || digit(s[0]) < 10 || strings.ContainsAny(s, " /\"!") {
			return "", refused("bad value, or out of range")
		}
		return s, nil
	})
}

// showZero prints the name that iproute2 gives to 0.
func showZero(name string) func(Dialect, Family, []Option) []Option {
	return func(_ Dialect, _ Family, options []Option) []Option {
		zero := func(o Option) bool { return o.Value() == "0x0" }
		if !slices.ContainsFunc(options, zero) {
			return options
		}
		options = slices.Clone(options)
		for i, o := range options {
			if zero(o) {
				options[i].Values = []string{name}
			}
		}
		return options
	}
}

// deviceName describes an interface's name; unlike -i, "+" alone is printed.
var deviceName = word("an interface's name of up to 15 bytes", func(_ *parser, s string) (string, error) {
	if len(s) > 15 {
		return "", refused("an interface name has at most 15 bytes")
	}
	return s, nil
})

// portKnown: in OUTPUT no port of a bridge is chosen yet, except for what is bridged anyway.
func portKnown(chain string, options []Option) error {
	bridged, ok := findOption(options, "--physdev-is-bridged")
	if chain != "OUTPUT" || ok && !bridged.Negated {
		return nil
	}
	for _, name := range []string{"--physdev-is-out", "--physdev-out"} {
		if _, ok := findOption(options, name); ok {
			return refused("-m physdev " + name + " does not work in chain OUTPUT without --physdev-is-bridged")
		}
	}
	return nil
}

var packetType = word("unicast, broadcast, multicast or otherhost", func(_ *parser, s string) (string, error) {
	names := []string{"unicast", "broadcast", "multicast", "otherhost", "host", "bcast", "mcast"}
	i := indexFold(names, s)
	if i < 0 {
		return "", refusedNear("unknown type", s, names)
	}
	if i > 3 {
		i -= 4
	}
	return names[i], nil
})
