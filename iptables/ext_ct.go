package iptables

import (
	"slices"
	"strings"
)

// Targets and matches that steer connection tracking.
var ctExtensions = []extension{
	{name: "NOTRACK", target: true, tables: []string{"raw"}},
	{
		name: "CT", target: true, tables: []string{"raw"},
		options: []option{
			{name: "--notrack"},
			{name: "--helper", value: textUpTo(15), quoting: asIs},
			{name: "--timeout", value: textUpTo(31)},
			{name: "--ctevents", value: eventList("new", "related", "destroy", "reply", "assured", "protoinfo", "helper", "mark", "natseqinfo", "secmark")},
			{name: "--expevents", value: eventList("new")},
			{name: "--zone", value: ctZone},
			{name: "--zone-orig", value: ctZone},
			{name: "--zone-reply", value: ctZone},
		},
		finish: finishCT,
		show:   showCT,
	},
	{name: "helper", options: []option{{name: "--helper", value: textUpTo(29), flags: negatable | required, quoting: asText}}},
	{
		name: "connlabel",
		options: []option{
			{name: "--label", value: connLabel, flags: negatable | required, quoting: quoted},
			{name: "--set"},
		},
	},
	{
		name: "CONNSECMARK", target: true, tables: []string{"mangle", "security"},
		options: []option{
			{name: "--save", flags: either, excludes: []string{"--restore"}},
			{name: "--restore", flags: either, excludes: []string{"--save"}},
		},
	},
	{
		name: "SECMARK", target: true, tables: []string{"mangle", "security"},
		options: []option{{name: "--selctx", value: textBetween(1, 255), flags: required}},
	},
}

func eventList(names ...string) *value {
	return word("a list of "+strings.Join(names, ","), func(_ *parser, list string) (string, error) {
		var set uint32
		for s := range strings.SplitSeq(list, ",") {
			i := slices.Index(names, s)
			if i < 0 {
				return "", refusedNear("unknown event "+s, s, names)
			}
			set |= 1 << i
		}
		return namesText(set, names, list), nil
	})
}

// ctZone describes a zone, or that the packet's mark is the zone.
var ctZone = word("a zone from 0 to 65535, or mark", func(_ *parser, s string) (string, error) {
	if s == "mark" {
		return s, nil
	}
	n, ok := parseNumber(s, 0, 65535)
	if !ok {
		return "", refused("bad zone")
	}
	return canonicalDecimal(n, s), nil
})

// finishCT: there is one zone, the packet's mark if any option says so and else the one given
// last, and a direction that holds for both options together; zone 0 is none.
func finishCT(l *loaded, _ *parser) error {
	for _, name := range []string{"--helper", "--timeout"} {
		if s := l.option(name); s.value() == "" {
			s.drop()
		}
	}
	plain, orig, reply := l.option("--zone"), l.option("--zone-orig"), l.option("--zone-reply")
	if !plain.set && !orig.set && !reply.set {
		return nil
	}
	last, marked := setting{at: -1}, false
	for _, s := range []*setting{plain, orig, reply} {
		if s.set && s.at > last.at {
			last = *s
		}
		marked = marked || s.value() == "mark"
	}
	if marked {
		last.values = []string{"mark"}
	}
	target := plain
	if orig.set != reply.set {
		target = orig
		if reply.set {
			target = reply
		}
	}
	plain.drop()
	orig.drop()
	reply.drop()
	if last.value() != "0" {
		*target = last
	}
	return nil
}

// showCT: beside --notrack only four bytes of the policy's name come back from the kernel.
func showCT(_ Dialect, _ Family, options []Option) []Option {
	if _, untracked := findOption(options, "--notrack"); !untracked {
		return options
	}
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "--timeout" })
	if i < 0 || len(options[i].Value()) <= 4 {
		return options
	}
	options = slices.Clone(options)
	options[i].Values = []string{cut(options[i].Value(), 4)}
	return options
}

// connLabel describes a label: its bit, or a name that the host's connlabel.conf knows.
var connLabel = word("a label from 0 to 127, or a name from connlabel.conf", func(_ *parser, s string) (string, error) {
	n, rest := strtoul(s, 0)
	n &= 65535
	switch {
	case s == "":
		return "", refused("the label is empty")
	case rest != "":
		return s, nil
	case n > 127:
		return "", refused("out of range")
	}
	return canonicalDecimal(n, s), nil
})
