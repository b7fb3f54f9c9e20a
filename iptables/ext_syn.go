package iptables

import (
	"slices"
	"strings"
)

// Matches and targets of TCP options and of the opening of a connection.
var synExtensions = []extension{
	{
		name: "tcpmss", protocols: []uint8{TCP},
		options: []option{{name: "--mss", value: segmentSizes, flags: negatable | required}},
	},
	{
		name: "TCPMSS", target: true, protocols: []uint8{TCP},
		options: []option{
			{name: "--set-mss", value: largestSegment, flags: either},
			{name: "--clamp-mss-to-pmtu", flags: either, notIn: []string{"PREROUTING", "INPUT"}},
		},
		finish: func(l *loaded, _ *parser) error {
			set, clamp := l.option("--set-mss"), l.option("--clamp-mss-to-pmtu")
			if set.set && clamp.set {
				if set.at < clamp.at {
					set.drop()
				} else {
					clamp.drop()
				}
			}
			return nil
		},
	},
	{
		name: "TCPOPTSTRIP", target: true, protocols: []uint8{TCP}, tables: []string{"mangle"},
		options: []option{{name: "--strip-options", value: tcpOptionList}},
		show: func(d Dialect, _ Family, options []Option) []Option {
			// Up to 1.8.7 an empty list is printed.
			if len(options) > 0 || !d.Version.before(8, 8) {
				return options
			}
			return []Option{{Name: "--strip-options", Values: []string{""}}}
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--strip-options"); s.value() == "" {
				s.drop()
			}
			return nil
		},
	},
	{
		name: "SYNPROXY", target: true, protocols: []uint8{TCP}, hooks: []string{"INPUT", "FORWARD"},
		options: []option{
			{name: "--sack-perm"},
			{name: "--timestamp"},
			{name: "--wscale", value: truncated(8)},
			{name: "--mss", value: truncated(16)},
			{name: "--ecn"},
		},
	},
	{
		name: "osf", families: onlyIPv4, protocols: []uint8{TCP}, hooks: []string{"PREROUTING", "INPUT", "FORWARD"},
		options: []option{
			{name: "--genre", value: textUpTo(31), flags: negatable | required},
			{name: "--ttl", value: number(0, 2)},
			{name: "--log", value: number(0, 2)},
		},
	},
}

// largestSegment describes a size that fits into a packet with the headers of IP and TCP.
var largestSegment = word("a number from 0 to 65515, in IPv6 to 65495", func(p *parser, s string) (string, error) {
	high := uint64(65515)
	if p.family == IPv6 {
		high = 65495
	}
	return number(0, high).one(p, s)
})

// segmentSizes describes a or a:b, the right way round.
var segmentSizes = word("a number from 0 to 65535 or a range a:b", func(p *parser, s string) (string, error) {
	a, b, ok := parseRange(p, s, 65535)
	if !ok {
		return "", refused("bad value, or out of range")
	}
	if a > b {
		return "", refused("the range is the wrong way round")
	}
	return rangeText(a, b, s), nil
})

// truncated describes a number of which only so many bits count.
func truncated(width uint) *value {
	return word("a number", func(_ *parser, s string) (string, error) {
		n, ok := parseNumber(s, 0, 1<<32-1)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return canonicalDecimal(n&(1<<width-1), s), nil
	})
}

var tcpOptionNames = map[string]uint64{
	"mss": 2, "wscale": 3, "sack-permitted": 4, "sack": 5, "timestamp": 8, "md5": 19,
}

// tcpOptionList describes kinds of TCP options, which are printed in order.
var tcpOptionList = orNothing(word("a list of options by number (2 to 255) or name: wscale, mss, sack-permitted, sack, timestamp, md5", func(_ *parser, list string) (string, error) {
	var kinds []uint64
	for s := range strings.SplitSeq(list, ",") {
		n, ok := tcpOptionNames[s]
		if !ok {
			n, ok = parseNumber(s, 2, 255)
		}
		if !ok {
			return "", refused("bad TCP option " + s)
		}
		if slices.Contains(kinds, n) {
			return "", refused("option " + s + " stands twice")
		}
		kinds = append(kinds, n)
	}
	slices.Sort(kinds)
	texts := make([]string, len(kinds))
	for i, n := range kinds {
		texts[i] = decimal(n)
	}
	return strings.Join(texts, ","), nil
}))

// orNothing makes the word one that may be missing, as some versions print the option so.
func orNothing(v *value) *value {
	v.ifThere = true
	return v
}
