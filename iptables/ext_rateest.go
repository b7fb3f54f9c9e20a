package iptables

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// rateest compares the rates that the target RATEEST estimates.
var rateestExtensions = []extension{
	{
		name: "rateest",
		options: []option{
			{name: "--rateest-delta"},
			{name: "--rateest", aliases: []string{"--rateest1"}, value: nameUpTo(15), flags: required},
			{name: "--rateest-bps1", value: bitRate},
			{name: "--rateest-pps1", value: packetCount},
			// Of several modes the last counts. One for two rates is listed twice, though not read twice.
			{name: "--rateest-lt", flags: negatable | repeatable | either},
			{name: "--rateest-gt", flags: negatable | repeatable | either},
			{name: "--rateest-eq", flags: negatable | repeatable | either},
			{name: "--rateest-bps", value: bitRate},
			{name: "--rateest-bps2", value: bitRate, into: "--rateest-bps"},
			{name: "--rateest-pps", value: packetCount},
			{name: "--rateest-pps2", value: packetCount, into: "--rateest-pps"},
			{name: "--rateest2", value: nameUpTo(15)},
		},
		finish: finishRateest,
		show:   showRateest,
	},
	{
		name: "RATEEST", target: true,
		options: []option{
			{name: "--rateest-name", value: nameUpTo(15), flags: required},
			{name: "--rateest-interval", value: duration, flags: required},
			{name: "--rateest-ewmalog", value: duration, flags: required},
		},
		finish: finishRATEEST,
		show:   showRATEEST,
	},
}

// finishRateest keeps what has a meaning. A difference has two rates to subtract, of which one that
// was not given is 0; a comparison of two estimators has none; one with a fixed rate has that.
func finishRateest(l *loaded, _ *parser) error {
	var last *setting
	negated := false
	for _, name := range rateestModes {
		s := l.option(name)
		negated = negated || s.negated
		switch {
		case !s.set:
		case last == nil:
			last = s
		case s.at > last.at:
			last.drop()
			last = s
		default:
			s.drop()
		}
	}
	last.negated = negated
	rates := false
	for _, unit := range rateestUnits {
		first, rate := l.option(unit.option+"1"), l.option(unit.option)
		if !first.set && !rate.set {
			continue
		}
		rates = true
		first.values, rate.values = []string{cmp.Or(first.value(), unit.nothing)}, []string{cmp.Or(rate.value(), unit.nothing)}
		first.set, rate.set = l.option("--rateest-delta").set, true
		if !first.set && l.option("--rateest2").set {
			rate.values = nil
		}
	}
	if !rates {
		return &complaint{message: "a rate is missing", expected: "--rateest-bps or --rateest-pps"}
	}
	return nil
}

var rateestModes = []string{"--rateest-lt", "--rateest-gt", "--rateest-eq"}

var rateestUnits = []struct{ option, nothing string }{{"--rateest-bps", "0bit"}, {"--rateest-pps", "0"}}

// showRateest prints the mode once for each rate.
func showRateest(_ Dialect, _ Family, options []Option) []Option {
	name, _ := findOption(options, "--rateest")
	other, two := findOption(options, "--rateest2")
	delta, isDelta := findOption(options, "--rateest-delta")
	var shown []Option
	if isDelta {
		shown = append(shown, delta)
	}
	if two {
		name.Name = "--rateest1"
	}
	shown = append(shown, name)
	for _, unit := range rateestUnits {
		rate, given := findOption(options, unit.option)
		if !given {
			continue
		}
		if first, given := findOption(options, unit.option+"1"); given {
			rate.Name += "2"
			shown = append(shown, first)
		}
		for _, o := range options {
			if slices.Contains(rateestModes, o.Name) {
				shown = append(shown, o)
			}
		}
		shown = append(shown, rate)
	}
	if two {
		shown = append(shown, other)
	}
	return shown
}

