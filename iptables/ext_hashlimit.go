package iptables

import (
	"slices"
	"strings"
)

// hashlimit bounds the rate of each group of packets, in packets or in bytes.
var hashlimitExtensions = []extension{{
	name: "hashlimit",
	options: []option{
		{name: "--hashlimit-upto", aliases: []string{"--hashlimit"}, value: rateWord, flags: negatable, excludes: []string{"--hashlimit-above"}},
		{name: "--hashlimit-above", value: rateWord, flags: negatable, excludes: []string{"--hashlimit-upto"}},
		{name: "--hashlimit-burst", value: hashBurst},
		{name: "--hashlimit-mode", value: hashMode},
		{name: "--hashlimit-name", value: fileName(254), flags: required},
		{name: "--hashlimit-htable-size", value: tableSize, hidden: "0"},
		{name: "--hashlimit-htable-max", value: tableSize, hidden: "0"},
		{name: "--hashlimit-htable-gcinterval", value: number(1, 1<<32-1), hidden: "1000"},
		{name: "--hashlimit-htable-expire", value: number(1, 1<<32-1)},
		{name: "--hashlimit-srcmask", value: prefixLength},
		{name: "--hashlimit-dstmask", value: prefixLength},
		{name: "--hashlimit-rate-match"},
		{name: "--hashlimit-rate-interval", value: rateInterval},
	},
	finish: finishHashlimit,
	show:   showHashlimit,
}}

// rateWord is read when the whole match is known, as its meaning depends on --hashlimit-rate-match.
var rateWord = word("number/sec, /min, /hour, /day, or bytes: numberb/s, kb/s, mb/s", func(_ *parser, s string) (string, error) { return s, nil })

var hashMode = word("a list of srcip,srcport,dstip,dstport", func(_ *parser, list string) (string, error) {
	names := []string{"srcip", "srcport", "dstip", "dstport"}
	var set uint32
	for s := range strings.SplitSeq(list, ",") {
		if s == "" {
			continue
		}
		i := slices.Index(names, s)
		if i < 0 {
			return "", refusedNear("unknown mode "+s, s, names)
		}
		set |= 1 << i
	}
	return namesText(set, names, list), nil
})

// hashBurst describes a number of packets or bytes; k and m behind it multiply by 1024.
var hashBurst = word("a number from 1 to 1000000, or bytes: numberkb, numbermb", func(_ *parser, s string) (string, error) {
	n, rest, ok := scanNumber(s)
	if !ok || n < 1 || n >= 1<<32 || rest == "" && n > 1000000 {
		return "", refused("bad value, or out of range")
	}
	return decimal(n * factor(rest)), nil
})

func factor(unit string) uint64 {
	switch cut(unit, 1) {
	case "k":
		return 1 << 10
	case "m":
		return 1 << 20
	}
	return 1
}

// tableSize describes a number of entries, which the kernel (5.6) bounds.
var tableSize = word("a number from 0 to 4294967295", func(_ *parser, s string) (string, error) {
	n, ok := parseNumber(s, 0, 1<<32-1)
	if !ok {
		return "", refused("bad value, or out of range")
	}
	return canonicalDecimal(min(n, 1<<20), s), nil
})

// rateInterval describes a number of seconds, read as atoi(3) does.
var rateInterval = word("a number from 1 to 2147483647", func(p *parser, s string) (string, error) {
	n := atoi(s)
	if n < 1 || p.strict && strings.Trim(s, "0123456789") != "" {
		return "", refused("bad value, or out of range")
	}
	return canonicalDecimal(uint64(n), s), nil
})

// prefixLength describes a prefix length or a mask that is one.
var prefixLength = word("a prefix length", func(p *parser, s string) (string, error) {
	length, err := lengthOrMask.one(p, s)
	if err != nil || strings.ContainsAny(length, ".:") {
		return "", refused("bad prefix length")
	}
	return length, nil
})

func finishHashlimit(l *loaded, p *parser) error {
	upto, above := l.option("--hashlimit-upto"), l.option("--hashlimit-above")
	if upto.set && upto.negated || above.set && above.negated {
		*upto, *above = *above, *upto
		upto.negated, above.negated = false, false
	}
	rate := upto
	if above.set {
		rate = above
	}
	if !rate.set {
		return &complaint{message: "the rate is missing", expected: "--hashlimit-upto or --hashlimit-above"}
	}
	full := "32"
	if p.family == IPv6 {
		full = "128"
	}
	for _, name := range []string{"--hashlimit-srcmask", "--hashlimit-dstmask"} {
		if s := l.option(name); s.value() == full {
			s.drop()
		}
	}
	if s := l.option("--hashlimit-mode"); s.value() == "" {
		s.drop()
	}
	if cost, ok := byteCost(rate.value()); ok {
		return finishByteRate(l, rate, cost)
	}
	return finishPacketRate(l, rate)
}

