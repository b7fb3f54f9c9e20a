package iptables

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Matches that count connections, packets and bytes, or leave it to chance.
var countExtensions = []extension{
	{
		name: "connlimit",
		options: []option{
			{name: "--connlimit-upto", value: number(0, 1<<32-1), flags: negatable | either, excludes: []string{"--connlimit-above"}},
			{name: "--connlimit-above", value: number(0, 1<<32-1), flags: negatable | either, excludes: []string{"--connlimit-upto"}},
			{name: "--connlimit-mask", value: lengthOrMask},
			{name: "--connlimit-saddr", excludes: []string{"--connlimit-daddr"}},
			{name: "--connlimit-daddr", excludes: []string{"--connlimit-saddr"}},
		},
		finish: finishConnlimit,
		show: func(_ Dialect, f Family, options []Option) []Option {
			return showOddMask(f, options, "--connlimit-mask")
		},
	},
	{
		name: "connbytes",
		options: []option{
			{name: "--connbytes", value: byteRange, flags: negatable | required},
			{name: "--connbytes-mode", value: exactly("packets", "bytes", "avgpkt"), flags: required},
			{name: "--connbytes-dir", value: exactly("original", "reply", "both"), flags: required},
		},
		finish: finishConnbytes,
		show:   showConnbytes,
	},
	{name: "quota", options: []option{{name: "--quota", value: number(0, 1<<64-1), flags: negatable | required}}, show: showQuota},
	{
		name: "statistic",
		options: []option{
			{name: "--mode", value: exactly("random", "nth"), flags: required},
			{name: "--probability", value: probability, flags: negatable, excludes: []string{"--every", "--packet"}},
			{name: "--every", value: number(1, 1<<32-1), flags: negatable, excludes: []string{"--probability"}, needs: []string{"--packet"}},
			{name: "--packet", value: number(0, 1<<32-1), excludes: []string{"--probability"}},
		},
		finish: finishStatistic,
	},
}

// showQuota: 1.4.21 misplaces the blank of a negation, so that the match seems to be called
// "quota!".
func showQuota(d Dialect, _ Family, options []Option) []Option {
	if len(options) == 0 || !options[0].Negated || !d.Version.before(6, 0) {
		return options
	}
	return []Option{{Name: "\b!  --quota", Values: options[0].Values}}
}

// finishConnbytes: the kernel is told of a negation by bounds that are swapped, which shows nothing
// where both are the same number.
func finishConnbytes(l *loaded, p *parser) error {
	s := l.option("--connbytes")
	low, high, both := strings.Cut(s.value(), ":")
	if s.negated && (both && low == high || low == decimal(1<<64-1)) {
		if p.strict {
			return refused("iptables loses the ! before a range of one number")
		}
		s.negated = false
	}
	return nil
}

// showConnbytes: an upper bound of 0 is printed as if there were none (1.8.9).
func showConnbytes(_ Dialect, _ Family, options []Option) []Option {
	if len(options) == 0 || options[0].Value() != "0:0" {
		return options
	}
	options = slices.Clone(options)
	options[0].Values = []string{"0"}
	return options
}

func finishConnlimit(l *loaded, p *parser) error {
	upto, above := l.option("--connlimit-upto"), l.option("--connlimit-above")
	if upto.set && upto.negated || above.set && above.negated {
		*upto, *above = *above, *upto
		upto.negated, above.negated = false, false
	}
	if mask := l.option("--connlimit-mask"); !mask.set {
		mask.set, mask.values = true, []string{fullLength(p.family)}
	}
	if !l.option("--connlimit-daddr").set {
		l.option("--connlimit-saddr").set = true
	}
	return nil
}

func fullLength(f Family) string {
	if f == IPv6 {
		return "128"
	}
	return "32"
}

// lengthOrMask describes a prefix length; a mask that is none is kept as it is.
var lengthOrMask = word("a prefix length or a mask", func(p *parser, s string) (string, error) {
	_, length, dotted, err := parseHostMask(p.family, map[Family]string{IPv4: "0.0.0.0/", IPv6: "::/"}[p.family]+s)
	if err != nil {
		return "", err
	}
	if dotted.IsValid() {
		return addrText(dotted), nil
	}
	return canonicalDecimal(uint64(length), s), nil
})

// showOddMask: a mask that is no prefix length is printed as a full one.
func showOddMask(f Family, options []Option, name string) []Option {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
	if i < 0 || !strings.ContainsAny(options[i].Value(), ".:") {
		return options
	}
	options = slices.Clone(options)
	options[i].Values = []string{fullLength(f)}
	return options
}

// byteRange describes a or a:b, in this order; without b, or with the highest, it is a alone.
var byteRange = word("a number or a range a:b", func(p *parser, s string) (string, error) {
	low, high, _ := strings.Cut(s, ":")
	a, b := uint64(0), uint64(1<<64-1)
	okA, okB := true, true
	if low != "" || s == "" && p.strict {
		a, okA = parseNumber(low, 0, b)
	}
	if high != "" {
		b, okB = parseNumber(high, 0, b)
	}
	switch {
	case !okA || !okB:
		return "", refused("bad value, or out of range")
	case a > b:
		return "", refused("the range is the wrong way round")
	case b == 1<<64-1:
		return canonicalDecimal(a, s), nil
	}
	return decimal(a) + ":" + decimal(b), nil
})

// probability describes a fraction, which the kernel keeps in 31 bits.
var probability = word("a number from 0 to 1", func(_ *parser, s string) (string, error) {
	f, ok := parseFloat(s)
	if !ok || f < 0 || f > 1 {
		return "", refused("bad value, or out of range")
	}
	const steps = 1 << 31
	if math.IsNaN(f) {
		f = 0
	}
	text := fmt.Sprintf("%.11f", math.Round(f*steps)/steps)
	if text == s {
		return s, nil
	}
	return text, nil
})

// parseFloat reads a number as strtod(3) does.
func parseFloat(s string) (float64, bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	if strings.Contains(s, "_") {
		return 0, false
	}
	if lower := strings.ToLower(s); strings.Contains(lower, "0x") && !strings.Contains(lower, "p") {
		s += "p0"
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

func finishStatistic(l *loaded, _ *parser) error {
	every, packet := l.option("--every"), l.option("--packet")
	if l.option("--mode").value() == "random" {
		if !l.option("--probability").set {
			return refused("--mode random needs --probability")
		}
		packet.drop()
		return nil
	}
	if !every.set && !packet.set {
		return refused("--mode nth needs --every and --packet")
	}
	n, _ := parseNumber(every.value(), 0, 1<<32)
	if k, _ := parseNumber(packet.value(), 0, 1<<32); k >= n {
		return refused("--packet must be lower than --every")
	}
	return nil
}
