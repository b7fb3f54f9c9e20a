package iptables

import (
	"slices"
	"strings"
)

// Matches of IPv6's extension headers.
var ipv6Extensions = []extension{
	{
		name: "frag", families: onlyIPv6,
		options: []option{
			{name: "--fragid", value: numberRange(1<<32 - 1), flags: negatable, hidden: allSPIs},
			{name: "--fraglen", value: number(0, 1<<32-1), flags: negatable},
			{name: "--fragres"},
			{name: "--fragfirst"},
			{name: "--fragmore", excludes: []string{"--fraglast"}},
			{name: "--fraglast", excludes: []string{"--fragmore"}},
		},
		show: hideNever,
	},
	headerOptions("hbh", "--hbh"),
	headerOptions("dst", "--dst"),
	{
		name: "rt", families: onlyIPv6,
		options: []option{
			{name: "--rt-type", value: number(0, 1<<32-1), flags: negatable},
			{name: "--rt-segsleft", value: numberRange(1<<32 - 1), flags: negatable, hidden: allSPIs},
			{name: "--rt-len", value: number(0, 1<<32-1), flags: negatable},
			{name: "--rt-0-res"},
			{name: "--rt-0-addrs", value: addressList16},
			{name: "--rt-0-not-strict", needs: []string{"--rt-0-addrs"}},
		},
		finish: func(l *loaded, _ *parser) error {
			kind := l.option("--rt-type")
			for _, name := range []string{"--rt-0-res", "--rt-0-addrs"} {
				if s := l.option(name); s.set && (kind.value() != "0" || kind.negated || kind.at > s.at) {
					return refused("--rt-type 0 must stand before " + name)
				}
			}
			if s := l.option("--rt-0-not-strict"); s.set && s.at < l.option("--rt-0-addrs").at {
				return refused("--rt-0-addrs must stand before --rt-0-not-strict")
			}
			return nil
		},
		show: func(d Dialect, f Family, options []Option) []Option {
			// 1.4.21 prints a number of segments that nobody asked for.
			if i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "--rt-type" }); d.Version.before(6, 0) && i == 0 {
				if _, given := findOption(options, "--rt-segsleft"); !given {
					return slices.Insert(slices.Clone(options), 1, Option{Name: "--rt-segsleft", Values: []string{"0"}})
				}
			}
			return hideNever(d, f, options)
		},
	},
	{
		name: "ipv6header", families: onlyIPv6,
		options: []option{
			{name: "--header", value: headerNames, flags: negatable | required},
			{name: "--soft"},
		},
	},
	{
		name: "mh", families: onlyIPv6, protocols: []uint8{135},
		options: []option{{name: "--mh-type", value: mobilityType, flags: negatable, hidden: "0:255"}},
		show:    hideNever,
	},
	{name: "eui64", families: onlyIPv6, hooks: []string{"PREROUTING", "INPUT", "FORWARD"}},
	{
		name: "srh", families: onlyIPv6,
		options: []option{
			{name: "--srh-next-hdr", value: number(0, 255), flags: negatable},
			{name: "--srh-hdr-len-eq", value: number(0, 255), flags: negatable},
			{name: "--srh-hdr-len-gt", value: number(0, 255), flags: negatable},
			{name: "--srh-hdr-len-lt", value: number(0, 255), flags: negatable},
			{name: "--srh-segs-left-eq", value: number(0, 255), flags: negatable},
			{name: "--srh-segs-left-gt", value: number(0, 255), flags: negatable},
			{name: "--srh-segs-left-lt", value: number(0, 255), flags: negatable},
			{name: "--srh-last-entry-eq", value: number(0, 255), flags: negatable},
			{name: "--srh-last-entry-gt", value: number(0, 255), flags: negatable},
			{name: "--srh-last-entry-lt", value: number(0, 255), flags: negatable},
			{name: "--srh-tag", value: number(0, 65535), flags: negatable},
			{name: "--srh-psid", value: hostWithFullMask, flags: negatable},
			{name: "--srh-nsid", value: hostWithFullMask, flags: negatable},
			{name: "--srh-lsid", value: hostWithFullMask, flags: negatable},
		},
		finish: finishSRH,
		show:   func(_ Dialect, _ Family, options []Option) []Option { return hideOddMasks(Reference, options, "/128") },
	},
}

// finishSRH: there is room for one value for the three comparisons of a field; the last given
// one counts for all.
func finishSRH(l *loaded, _ *parser) error {
	for _, field := range []string{"--srh-hdr-len", "--srh-segs-left", "--srh-last-entry"} {
		var given []*setting
		for _, comparison := range []string{"-eq", "-gt", "-lt"} {
			if s := l.option(field + comparison); s.set {
				given = append(given, s)
			}
		}
		for _, s := range given {
			last := slices.MaxFunc(given, func(a, b *setting) int { return a.at - b.at })
			s.values = last.values
		}
	}
	return nil
}

// headerOptions describes hbh and dst.
func headerOptions(name, prefix string) extension {
	return extension{
		name: name, families: onlyIPv6,
		options: []option{
			{name: prefix + "-len", value: number(0, 1<<32-1), flags: negatable},
			{name: prefix + "-opts", value: headerOptionList},
		},
		show: func(d Dialect, _ Family, options []Option) []Option {
			if name == "dst" && d.Version.before(8, 8) { // up to 1.8.7 a blank follows
				return append(slices.Clip(options), Option{})
			}
			return options
		},
	}
}

