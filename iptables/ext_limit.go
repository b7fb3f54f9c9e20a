package iptables

import "strings"

// Matches that bound a rate.
var limitExtensions = []extension{
	{
		name: "limit",
		options: []option{
			{name: "--limit", value: packetRate(10000)},
			{name: "--limit-burst", value: number(0, 10000), hidden: "5"},
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--limit"); !s.set {
				l.set("--limit", "3/hour")
			}
			// Only nft takes a burst of 0 (1.8.9), and takes it for the default.
			if s := l.option("--limit-burst"); s.value() == "0" {
				s.drop()
			}
			return nil
		},
	},
}

// A timeUnit of a rate, in seconds; the longest comes first.
type timeUnit struct {
	name, short string
	seconds     uint64
}

var timeUnits = []timeUnit{{"day", "day", 86400}, {"hour", "hour", 3600}, {"minute", "min", 60}, {"second", "sec", 1}}

// packetRate describes number/unit. The kernel keeps the time between two packets, as a whole
// number of 1/scale seconds, and what is printed is computed back from that: 300/hour is
// 5/min, 150/sec is 151/sec.
func packetRate(scale uint64) *value {
	return word("packets per unit: number/sec, /min, /hour or /day", func(_ *parser, s string) (string, error) {
		period, err := parsePeriod(s, scale, signed32)
		if err != nil {
			return "", err
		}
		return rateText(period, scale, s), nil
	})
}

// parsePeriod is the time between two packets at a rate whose number is read by read. A
// negative number is one of the highest.
func parsePeriod(s string, scale uint64, read func(string) uint64) (uint64, error) {
	unit := uint64(1)
	number, name, hasUnit := strings.Cut(s, "/")
	if hasUnit {
		if unit = secondsOf(name); unit == 0 {
			return 0, refused("bad rate " + s)
		}
	}
	n := read(number)
	switch {
	case n == 0:
		return 0, refused("bad rate " + s)
	case scale*unit/n == 0:
		return 0, refused("the rate " + s + " is too fast; the most is " + decimal(scale) + "/sec")
	}
	return scale * unit / n, nil
}

// signed32 reads the number of a rate as limit does.
func signed32(s string) uint64 { return uint64(int64(atoi(s))) }

// unsigned64 reads the number of a rate as hashlimit does.
func unsigned64(s string) uint64 {
	n, _ := strtoul(s, 10)
	return n
}

// secondsOf is a unit's length; its name may be shortened to one letter.
func secondsOf(name string) uint64 {
	for _, u := range timeUnits {
		if name != "" && len(name) <= len(u.name) && strings.EqualFold(u.name[:len(name)], name) {
			return u.seconds
		}
	}
	return 0
}

// rateText is the rate in the largest unit in which its number is at least 1 and loses less
// than itself; the word itself where it is that already.
func rateText(period, scale uint64, word string) string {
	unit := timeUnits[0]
	for _, u := range timeUnits[1:] {
		if ticks := u.seconds * scale; period > ticks || ticks/period < ticks%period {
			break
		}
		unit = u
	}
	text := decimal(unit.seconds*scale/period) + "/" + unit.short
	if text == word {
		return word
	}
	return text
}

// atoi reads a number as C's atoi does: decimal, whatever follows it ignored, cut to 32 bits.
func atoi(s string) int32 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	n := int64(0)
	for i := 0; i < len(s) && digit(s[i]) < 10; i++ {
		if n > (1<<63-10)/10 {
			return -1 // as strtol saturates
		}
		n = n*10 + int64(digit(s[i]))
	}
	if negative {
		n = -n
	}
	return int32(n)
}
