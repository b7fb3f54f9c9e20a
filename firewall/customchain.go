package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A CustomChain is one chain with all its rules, written as a person types them.
type CustomChain struct {
	Table    string // "": filter
	Name     string
	Families []iptables.Family // nil: both
	// Rules are specs in their order, each of the families of the addresses in it, else of all the
	// chain's. One that begins with -4 or -6 is of that family.
	Rules    []string
	JumpFrom *JumpFrom // nil: others jump to it; a built-in chain has none
	Policy   string    // of a built-in chain: "ACCEPT" or "DROP"; "": it stays as it is
	Ignore   []string  // patterns, see ParseIgnore
	Force    bool      // chains and lines of other software count as well
}

// A JumpFrom says how packets get into a chain.
type JumpFrom struct {
	Chain    string
	Position string // see Jump
	Spec     string // the conditions, "-i eth0 -p tcp"; "": every packet
}

// PolicyRules are the chain, in each family.
func (c CustomChain) PolicyRules() (PolicyRules, error) {
	if err := c.problems().err(); err != nil {
		return PolicyRules{}, err
	}
	ignore, err := ParseIgnore(c.Ignore, c.Force)
	if err != nil {
		return PolicyRules{}, err
	}
	rules := PolicyRules{Policies: Policies{}}
	for _, id := range c.ids() {
		own := OwnChain{Chain: id, Ignore: ignore}
		rules.Chains = append(rules.Chains, own)
		if c.Policy != "" {
			rules.Policies[id] = c.Policy
		}
	}
	for i := range c.Rules {
		lines, err := c.rule(i)
		if err != nil {
			return PolicyRules{}, err
		}
		for n := range rules.Chains {
			own := &rules.Chains[n]
			own.Rules = append(own.Rules, lines.in(own.Chain)...)
		}
	}
	for n := range rules.Chains {
		if rules.Chains[n].Jump, err = c.jump(rules.Chains[n].Chain); err != nil {
			return PolicyRules{}, err
		}
	}
	return rules, nil
}

// ids are the chain in each of its families.
func (c CustomChain) ids() []iptables.ChainID {
	var ids []iptables.ChainID
	for _, f := range familiesOr(c.Families) {
		ids = append(ids, iptables.ChainID{Family: f, Table: tableOr(c.Table), Name: c.Name})
	}
	return ids
}

// rule are the lines of one of the specs. The error is a *SpecError.
func (c CustomChain) rule(i int) (Lines, error) {
	spec := c.Rules[i]
	of := addressFamilies(spec)
	families := familiesOr(c.Families)
	if of != nil {
		families = slices.DeleteFunc(slices.Clone(families), func(f iptables.Family) bool { return !slices.Contains(of, f) })
		if len(families) == 0 {
			return nil, &SpecError{Family: familiesOr(c.Families)[0], Number: i + 1, Err: fmt.Errorf("its address is of %s, and the chain is not", of[0])}
		}
	}
	lines, err := CustomRule{Table: c.Table, Chain: c.Name, Families: families, Spec: spec}.Lines()
	if refused, ok := err.(*SpecError); ok { //nolint:errorlint // it is made by Lines and not wrapped
		refused.Number = i + 1
	}
	return lines, err
}

// jump is the line from the other chain in one family.
func (c CustomChain) jump(id iptables.ChainID) (*Jump, error) {
	from := c.JumpFrom
	if from == nil {
		return nil, nil //nolint:nilnil // a chain need not have one
	}
	spec := strings.TrimSpace(from.Spec + " -j " + c.Name)
	if of := addressFamilies(spec); of != nil && !slices.Contains(of, id.Family) {
		return nil, nil //nolint:nilnil // it is the other family's
	}
	lines, err := CustomRule{Table: c.Table, Chain: from.Chain, Families: []iptables.Family{id.Family}, Spec: spec}.Lines()
	if err != nil {
		return nil, fmt.Errorf("jump_from: %w", err)
	}
	switch len(lines) {
	case 0:
		return nil, nil //nolint:nilnil // it begins with -4 or -6 and is the other family's
	case 1:
		return &Jump{Line: lines[0], Position: from.Position}, nil
	}
	return nil, fmt.Errorf("jump_from: the spec makes %d lines, and it is one jump", len(lines))
}

// Validate lists all that is wrong with the chain and can be known without a host.
func (c CustomChain) Validate() []Problem {
	ps := c.problems()
	if len(ps) > 0 {
		return ps
	}
	for i := range c.Rules {
		if _, err := c.rule(i); err != nil {
			ps.add("rules", fmt.Sprintf("rule %d is not a rule of this chain", i+1), "%s", err)
		}
	}
	for _, id := range c.ids() {
		if _, err := c.jump(id); err != nil {
			ps.add("jump_from.spec", "not a jump of "+id.Family.Command(), "%s", err)
			break
		}
	}
	return ps
}

func (c CustomChain) problems() problems {
	var ps problems
	checkTable(&ps, tableOr(c.Table))
	checkChain(&ps, c.Name)
	for i := range ps {
		if ps[i].Attribute == "chain" {
			ps[i].Attribute = "name"
		}
	}
	checkFamilies(&ps, c.Families)
	checkIgnore(&ps, c.Ignore)
	builtIn := iptables.ChainID{Table: tableOr(c.Table), Name: c.Name}.BuiltIn()
	switch {
	case c.Policy == "":
	case !builtIn:
		ps.add("policy", "a chain of one's own has no policy", "the kernel has policies for built-in chains only; end the rules with \"-j %s\"", c.Policy)
	case c.Policy != "ACCEPT" && c.Policy != "DROP":
		ps.add("policy", fmt.Sprintf("unknown policy %q", c.Policy), "it is ACCEPT or DROP; to reject, end the rules with \"-j REJECT\"")
	}
	if from := c.JumpFrom; from != nil {
		c.checkJump(&ps, *from, builtIn)
	}
	return ps
}

func (c CustomChain) checkJump(ps *problems, from JumpFrom, builtIn bool) {
	if builtIn {
		ps.add("jump_from", "nothing jumps to a built-in chain", "the kernel sends packets through %s by itself", c.Name)
		return
	}
	var of problems
	checkChain(&of, from.Chain)
	for _, p := range of {
		ps.add("jump_from.chain", p.Summary, "%s", p.Detail)
	}
	if from.Chain == c.Name {
		ps.add("jump_from.chain", "a chain cannot jump to itself", "the kernel refuses loops")
	}
	number := from.Position != "" && strings.Trim(from.Position, "0123456789") == "" && strings.Trim(from.Position, "0") != ""
	if p := from.Position; p != "" && p != "first" && p != "last" && !number {
		ps.add("jump_from.position", fmt.Sprintf("no such position: %q", p), `it is "first", "last" or a number from 1, as iptables -I counts`)
	}
	for _, word := range strings.Fields(from.Spec) {
		if word == "-j" || word == "-g" || word == "--jump" || word == "--goto" {
			ps.add("jump_from.spec", "the spec has a target", "the target is the chain itself: leave %s out", word)
		}
	}
}