// headerOptionList describes up to 16 options, type or type:length, of which 8 bits count. A
// length of 255 says nothing, and type 0 has none.
var headerOptionList = word("up to 16 options, type or type:length, with commas between them", func(_ *parser, list string) (string, error) {
	text := make([]byte, 0, len(list))
	for i, s := range strings.Split(list, ",") {
		if i == 16 {
			return "", refused("more than 16 options")
		}
		if i > 0 {
			text = append(text, ',')
		}
		kind, length, hasLength := strings.Cut(s, ":")
		n, rest := strtoul(kind, 0)
		if rest != "" || kind == "" {
			return "", refused("bad option " + s)
		}
		text = appendSmall(text, n&255)
		if hasLength {
			kindless := n&255 == 0
			if n, rest = strtoul(length, 0); rest != "" || length == "" || kindless {
				return "", refused("bad option " + s)
			}
			if n&255 != 255 {
				text = append(text, ':')
				text = appendSmall(text, n&255)
			}
		}
	}
	return string(text), nil
})

// addressList16 describes up to 16 addresses.
var addressList16 = word("up to 16 addresses with commas between them", func(p *parser, list string) (string, error) {
	parts := strings.Split(list, ",")
	if len(parts) > 16 {
		return "", refused("more than 16 addresses")
	}
	for i, s := range parts {
		ip, err := plainAddr(p.family, s)
		if err != nil {
			return "", err
		}
		parts[i] = addrText(ip)
	}
	return strings.Join(parts, ","), nil
})

// hostWithFullMask describes an address with a mask that is always printed.
var hostWithFullMask = word(hostExpected, func(p *parser, s string) (string, error) {
	text, err := hostWithMask.one(p, s)
	if err == nil && !strings.Contains(text, "/") {
		text += "/" + fullLength(p.family)
	}
	return text, err
})

// headerNames describes a list of headers, by long name, short name or number.
var headerNames = func() *value {
	long := []string{"hop-by-hop", "ipv6-opts", "ipv6-route", "ipv6-frag", "ah", "esp", "ipv6-nonxt", "protocol"}
	others := [][]string{
		{"hop", "dst", "route", "frag", "auth", "esp", "none", "prot"},
		{"0", "60", "43", "44", "51", "50", "59", "255"},
		// The names of protocols 0, 60, 43 and so on in /etc/protocols.
		{"hopopt", "IPv6-Opts", "IPv6-Route", "IPv6-Frag", "IPSEC-AH", "IPSEC-ESP", "IPv6-NoNxt"},
		{"ip"}, {"HOPOPT"}, {"IP"},
	}
	return word("a list of "+strings.Join(long, ","), func(_ *parser, list string) (string, error) {
		var set uint32
		for s := range strings.SplitSeq(list, ",") {
			if s == "" {
				continue
			}
			i := slices.Index(long, s)
			for _, names := range others {
				i = max(i, slices.Index(names, s))
			}
			if i < 0 {
				return "", refusedNear("unknown header "+s, s, long)
			}
			set |= 1 << i
		}
		if set == 0 {
			return "", refused("no header is named")
		}
		return namesText(set, long, list), nil
	})
}()

var mobilityNames = []namedType{
	{"binding-refresh-request", "0"}, {"brr", "0"}, {"home-test-init", "1"}, {"hoti", "1"},
	{"careof-test-init", "2"}, {"coti", "2"}, {"home-test", "3"}, {"hot", "3"}, {"careof-test", "4"}, {"cot", "4"},
	{"binding-update", "5"}, {"bu", "5"}, {"binding-acknowledgement", "6"}, {"ba", "6"}, {"binding-error", "7"}, {"be", "7"},
}

// mobilityType describes a type by number or name, or a range of types.
var mobilityType = word("a type from 0 to 255, a name such as binding-update, or a range a:b", func(_ *parser, s string) (string, error) {
	low, high, isRange := strings.Cut(s, ":")
	a, b := uint64(0), uint64(255)
	okA, okB := true, true
	if low != "" || !isRange {
		a, okA = parseMobility(low)
	}
	if high != "" {
		b, okB = parseMobility(high)
	}
	if !isRange {
		b = a
	}
	switch {
	case !okA || !okB:
		known := make([]string, len(mobilityNames))
		for i, n := range mobilityNames {
			known[i] = n.name
		}
		return "", refusedNear("unknown type", s, known)
	case a > b:
		return "", refused("the range is the wrong way round")
	}
	return rangeText(a, b, s), nil
})

// parseMobility reads a number or a name, which may be shortened; a whole name goes before
// one that is only begun.
func parseMobility(s string) (uint64, bool) {
	found := ""
	for _, n := range mobilityNames {
		if len(s) <= len(n.name) && strings.EqualFold(n.name[:len(s)], s) && (found == "" || len(s) == len(n.name)) {
			found = n.number
		}
	}
	if found != "" {
		s = found
	}
	return parseNumber(s, 0, 255)
}