// finishPacketRate: the time that an entry is kept defaults to the unit of the rate as it was
// given, and is printed where that differs from the unit of the rate as it is printed.
// --hashlimit-rate-match counts per interval, whose default is that unit too.
func finishPacketRate(l *loaded, rate *setting) error {
	const scale = 1000000
	number, name, _ := strings.Cut(rate.value(), "/")
	unit := uint64(1)
	if strings.Contains(rate.value(), "/") {
		unit = secondsOf(name)
	}
	text := rate.value()
	match, interval := l.option("--hashlimit-rate-match"), l.option("--hashlimit-rate-interval")
	if match.set {
		text = number
		if unit == 0 {
			text = rate.value()
		}
		if !interval.set {
			interval.set, interval.values = true, []string{decimal(unit)}
		}
	}
	if interval.value() == "1" || !match.set {
		interval.drop()
	}
	period, err := parsePeriod(text, scale, unsigned64)
	if err != nil {
		return err
	}
	rate.values = []string{rateText(period, scale, rate.value())}
	burst := l.option("--hashlimit-burst")
	if !burst.set {
		burst.set, burst.values = true, []string{"5"}
	}
	if n, _ := parseNumber(burst.value(), 0, 1<<63); n > 1000000 {
		return refused("--hashlimit-burst: out of range (1 to 1000000)")
	}
	finishExpire(l, unit*1000, rateUnit(rate.value())*1000)
	return nil
}

// rateUnit is the number of seconds in the unit of a canonical rate.
func rateUnit(rate string) uint64 {
	_, name, _ := strings.Cut(rate, "/")
	return secondsOf(name)
}

// finishExpire sets the time that an entry is kept, or drops it where it is the one that
// printing takes for granted.
func finishExpire(l *loaded, usual, hidden uint64) {
	s := l.option("--hashlimit-htable-expire")
	if !s.set {
		s.set, s.values = true, []string{decimal(usual)}
	}
	if s.value() == decimal(hidden) {
		s.drop()
	}
}

// The kernel keeps a byte rate as the cost of 16 bytes.
func bytesToCost(bytes uint64) uint64 {
	units := uint32(bytes>>4) + 1
	if units == 0 {
		return 0 // where iptables dies of a division by zero
	}
	return (1<<32 - 1) / uint64(units)
}

func costToBytes(cost uint64) uint64 {
	if cost == 0 {
		return (1<<32 - 2) << 4
	}
	return ((1<<32-1)/cost - 1) << 4
}

// byteCost reads a rate in bytes; ok is false where it is none.
func byteCost(s string) (cost uint64, ok bool) {
	i := strings.Index(s, "b/s")
	n := unsigned64(s)
	if i < 1 || n == 0 && s != noBytes {
		return 0, false
	}
	return bytesToCost(n * factor(s[i-1:])), true
}

func finishByteRate(l *loaded, rate *setting, cost uint64) error {
	// Of a cost of 1 the kernel can make no credit.
	if cost == 0 || cost == 1 && !l.option("--hashlimit-rate-match").set {
		return refused("the rate " + rate.value() + " is too high")
	}
	rate.values = []string{bytesText(costToBytes(cost), cost) + "/s"}
	if rate.value() == noBytes {
		rate.values = []string{"1b/s"}
	}
	burst, usual := l.option("--hashlimit-burst"), uint64(15000)
	if burst.set {
		step := costToBytes(cost)
		n, _ := parseNumber(burst.value(), 0, 1<<63)
		if n < step || step == 0 {
			return refused("--hashlimit-burst: cannot be smaller than " + decimal(step) + "b")
		}
		burst.values = []string{bytesText((n+step-1)/step*step, 0)}
		usual = 60000
	}
	finishExpire(l, usual, usual)
	interval := l.option("--hashlimit-rate-interval")
	if !l.option("--hashlimit-rate-match").set || interval.value() == "1" {
		interval.drop()
	}
	return nil
}

// bytesText is a number of bytes in the largest unit. A rate, which has a cost, takes the
// unit only if 32 bits of it come to the same cost.
func bytesText(n, cost uint64) string {
	for _, unit := range []struct {
		name string
		size uint64
	}{{"mb", 1 << 20}, {"kb", 1 << 10}} {
		if n >= unit.size && (cost == 0 || bytesToCost(uint64(uint32(n&^(unit.size-1)))) == cost) {
			return decimal(n/unit.size) + unit.name
		}
	}
	return decimal(n) + "b"
}

// noBytes is how a rate of less than 16 bytes is listed. iptables does not read that; as a
// value it is 1b/s, which comes to the same.
const noBytes = "0b/s"

// showHashlimit: before 1.6.1 the period of a rate is kept in 1/10000 seconds; 1.6.1 prints 32
// bits of it.
func showHashlimit(d Dialect, _ Family, options []Option) []Option {
	for i, o := range options {
		if o.Value() == "1b/s" {
			options = slices.Clone(options)
			options[i].Values = []string{noBytes}
		}
	}
	if !d.Version.before(6, 2) {
		return options
	}
	scale := uint64(1000000)
	if d.Version.before(6, 1) {
		scale = 10000
	}
	shown := slices.Clone(options)
	for i, o := range shown {
		if (o.Name == "--hashlimit-upto" || o.Name == "--hashlimit-above") && !strings.HasSuffix(o.Value(), "b/s") {
			if period, err := parsePeriod(o.Value(), scale, unsigned64); err == nil && uint32(period) != 0 {
				shown[i].Values = []string{rateText(uint64(uint32(period)), scale, o.Value())}
			}
		}
	}
	return shown
}
