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

// ImportExclusive describes a chain as it is: all that stands in it now may stand there. ok is
// false where no family has the chain.
func ImportExclusive(rs iptables.Ruleset, table, chain string, families []iptables.Family) (e ExclusiveRules, ok bool) {
	e = ExclusiveRules{Table: table, Chain: chain}
	var have []iptables.Family
	for _, f := range familiesOr(families) {
		id := iptables.ChainID{Family: f, Table: tableOr(table), Name: chain}
		if _, there := rs.Chain(id); !there {
			continue
		}
		have = append(have, f)
		ignore := Ignore{owners: true}
		e.Rules = append(e.Rules, Exclusive{Chain: id, Ignore: ignore}.Unmanaged(rs).Unique().Print(Reference)...)
	}
	if len(have) < len(iptables.Families) {
		e.Families = have
	}
	return e, len(have) > 0
}
