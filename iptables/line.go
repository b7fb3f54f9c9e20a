package iptables

import (
	"slices"
	"strings"
)

// ParseLine reads a whole line: a command, the chain and the rule, as ChainID.Line writes
// them. The command may be left out, which means iptables. The rule is checked against the
// chain as well, as by ChainID.Check.
func ParseLine(line string) (ChainID, Rule, error) {
	id, rules, err := parseLines(line)
	if err != nil {
		return ChainID{}, Rule{}, err
	}
	if len(rules) != 1 {
		return ChainID{}, Rule{}, &SyntaxError{
			Text: line, Message: "this line makes " + decimal(uint64(len(rules))) + " rules", Expected: "one rule",
		}
	}
	return id, rules[0], nil
}

func parseLines(line string) (ChainID, []Rule, error) {
	id, rest, flag, err := parseHead(line)
	if err != nil {
		return ChainID{}, nil, err
	}
	if flag != "-A" {
		return ChainID{}, nil, &SyntaxError{Text: line, Word: flag, Offset: strings.Index(line, flag), Message: "not a rule", Expected: "-A"}
	}
	p := newParser(id.Family, id.Table, line)
	defer p.release()
	p.tokens, p.restore = append(p.tokens[:0], rest...), true
	rules, err := p.rules()
	if err != nil {
		return ChainID{}, nil, err
	}
	for _, r := range rules {
		if err := id.Check(r); err != nil {
			return ChainID{}, nil, p.complain(p.placeOf(err.Error()), "", err)
		}
	}
	return id, rules, nil
}

// placeOf finds the token that a complaint of Check begins with, "-i" or "-m NAME".
func (p *parser) placeOf(message string) int {
	flag, rest, _ := strings.Cut(message, " ")
	name, _, _ := strings.Cut(rest, " ")
	for i, t := range p.tokens {
		if t.text == flag && (flag != "-m" && flag != "-j" || i+1 < len(p.tokens) && p.tokens[i+1].text == name) {
			return i
		}
	}
	return 0
}

// ParsePolicyLine reads what ChainID.PolicyLine writes, such as "iptables -P INPUT DROP". The
// command may be left out, which means iptables.
func ParsePolicyLine(line string) (ChainID, string, error) {
	id, rest, flag, err := parseHead(line)
	if err != nil {
		return ChainID{}, "", err
	}
	if flag != "-P" || len(rest) != 1 || rest[0].text != "ACCEPT" && rest[0].text != "DROP" {
		return ChainID{}, "", &SyntaxError{Text: line, Message: "not a policy", Expected: "-P CHAIN ACCEPT or -P CHAIN DROP"}
	}
	if !id.BuiltIn() {
		return ChainID{}, "", &SyntaxError{Text: line, Word: id.Name, Offset: strings.Index(line, id.Name),
			Message: "only a built-in chain has a policy", Expected: quoteList(builtIn[id.Table])}
	}
	return id, rest[0].text, nil
}

// parseHead reads the command, the table and the chain in front of a rule or a policy.
func parseHead(line string) (id ChainID, rest []token, flag string, err error) {
	id = ChainID{Family: IPv4, Table: "filter"}
	tokens, err := tokenize(line, nil)
	if err != nil {
		return id, nil, "", err
	}
	at := 0
	if len(tokens) > 0 {
		for _, f := range Families {
			if tokens[0].text == f.Command() {
				id.Family, at = f, 1
			}
		}
	}
	for ; at < len(tokens); at++ {
		switch name := tokens[at].text; name {
		case "-t", "--table", "-A", "--append", "-P", "--policy":
			at++
			if at == len(tokens) {
				return id, nil, "", headError(line, tokens, at-1, name+" needs a value", "")
			}
			word := tokens[at].text
			switch name {
			case "-t", "--table":
				if _, known := builtIn[word]; !known {
					return id, nil, "", headError(line, tokens, at, "no such table", "filter, nat, mangle, raw or security")
				}
				id.Table = word
				continue
			case "-A", "--append":
				flag = "-A"
			default:
				flag = "-P"
			}
			if err := CheckChainName(word); err != nil {
				return id, nil, "", headError(line, tokens, at, err.Error(), "")
			}
			id.Name = word
		default:
			if flag == "" {
				return id, nil, "", headError(line, tokens, at, "the chain is missing", "-A CHAIN in front of the rule")
			}
			return id, tokens[at:], flag, nil
		}
	}
	if flag == "" {
		return id, nil, "", headError(line, tokens, at, "the chain is missing", "-A CHAIN in front of the rule")
	}
	return id, nil, flag, nil
}

func headError(line string, tokens []token, at int, message, expected string) error {
	e := &SyntaxError{Text: line, Offset: len(line), Message: message, Expected: expected}
	if at < len(tokens) {
		e.Offset, e.Word = tokens[at].offset, tokens[at].text
	}
	return e
}

// CheckChainName reports why iptables would not take the name for a chain: 1 to 28 bytes,
// no blanks, neither - nor ! in front.
func CheckChainName(name string) error {
	switch {
	case name == "":
		return refused("a chain needs a name")
	case len(name) > 28:
		return refused("a chain's name has at most 28 bytes, this one has " + decimal(uint64(len(name))))
	case name[0] == '-' || name[0] == '!':
		return refused("a chain's name cannot begin with - or !")
	case strings.ContainsAny(name, " \t\n\v\f\r\x00\""):
		return refused("a chain's name cannot hold blanks or quotes")
	}
	return nil
}

// Check reports what the kernel would refuse of a rule in that built-in chain, although the
// rule by itself is right: an interface that the chain cannot know, an extension that works
// in other chains only. In a chain of one's own this depends on where it is jumped to from, so
// nothing is said.
func (id ChainID) Check(r Rule) error {
	if !id.BuiltIn() {
		return nil
	}
	if r.In.Name != "" && (id.Name == "OUTPUT" || id.Name == "POSTROUTING") {
		return refused("-i does not work in " + id.Name + ": the packet came from no interface")
	}
	if r.Out.Name != "" && (id.Name == "INPUT" || id.Name == "PREROUTING") {
		return refused("-o does not work in " + id.Name + ": the packet goes to no interface yet")
	}
	known := registryOf(id.Family)
	for _, m := range r.Matches {
		if err := id.checkExtension(known.matches[m.Name], "-m ", m.Options); err != nil {
			return err
		}
	}
	if r.Target.Goto {
		return nil
	}
	return id.checkExtension(known.targets[r.Target.Name], "-j ", r.Target.Options)
}

func (id ChainID) checkExtension(e *extension, flag string, options []Option) error {
	switch {
	case e == nil:
		return nil
	case len(e.tables) > 0 && !slices.Contains(e.tables, id.Table):
		return refused(flag + e.name + " works in table " + quoteList(e.tables) + " only, not in " + id.Table)
	case len(e.hooks) > 0 && !slices.Contains(e.hooks, id.Name):
		return refused(flag + e.name + " works in chain " + quoteList(e.hooks) + " only, not in " + id.Name)
	}
	for _, o := range options {
		i, ok := e.index[o.Name]
		switch {
		case !ok:
		case slices.Contains(e.options[i].notIn, id.Name):
			return refused(flag + e.name + " " + o.Name + " does not work in chain " + id.Name)
		case slices.Contains(e.options[i].valueNotIn[o.Value()], id.Name):
			return refused(flag + e.name + " " + o.Name + " " + o.Value() + " does not work in chain " + id.Name)
		}
	}
	if e.fits != nil {
		return e.fits(id.Name, options)
	}
	return nil
}
