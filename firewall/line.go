package firewall

import (
	"fmt"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Line is one rule and the chain that it stands in: what one line of `iptables -S` says.
type Line struct {
	Chain iptables.ChainID
	Rule  iptables.Rule
}

// Lines are the rules of one resource, in the order in which the resource prints them. That
// is not the order on the host, which follows from the rules themselves (see place.go).
type Lines []Line

// Text is the line as the attribute `rules` shows it, led by its command:
// "iptables -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT".
func (l Line) Text(d iptables.Dialect) string { return l.Chain.Line(l.Rule, d) }

// Key is the same for two lines that iptables cannot tell apart, whoever printed them.
func (l Line) Key() string {
	return l.Chain.Family.Command() + " " + l.Chain.Table + " " + l.Chain.Name + " " + l.Rule.Key()
}

// Print is the text of all lines, each in the spelling of its family's command: Facts.Dialect
// of the host, or Reference where the host is not known.
func (ls Lines) Print(dialect func(iptables.Family) iptables.Dialect) []string {
	text := make([]string, len(ls))
	for i, l := range ls {
		text[i] = l.Text(dialect(l.Chain.Family))
	}
	return text
}

// Reference is the dialect to print in where no host is known.
func Reference(iptables.Family) iptables.Dialect { return iptables.Reference }

// ParseLines reads back what Print wrote, in any dialect. The error names the line that
// cannot be read.
func ParseLines(text []string) (Lines, error) {
	ls := make(Lines, 0, len(text))
	for _, t := range text {
		id, rule, err := iptables.ParseLine(t)
		if err != nil {
			return nil, fmt.Errorf("reading the line %q: %w", t, err)
		}
		ls = append(ls, Line{id, rule})
	}
	return ls, nil
}

// Unique are the lines without repetitions, each at its first place.
func (ls Lines) Unique() Lines {
	seen := make(map[string]bool, len(ls))
	var kept Lines
	for _, l := range ls {
		if k := l.Key(); !seen[k] {
			seen[k] = true
			kept = append(kept, l)
		}
	}
	return kept
}

// Without are the lines that the other list does not hold.
func (ls Lines) Without(other Lines) Lines { return ls.pick(other, false) }

// Shared are the lines that the other list holds too.
func (ls Lines) Shared(other Lines) Lines { return ls.pick(other, true) }

// Same reports whether both lists hold the same lines, in whatever order.
func (ls Lines) Same(other Lines) bool {
	return len(ls.Without(other)) == 0 && len(other.Without(ls)) == 0
}

func (ls Lines) pick(other Lines, shared bool) Lines {
	there := make(map[string]bool, len(other))
	for _, l := range other {
		there[l.Key()] = true
	}
	var kept Lines
	for _, l := range ls {
		if there[l.Key()] == shared {
			kept = append(kept, l)
		}
	}
	return kept
}

// chains lists the chains of the lines, each once, in the order of their first line.
func (ls Lines) chains() []iptables.ChainID {
	seen := map[iptables.ChainID]bool{}
	var ids []iptables.ChainID
	for _, l := range ls {
		if !seen[l.Chain] {
			seen[l.Chain] = true
			ids = append(ids, l.Chain)
		}
	}
	return ids
}

// in are the rules of the lines of one chain, in the lines' order.
func (ls Lines) in(id iptables.ChainID) []iptables.Rule {
	var rules []iptables.Rule
	for _, l := range ls {
		if l.Chain == id {
			rules = append(rules, l.Rule)
		}
	}
	return rules
}

// find is the index of the first of rules that is r for iptables, from a given index on;
// -1 where there is none.
func find(rules []iptables.Rule, r iptables.Rule, from int) int {
	var key string
	for i := from; i < len(rules); i++ {
		if !alike(rules[i], r) {
			continue
		}
		if key == "" {
			key = r.Key()
		}
		if rules[i].Key() == key {
			return i
		}
	}
	return -1
}

// alike reports whether two rules could be the same. Making a key costs far more than
// comparing the fields that tell most rules apart, and a chain of a thousand rules is
// searched a thousand times.
func alike(a, b iptables.Rule) bool {
	return a.Target.Name == b.Target.Name && a.Protocol == b.Protocol && a.Source == b.Source &&
		a.Destination == b.Destination && a.In == b.In && a.Out == b.Out && a.Comment() == b.Comment()
}
