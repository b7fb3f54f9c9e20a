package iptables

import "slices"

// Matches and targets of packet and connection marks.
var markExtensions = []extension{
	{name: "mark", options: []option{{name: "--mark", value: markWithMask(), flags: negatable | required}}},
	{name: "connmark", options: []option{{name: "--mark", value: markWithMask(), flags: negatable | required}}},
	{name: "MARK", target: true, options: setMarks()},
	{
		name: "CONNMARK", target: true,
		options: append(setMarks("--save-mark", "--restore-mark"), []option{
			{name: "--save-mark", flags: either, excludes: without("--save-mark")},
			{name: "--restore-mark", flags: either, excludes: without("--restore-mark")},
			{name: "--nfmask", value: hexNumber(1<<32-1, 1), excludes: []string{"--mask"}},
			{name: "--ctmask", value: hexNumber(1<<32-1, 1), excludes: []string{"--mask"}},
			{name: "--mask", value: hexNumber(1<<32-1, 1), excludes: []string{"--nfmask", "--ctmask"}},
			{name: "--left-shift-mark", value: number(0, 31), hidden: "0"},
			{name: "--right-shift-mark", value: number(0, 31), hidden: "0"},
		}...),
		finish: finishConnmark,
	},
}

// markActions are the ways to say what becomes of a mark; one of them can be given.
var markActions = []string{"--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark"}

// without are all actions of CONNMARK but one.
func without(name string) []string {
	all := append(slices.Clone(markActions), "--save-mark", "--restore-mark")
	return slices.DeleteFunc(all, func(other string) bool { return other == name })
}

// setMarks describes --set-xmark and the options that are ways of writing it: the kernel
// clears the bits of the mask and then flips those of the value.
func setMarks(more ...string) []option {
	kinds := map[string]*value{
		"--set-xmark": word("a 32-bit number, or number/mask", func(_ *parser, s string) (string, error) {
			v, mask, err := parseMark(s)
			return fullMark(v, mask), err
		}),
		"--set-mark": word("a 32-bit number, or number/mask", func(_ *parser, s string) (string, error) {
			v, mask, err := parseMark(s)
			return fullMark(v, mask|v), err
		}),
		"--and-mark": markBits(func(n uint32) string { return fullMark(0, ^n) }),
		"--or-mark":  markBits(func(n uint32) string { return fullMark(n, n) }),
		"--xor-mark": markBits(func(n uint32) string { return fullMark(n, 0) }),
	}
	options := make([]option, 0, len(markActions))
	for _, name := range markActions {
		others := append(slices.Clone(markActions), more...)
		others = slices.DeleteFunc(others, func(other string) bool { return other == name })
		o := option{name: name, value: kinds[name], flags: either, excludes: others}
		if name != "--set-xmark" {
			o.into = "--set-xmark"
		}
		options = append(options, o)
	}
	return options
}

func markBits(text func(n uint32) string) *value {
	return word("a 32-bit number", func(_ *parser, s string) (string, error) {
		n, ok := parseNumber(s, 0, 1<<32-1)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return text(uint32(n)), nil
	})
}

// finishConnmark puts --mask where it belongs and the masks that are printed although nobody
// wrote them. Of two shifts the later counts.
func finishConnmark(l *loaded, _ *parser) error {
	nf, ct, mask := l.option("--nfmask"), l.option("--ctmask"), l.option("--mask")
	if set := l.option("--set-xmark"); set.set {
		// Of the value's own mask and these options the last one counts.
		for _, s := range []*setting{ct, mask} {
			if s.set && s.at > set.at {
				v, _, _ := parseMark(set.value())
				m, _, _ := parseMark(s.value())
				set.values = []string{fullMark(v, m)}
			}
		}
		nf.drop()
		ct.drop()
	} else {
		for _, s := range []*setting{nf, ct} {
			switch {
			case mask.set:
				s.set, s.values = true, mask.values
			case !s.set:
				s.set, s.values = true, []string{"0xffffffff"}
			}
		}
	}
	mask.drop()
	left, right := l.option("--left-shift-mark"), l.option("--right-shift-mark")
	if left.set && right.set {
		if left.at < right.at {
			left.drop()
		} else {
			right.drop()
		}
	}
	return nil
}
