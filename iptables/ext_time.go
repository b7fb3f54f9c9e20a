package iptables

import (
	"fmt"
	"slices"
	"strings"
)

// time matches the time of day, the day and the date.
var timeExtensions = []extension{{
	name: "time",
	options: []option{
		{name: "--timestart", value: timeOfDay},
		{name: "--timestop", value: timeOfDay},
		{name: "--monthdays", value: monthDays, flags: negatable},
		{name: "--weekdays", value: weekDays, flags: negatable},
		{name: "--datestart", value: date, hidden: firstDate},
		{name: "--datestop", value: date},
		{name: "--kerneltz", flags: repeatable, excludes: []string{"--utc"}},
		{name: "--localtz", flags: repeatable, into: "--kerneltz", excludes: []string{"--utc"}, value: &value{read: func(*parser, []string) ([]string, error) { return nil, nil }}},
		{name: "--utc", excludes: []string{"--kerneltz", "--localtz"}},
		{name: "--contiguous"},
	},
	finish: finishTime,
	show:   showTime,
}}

const (
	dayBegins, dayEnds = "00:00:00", "23:59:59"
	// lastDate is the end of 31-bit time, which stands for "no end".
	lastDate  = "2038-01-19T03:14:07"
	firstDate = "1970-01-01T00:00:00"
)

func finishTime(l *loaded, _ *parser) error {
	start, stop := l.option("--timestart"), l.option("--timestop")
	if !start.set {
		start.set, start.values = true, []string{dayBegins}
	}
	if !stop.set {
		stop.set, stop.values = true, []string{dayEnds}
	}
	if l.option("--contiguous").set && stop.value() > start.value() {
		return refused("--contiguous needs a --timestop that is not after --timestart")
	}
	if start.value() == dayBegins && stop.value() == dayEnds {
		start.drop()
		stop.drop()
	}
	complement(l.option("--monthdays"), monthDayNames)
	complement(l.option("--weekdays"), weekDayNames)
	if d := l.option("--datestop"); !d.set {
		d.set, d.values = true, []string{lastDate}
	}
	l.option("--utc").drop()
	return nil
}

// complement turns a negated list of days into the list of the others, and drops the list of
// all days. The first name is that of no day, which may be in the list but is not printed.
func complement(s *setting, names []string) {
	if !s.set {
		return
	}
	given := strings.Split(s.value(), ",")
	days := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.Contains(given, name) == (s.negated && name != names[0])
	})
	s.negated, s.values = false, []string{strings.Join(days, ",")}
	if slices.Equal(days, names[1:]) {
		s.drop()
	}
}

// showTime leaves out what is in a list of days but is none, and the end of all that has none.
func showTime(_ Dialect, _ Family, options []Option) []Option {
	shown := slices.Clone(options)
	for i, o := range shown {
		for name, noDay := range map[string]string{"--monthdays": monthDayNames[0], "--weekdays": weekDayNames[0]} {
			if list := strings.Split(o.Value(), ","); o.Name == name && list[0] == noDay {
				shown[i].Values = []string{strings.Join(list[1:], ",")}
			}
		}
	}
	return slices.DeleteFunc(shown, func(o Option) bool { return o.Name == "--datestop" && o.Value() == firstDate })
}

// weekDayNames and monthDayNames begin with a number that is read, but is no day.
var weekDayNames = []string{"32", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

var monthDayNames = func() []string {
	names := make([]string, 32)
	for i := range names {
		names[i] = decimal(uint64(i))
	}
	return names
}()

// weekDays describes a list of days, by name (two letters are enough) or number from 1, of
// which five bits count.
var weekDays = word("a list of Mon,Tue,Wed,Thu,Fri,Sat,Sun", func(_ *parser, list string) (string, error) {
	var set uint32
	for s := range strings.SplitSeq(strings.TrimSuffix(list, ","), ",") {
		n, rest := strtoul(s, 0)
		i := slices.IndexFunc(weekDayNames, func(name string) bool { return strings.HasPrefix(s, name[:2]) })
		switch {
		case list == "":
		case rest == "" && n == 0:
			return "", refused("the week begins with 1, Monday")
		case rest == "":
			set |= 1 << (n & 31)
		case i < 1:
			return "", refusedNear("unknown day "+s, s, weekDayNames[1:])
		default:
			set |= 1 << i
		}
	}
	return namesText(set, weekDayNames, list), nil
})

// monthDays describes a list of days of the month, of each of which two characters are read.
var monthDays = word("a list of days from 1 to 31", func(_ *parser, list string) (string, error) {
	var set uint32
	for s := range strings.SplitSeq(list, ",") {
		n, rest := strtoul(cut(s, 2), 0)
		switch {
		case s == "":
		case rest != "" || n > 31:
			return "", refused("not a day of the month: " + s)
		default:
			set |= 1 << n
		}
	}
	return namesText(set, monthDayNames, list), nil
})

// timeOfDay describes hh:mm or hh:mm:ss; a number that is left out is 0.
var timeOfDay = word("a time hh:mm or hh:mm:ss", func(_ *parser, s string) (string, error) {
	var n [3]uint32
	rest := s
	for i, high := range []uint32{23, 59, 59} {
		var after string
		n[i], after = timeField(rest)
		colon := strings.HasPrefix(after, ":") && i < 2
		if n[i] > high || !colon && (i == 0 || after != "") {
			return "", refused("bad time")
		}
		if !colon {
			break
		}
		rest = after[1:]
	}
	return fmt.Sprintf("%02d:%02d:%02d", n[0], n[1], n[2]), nil
})

// timeField reads one number of a time or a date, of which 32 bits count.
func timeField(s string) (n uint32, rest string) {
	wide, rest := strtoul(s, 10)
	return uint32(wide), rest
}

// date describes a date with as many of its parts as are wanted. A day that the month has not
// is one of the next month, and day or month 0 the one before the first, as in mktime(3).
var date = word("a date YYYY[-MM[-DD[Thh[:mm[:ss]]]]] from 1970 to 2038", func(_ *parser, s string) (string, error) {
	parts := []struct {
		low, high uint32
		end       string // what stands before the next part
	}{{1970, 2038, "-"}, {0, 12, "-"}, {0, 31, "T"}, {0, 23, ":"}, {0, 59, ":"}, {0, 59, ""}}
	n := [6]uint32{1970, 1, 1, 0, 0, 0}
	rest := s
	for i, part := range parts {
		var after string
		n[i], after = timeField(rest)
		if n[i] < part.low || n[i] > part.high || after != "" && (part.end == "" || after[:1] != part.end) {
			return "", refused("bad date")
		}
		if after == "" {
			break
		}
		rest = after[1:]
	}
	year, month, day := realDay(n[0], n[1], n[2])
	if year < 1970 {
		return "", refused("the date is before 1970")
	}
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, n[3], n[4], n[5]), nil
})

// realDay brings a day from 0 to 31 of a month from 0 to 12 to one that exists.
func realDay(year, month, day uint32) (y, m, d uint32) {
	switch {
	case month == 0 && day == 0:
		return year - 1, 11, 30
	case month == 0:
		return year - 1, 12, day
	case month == 1 && day == 0:
		return year - 1, 12, 31
	case day == 0:
		return year, month - 1, daysOf(year, month-1)
	}
	if days := daysOf(year, month); day > days {
		return year, month + 1, day - days // never December, which has 31
	}
	return year, month, day
}

// daysOf is the number of days of a month, for the years that the match knows.
func daysOf(year, month uint32) uint32 {
	switch month {
	case 2:
		if year%4 == 0 {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