// bitRate describes a rate in bits per second, printed as such; it may be left out, which
// means that of the other estimator.
var bitRate = &value{words: 1, ifThere: true, apart: true, expects: "a rate such as 8bit, 5kbit or 1mbps", read: func(p *parser, words []string) ([]string, error) {
	s := words[0]
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	number, unit := s, ""
	if i >= 0 {
		number, unit = s[:i], s[i:]
	}
	scale, known := bitUnits[strings.ToLower(unit)]
	f, ok := parseFloat(number)
	if !ok || !known || f < 0 {
		return nil, refused("bad rate")
	}
	// The kernel counts bytes, so the bits printed are a multiple of 8.
	return p.keep(bitText(uint64(f * scale / 8))), nil
}}

// bitUnits are the units that tc(8) knows, in bits.
var bitUnits = map[string]float64{
	"": 1, "bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9, "tbit": 1e12,
	"kibit": 1 << 10, "mibit": 1 << 20, "gibit": 1 << 30, "tibit": 1 << 40,
	"bps": 8, "kbps": 8e3, "mbps": 8e6, "gbps": 8e9, "tbps": 8e12,
	"kibps": 8 << 10, "mibps": 8 << 20, "gibps": 8 << 30, "tibps": 8 << 40,
}

func bitText(bytesPerSecond uint64) string {
	bits := float64(bytesPerSecond) * 8
	switch {
	case bits >= 1e9 && math.Mod(bits, 1e6) == 0:
		return strconv.FormatFloat(bits/1e6, 'f', 0, 64) + "Mbit"
	case bits >= 1e6 && math.Mod(bits, 1e3) == 0:
		return strconv.FormatFloat(bits/1e3, 'f', 0, 64) + "Kbit"
	}
	return strconv.FormatFloat(bits, 'f', 0, 64) + "bit"
}

var packetCount = &value{words: 1, ifThere: true, apart: true, expects: "packets per second", read: func(p *parser, words []string) ([]string, error) {
	n, ok := parseNumber(words[0], 0, 1<<32-1)
	if !ok {
		return nil, refused("bad value, or out of range")
	}
	return p.keep(canonicalDecimal(n, words[0])), nil
}}

// duration describes a time in microseconds, or with a unit.
var duration = word("a time such as 250ms, 0.5s or 500us", func(_ *parser, s string) (string, error) {
	if _, ok := microseconds(s); !ok {
		return "", refused("bad time")
	}
	return s, nil
})

func microseconds(s string) (float64, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	scale := 1.0
	if i >= 0 {
		switch strings.ToLower(s[i:]) {
		case "s", "sec", "secs":
			scale = 1e6
		case "ms", "msec", "msecs":
			scale = 1e3
		case "us", "usec", "usecs":
		default:
			return 0, false
		}
		s = s[:i]
	}
	f, err := strconv.ParseFloat(s, 64)
	return math.Trunc(f * scale), err == nil
}

// finishRATEEST brings the times to those that the kernel can keep: a quarter of a second times
// a power of two, and the next lower power of the average's.
func finishRATEEST(l *loaded, _ *parser) error {
	interval, ewma := l.option("--rateest-interval"), l.option("--rateest-ewmalog")
	length, _ := microseconds(interval.value())
	average, _ := microseconds(ewma.value())
	steps := 0
	for steps <= 5 && length > float64(uint(250000)<<steps) {
		steps++
	}
	if steps > 5 {
		return refused("--rateest-interval is too large")
	}
	log := 1
	for ; log < 32; log++ {
		if length/-math.Log(1-1/float64(uint64(1)<<log)) > average {
			break
		}
	}
	log--
	if log == 0 || log >= 31 {
		return refused("--rateest-ewmalog is out of range")
	}
	interval.values = []string{timeText(float64(uint(250000) << steps))}
	ewma.values = []string{timeText(float64(uint64(250000) << (steps + log)))}
	return nil
}

// showRATEEST: the average is listed in 32 bits of microseconds.
func showRATEEST(_ Dialect, _ Family, options []Option) []Option {
	us, _ := microseconds(options[len(options)-1].Value())
	if us < 1<<32 {
		return options
	}
	options = slices.Clone(options)
	options[len(options)-1].Values = []string{timeText(float64(uint32(uint64(us))))}
	return options
}

func timeText(us float64) string {
	if us >= 1e6 {
		return strconv.FormatFloat(us/1e6, 'f', 1, 64) + "s"
	}
	return strconv.FormatFloat(us/1e3, 'f', 1, 64) + "ms"
}
