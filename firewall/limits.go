package firewall

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// How many packets may come at once before a rate holds.
const (
	defaultBurst = 5     // iptables' own, of limit and hashlimit
	maxBurst     = 10000 // the largest that both take in every version
)

// levels are the names of syslog levels that iptables understands, most urgent first.
var levels = []string{"emerg", "panic", "alert", "crit", "error", "err", "warning", "warn", "notice", "info", "debug"}

// rateUnits are the units of a rate in seconds; any beginning of a name will do.
var rateUnits = []struct {
	name    string
	seconds int
}{{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}

// ratePeriod is the time that a rate allows for each packet, in microseconds. Two spellings
// of one rate ("60/minute", "1/second") have one period.
func ratePeriod(s string) (int, error) {
	number, unit, ok := strings.Cut(s, "/")
	if !ok {
		return 0, fmt.Errorf(`%q has no unit: write "10/second", "10/minute", "10/hour" or "10/day"`, s)
	}
	for _, u := range rateUnits {
		if unit == "" || !strings.HasPrefix(u.name, strings.ToLower(unit)) {
			continue
		}
		// iptables counts in ten-thousandths of a second: more than 10,000 a second is no limit.
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 10000*u.seconds {
			return 0, fmt.Errorf("%q: %q is not a number from 1 to %d", s, number, 10000*u.seconds)
		}
		return 1000000 * u.seconds / n, nil
	}
	return 0, fmt.Errorf("%q: %q is not a unit; these are: second, minute, hour, day", s, unit)
}

func checkChain(ps *problems, name string) {
	switch {
	case name == "":
		ps.add("chain", "no chain", "name one: INPUT")
	case len(name) > maxChain:
		ps.add("chain", "the chain's name is too long", "%q has %d bytes, the kernel takes %d", name, len(name), maxChain)
	case strings.HasPrefix(name, "-") || strings.HasPrefix(name, "!") || strings.ContainsFunc(name, blankOrControl):
		ps.add("chain", "not a chain's name", `%q begins with "-" or "!", or holds a blank or a control character`, name)
	default:
		if _, ok := extensions[name]; ok {
			ps.add("chain", "not a chain's name", "%s is a target", name)
		}
	}
}

func checkTable(ps *problems, name string) {
	if !slices.Contains(tables, name) {
		ps.add("table", fmt.Sprintf("unknown table %q", name), "it is one of %s%s", strings.Join(tables, ", "), didYouMean(nearest(name, tables)))
	}
}

func checkFamilies(ps *problems, families []iptables.Family) {
	if families != nil && len(families) == 0 {
		ps.add("families", "the list of families is empty", "leave families out for both")
	}
}

func checkIgnore(ps *problems, patterns []string) {
	if _, err := ParseIgnore(patterns, false); err != nil {
		ps.add("ignore", "not a pattern", "%s", err)
	}
}

func checkPriority(ps *problems, priority *int) {
	if priority != nil && (*priority < 0 || *priority > MaxPriority) {
		ps.add("priority", "no such priority", "%d is not between 0 and %d", *priority, MaxPriority)
	}
}

func checkInterface(ps *problems, name string) {
	switch {
	case name == "":
	case name == "+":
		ps.add("interface", "not an interface", `"+" means every interface: leave it out`)
	case len(name) > maxInterface:
		ps.add("interface", "the interface's name is too long", "%q has %d bytes, the kernel takes %d", name, len(name), maxInterface)
	case strings.HasPrefix(name, "!") || strings.HasPrefix(name, "-") || strings.Contains(name, "/") || strings.ContainsFunc(name, blankOrControl):
		ps.add("interface", "not an interface", `%q holds a character that no interface's name has; "eth+" means all that begin with "eth"`, name)
	}
}

func checkLog(ps *problems, prefix, level string) {
	if bad := badText(prefix, maxLogPrefix); bad != "" {
		ps.add("log.prefix", "not usable as a log prefix", "%q: %s", prefix, bad)
	}
	if n, err := strconv.Atoi(level); level != "" && !slices.Contains(levels, level) && (err != nil || n < 0 || n > 7) {
		ps.add("log.level", "unknown log level", "%q is none of %s%s", level, strings.Join(levels, ", "), didYouMean(nearest(level, levels)))
	}
}

func checkSet(ps *problems, name string) {
	if name == "" || len(name) > maxSet || strings.ContainsFunc(name, blankOrControl) || strings.HasPrefix(name, "-") {
		ps.add("sources", "not the name of a set", "%q: a set's name has 1 to %d bytes and no blanks", name, maxSet)
	}
}

func blankOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
