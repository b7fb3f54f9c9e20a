package firewall

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A CustomRule is one rule written as a person types it, in any table and chain.
type CustomRule struct {
	Table    string // "": filter
	Chain    string
	Families []iptables.Family // nil: the family of the addresses in Spec, else both
	Spec     string            // "-p tcp --dport 22 -j ACCEPT"
	Priority *int              // written in front of the comment; nil: DefaultPriority, unwritten
}

// tables are the tables of the kernel, in the order in which a packet meets them.
var tables = []string{"raw", "mangle", "nat", "filter", "security"}

// Lines are the rules that the spec stands for, for each family: several where it lists
// several addresses. The error names the family for which iptables would refuse it.
func (r CustomRule) Lines() (Lines, error) {
	if err := r.problems().err(); err != nil {
		return nil, err
	}
	var lines Lines
	for _, f := range r.families() {
		rules, err := iptables.ParseSpec(f, r.table(), r.Spec)
		if err != nil {
			return nil, r.specError(f, err)
		}
		id := iptables.ChainID{Family: f, Table: r.table(), Name: r.Chain}
		for _, rule := range rules {
			if err := id.Check(rule); err != nil {
				return nil, &SpecError{Family: f, Err: err}
			}
			if rule, err = r.numbered(rule); err != nil {
				return nil, err
			}
			lines = append(lines, Line{id, rule})
		}
	}
	return lines.Unique(), nil
}

// A SpecError says that a spec is no rule of a family.
type SpecError struct {
	Family iptables.Family
	Err    error           // usually an *iptables.SyntaxError
	Other  iptables.Family // the family of which it is one, 0 where it is of none
	Number int             // of the rule in a list, counted from 1; 0 where there is no list
}

func (e *SpecError) Error() string {
	which := "the rule"
	if e.Number > 0 {
		which = fmt.Sprintf("rule %d of the list", e.Number)
	}
	text := fmt.Sprintf("%s would refuse %s: %v", e.Family.Command(), which, e.Err)
	switch {
	case e.Other == 0:
	case e.Number > 0:
		text += fmt.Sprintf(`; it is right for %s: if it is meant for that only, begin it with -%d`, e.Other.Command(), e.Other)
	default:
		text += fmt.Sprintf(`; it is right for %s: if it is meant for that only, set families = [%q]`, e.Other.Command(), e.Other.String())
	}
	return text
}

func (r CustomRule) specError(f iptables.Family, err error) error {
	e := &SpecError{Family: f, Err: err}
	for _, other := range iptables.Families {
		if _, err := iptables.ParseSpec(other, r.table(), r.Spec); other != f && err == nil {
			e.Other = other
		}
	}
	return e
}

func (e *SpecError) Unwrap() error { return e.Err }

// inShort is what is wrong with the text, for the end of a title: ": unknown option --dprot".
func (e *SpecError) inShort() string {
	const most = 60 // a word may be as long as the text
	wrong := (*iptables.SyntaxError)(nil)
	if !errors.As(e.Err, &wrong) {
		return ""
	}
	said := ": " + wrong.Message
	if !strings.Contains(said, wrong.Word) {
		said += fmt.Sprintf(" %q", wrong.Word)
	}
	if len(said) > most {
		return ""
	}
	return said
}

// Validate lists all that is wrong with the rule and can be known without a host.
func (r CustomRule) Validate() []Problem {
	ps := r.problems()
	if len(ps) > 0 {
		return ps
	}
	_, err := r.Lines()
	if spec := (*SpecError)(nil); errors.As(err, &spec) {
		ps.add("spec", fmt.Sprintf("not a rule of %s%s", spec.Family.Command(), spec.inShort()), "%s", err)
	} else if err != nil {
		ps.add("priority", "the comment is too long", "%s", err)
	}
	return ps
}

func (r CustomRule) problems() problems {
	var ps problems
	checkTable(&ps, r.table())
	checkChain(&ps, r.Chain)
	checkPriority(&ps, r.Priority)
	checkFamilies(&ps, r.Families)
	return ps
}

func (r CustomRule) table() string { return tableOr(r.Table) }

// tableOr is the table, filter where none is named.
func tableOr(table string) string {
	if table == "" {
		return "filter"
	}
	return table
}

func (r CustomRule) families() []iptables.Family {
	if r.Families == nil {
		return familiesOr(addressFamilies(r.Spec))
	}
	return familiesOr(r.Families)
}

// familiesOr are the given families in their usual order, both where none is given.
func familiesOr(families []iptables.Family) []iptables.Family {
	if families == nil {
		return iptables.Families
	}
	return slices.DeleteFunc(slices.Clone(iptables.Families), func(f iptables.Family) bool { return !slices.Contains(families, f) })
}

// addressOptions are the options whose values are addresses in every rule.
var addressOptions = []string{"-s", "--src", "--source", "-d", "--dst", "--destination", "--to-source", "--to-destination"}

// addressFamilies are the families of the addresses that a spec names, nil where it names none.
func addressFamilies(spec string) []iptables.Family {
	var families []iptables.Family
	words := strings.Fields(spec)
	for i, word := range words[:max(0, len(words)-1)] {
		if !slices.Contains(addressOptions, word) {
			continue
		}
		for _, address := range strings.Split(words[i+1], ",") {
			if f, ok := familyOfText(address); ok && !slices.Contains(families, f) {
				families = append(families, f)
			}
		}
	}
	return families
}

// familyOfText recognises "203.0.113.0/24", "2001:db8::1", "203.0.113.7-203.0.113.9:80", "[2001:db8::1]:80".
func familyOfText(s string) (iptables.Family, bool) {
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, "-")
	if strings.HasPrefix(s, "[") {
		s, _, _ = strings.Cut(s[1:], "]")
	} else if strings.Count(s, ":") == 1 {
		s, _, _ = strings.Cut(s, ":")
	}
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return 0, false
	case a.Is4():
		return iptables.IPv4, true
	default:
		return iptables.IPv6, true
	}
}

// numbered is the rule with the priority in front of its comment, which is made where there is none.
func (r CustomRule) numbered(rule iptables.Rule) (iptables.Rule, error) {
	if r.Priority == nil {
		return rule, nil
	}
	comment := withPriority(r.Priority, rule.Comment())
	if len(comment) > maxComment {
		return rule, fmt.Errorf("with its priority the comment has %d bytes and iptables silently cuts it at %d", len(comment), maxComment)
	}
	return withComment(rule, comment), nil
}

// withComment is the rule with another comment, in the place of the one it has or as its
// last match.
func withComment(r iptables.Rule, comment string) iptables.Rule {
	match := iptables.Match{Name: "comment", Options: []iptables.Option{{Name: "--comment", Values: []string{comment}}}}
	r.Matches = slices.Clone(r.Matches)
	for i, m := range r.Matches {
		if m.Name == "comment" {
			r.Matches[i] = match
			return r
		}
	}
	r.Matches = append(r.Matches, match)
	return r
}
