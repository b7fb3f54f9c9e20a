package firewall

import (
	"fmt"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ExclusiveRules say which lines one chain holds, in one family or both.
type ExclusiveRules struct {
	Table    string // "": filter
	Chain    string
	Families []iptables.Family // nil: both
	// Rules are lines as Print writes them, of this chain or others. Lines that are led by no
	// command are for every family that understands them.
	Rules  []string
	Ignore []string // patterns, see ParseIgnore
	Force  bool     // chains and lines of other software count as well
	Report bool
}

// PolicyRules are the exclusive chains.
func (e ExclusiveRules) PolicyRules() (PolicyRules, error) {
	if err := e.problems().err(); err != nil {
		return PolicyRules{}, err
	}
	ignore, err := ParseIgnore(e.Ignore, e.Force)
	if err != nil {
		return PolicyRules{}, err
	}
	lines, err := e.lines()
	if err != nil {
		return PolicyRules{}, err
	}
	var rules PolicyRules
	for _, f := range familiesOr(e.Families) {
		id := iptables.ChainID{Family: f, Table: tableOr(e.Table), Name: e.Chain}
		rules.Exclusive = append(rules.Exclusive, Exclusive{Chain: id, Lines: lines, Ignore: ignore, Report: e.Report})
	}
	return rules, nil
}

// Validate lists all that is wrong and can be known without a host.
func (e ExclusiveRules) Validate() []Problem {
	ps := e.problems()
	if _, err := e.lines(); err != nil {
		ps.add("rules", "not a line of iptables", "%s", err)
	}
	return ps
}

func (e ExclusiveRules) problems() problems {
	var ps problems
	checkTable(&ps, tableOr(e.Table))
	checkChain(&ps, e.Chain)
	checkFamilies(&ps, e.Families)
	checkIgnore(&ps, e.Ignore)
	return ps
}

// lines are the rules of all chains; policies and the existence of chains are nobody's concern here.
func (e ExclusiveRules) lines() (Lines, error) {
	var lines Lines
	for _, text := range e.Rules {
		read, err := readLine(text)
		if err != nil {
			return nil, err
		}
		lines = append(lines, read...)
	}
	return lines, nil
}

// readLine reads one line of an attribute `rules`. One without command is a line of each family
// that understands it; a policy or a chain's existence is no line.
func readLine(text string) (Lines, error) {
	if _, _, err := iptables.ParsePolicyLine(text); err == nil {
		return nil, nil
	}
	if _, err := iptables.ParseChainLine(text); err == nil {
		return nil, nil
	}
	if commandOf(text) != "" {
		return ParseLines([]string{text})
	}
	var lines Lines
	var first error
	for _, f := range iptables.Families {
		id, rule, err := iptables.ParseLine(f.Command() + " " + text)
		switch {
		case err == nil:
			lines = append(lines, Line{id, rule})
		case first == nil:
			first = err
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("reading the line %q: %w", text, first)
	}
	return lines, nil
}

// ExclusiveByID describes the chain that an import ID means, without the host: the arguments by
// which iptables lists it, "-S INPUT", "ip6tables -t nat -S PREROUTING". All that stands there now
// may stand there. The error is a *NoChainError, or says that it is no such ID.
func ExclusiveByID(rs iptables.Ruleset, id string) (ExclusiveRules, error) {
	name, ok := ParseChainName(id, "-S")
	if !ok || len(name.Rest) > 0 {
		return ExclusiveRules{}, fmt.Errorf("%q is no chain: write \"-S INPUT\", with \"-t nat\" in front where it is in another table", id)
	}
	e := ExclusiveRules{Table: name.Table, Chain: name.Name}
	for _, f := range familiesOr(name.Families) {
		id := iptables.ChainID{Family: f, Table: tableOr(name.Table), Name: name.Name}
		if _, there := rs.Chain(id); there {
			e.Families = append(e.Families, f)
			e.Rules = append(e.Rules, Exclusive{Chain: id, Ignore: Ignore{owners: true}}.Unmanaged(rs).Unique().Print(Reference)...)
		}
	}
	switch len(e.Families) {
	case 0:
		return e, &NoChainError{iptables.ChainID{Family: familiesOr(name.Families)[0], Table: tableOr(name.Table), Name: name.Name}}
	case len(iptables.Families):
		e.Families = nil
	}
	return e, nil
}

// ExclusiveID is such an ID of a chain in all families that have it.
func ExclusiveID(table, name string) string {
	if table := tableOr(table); table != "filter" {
		return "-t " + table + " -S " + name
	}
	return "-S " + name
}
