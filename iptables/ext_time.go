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
		{name: "--datestart", value: date, hidden: "1970-01-01T00:00:00"},
		{name: "--datestop", value: date},
		{name: "--kerneltz", flags: repeatable, excludes: []string{"--utc"}},
		{name: "--localtz", flags: repeatable, into: "--kerneltz", excludes: []string{"--utc"}, value: &value{read: func(*parser, []string) ([]string, error) { return nil, nil }}},
		{name: "--utc", excludes: []string{"--kerneltz", "--localtz"}},
		{name: "--contiguous"},
	},
	finish: finishTime,
}}

const (
	dayBegins, dayEnds = "00:00:00", "23:59:59"
	// lastDate is the end of 31-bit time, which stands for "no end".
	lastDate = "2038-01-19T03:14:07"
)

func finishTime(l *loaded, _ *parser) error {
	start, stop := l.option("--timestart"), l.option("--timestop")
	if !start.set {
		start.set, start.values = true, []string{dayBegins}
	}
	if !stop.set {
		stop.set, stop.values = true, []string{dayEnds}
	}
	if l.option("--contiguous").set && stop.value() >= start.value() {
		return refused("--contiguous needs a --timestop before --timestart")
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
// all days.
func complement(s *setting, all []string) {
	if !s.set {
		return
	}
	days := strings.Split(s.value(), ",")
	if s.negated {
		days = slices.DeleteFunc(slices.Clone(all), func(day string) bool { return slices.Contains(days, day) })
	}
	s.negated, s.values = false, []string{strings.Join(days, ",")}
	if len(days) == len(all) {
		s.drop()
	}
}

var weekDayNames = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

var monthDayNames = func() []string {
	names := make([]string, 31)
	for i := range names {
		names[i] = decimal(uint64(i + 1))
	}
	return names
}()

// weekDays describes a list of days, by name (two letters are enough) or number from 1.
var weekDays = word("a list of Mon,Tue,Wed,Thu,Fri,Sat,Sun", func(_ *parser, list string) (string, error) {
	var set uint32
	for s := range strings.SplitSeq(strings.TrimSuffix(list, ","), ",") {
		if n, ok := parseNumber(s, 0, 1<<32-1); ok {
			if n == 0 {
				return "", refused("the week begins with 1, Monday")
			}
			set |= 1 << (n - 1) & 0x7f
			continue
		}
		i := slices.IndexFunc(weekDayNames, func(name string) bool { return strings.HasPrefix(s, name[:2]) })
		if i < 0 && list != "" {
			return "", refusedNear("unknown day "+s, s, weekDayNames)
		}
		if i >= 0 {
			set |= 1 << i
		}
	}
	return namesText(set, weekDayNames, list), nil
})

// monthDays describes a list of days of the month.
var monthDays = word("a list of days from 1 to 31", func(_ *parser, list string) (string, error) {
	var set uint64
	for s := range strings.SplitSeq(list, ",") {
		if s == "" {
			continue
		}
		n, ok := parseNumber(s, 0, 31)
		if !ok {
			return "", refused("not a day of the month: " + s)
		}
		set |= 1 << n
	}
	return namesText(uint32(set>>1), monthDayNames, list), nil
})

// timeOfDay describes hh:mm or hh:mm:ss.
var timeOfDay = word("a time hh:mm or hh:mm:ss", func(_ *parser, s string) (string, error) {
	fields := strings.Split(s, ":")
	limits := [3]int{23, 59, 59}
	var n [3]int
	if len(fields) < 2 || len(fields) > 3 {
		return "", refused("bad time")
	}
	for i, field := range fields {
		v, ok := decimalField(field, 0, limits[i])
		if !ok {
			return "", refused("bad time")
		}
		n[i] = v
	}
	return fmt.Sprintf("%02d:%02d:%02d", n[0], n[1], n[2]), nil
})

func decimalField(s string, low, high int) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n := int(atoi(s))
	return n, low <= n && n <= high
}

// date describes a date with as many of its parts as are wanted. A day that the month has not
// is one of the next month, as in mktime(3).
var date = word("a date YYYY[-MM[-DD[Thh[:mm[:ss]]]]] from 1970 to 2038", func(_ *parser, s string) (string, error) {
	parts := []struct {
		lead      string
		low, high int
	}{{"", 1970, 2038}, {"-", 1, 12}, {"-", 1, 31}, {"T", 0, 23}, {":", 0, 59}, {":", 0, 59}}
	n := [6]int{1970, 1, 1, 0, 0, 0}
	rest := s
	for i, part := range parts {
		if rest == "" && i > 0 {
			break
		}
		after, ok := strings.CutPrefix(rest, part.lead)
		end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(after)
		}
		v, inside := decimalField(after[:end], part.low, part.high)
		if !ok || !inside {
			return "", refused("bad date")
		}
		n[i], rest = v, after[end:]
	}
	if rest != "" {
		return "", refused("bad date")
	}
	if days := daysOf(n[0], n[1]); n[2] > days {
		n[1], n[2] = n[1]+1, n[2]-days // never December, which has 31
	}
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", n[0], n[1], n[2], n[3], n[4], n[5]), nil
})

// daysOf is the number of days of a month, for the years that the match knows.
func daysOf(year, month int) int {
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
