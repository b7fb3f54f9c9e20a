package iptables

import (
	"slices"
	"strings"
)

// ParseLine reads a whole line: a command, the chain and the rule, as ChainID.Line writes
// them. The command may be left out, which means iptables. The rule is checked against the
// chain as well, as by ChainID.Check.
func ParseLine(line string) (ChainID, Rule, error) {
	p := newParser(IPv4, "", line)
	defer p.release()
	var err error
	if p.tokens, err = tokenize(line, p.tokens[:0]); err != nil {
		return ChainID{}, Rule{}, err
	}
	id, rules, err := p.command()
	switch {
	case err != nil && slices.ContainsFunc(p.tokens, token.option):
		return ChainID{}, Rule{}, err
	case id.Name == "":
		return ChainID{}, Rule{}, &SyntaxError{Text: line, Message: "the chain is missing", Expected: "-A CHAIN in front of the rule"}
	case len(rules) != 1:
		return ChainID{}, Rule{}, &SyntaxError{
			Text: line, Message: "this line makes " + decimal(uint64(len(rules))) + " rules", Expected: "one rule",
		}
	}
	return id, rules[0], nil
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
	id, words := lead(line)
	if len(words) != 3 || words[0] != "-P" || words[2] != "ACCEPT" && words[2] != "DROP" {
		return ChainID{}, "", &SyntaxError{Text: line, Message: "not a policy", Expected: "-P CHAIN ACCEPT or -P CHAIN DROP"}
	}
	id.Name = words[1]
	if !id.BuiltIn() {
		return ChainID{}, "", &SyntaxError{Text: line, Word: id.Name, Offset: strings.Index(line, id.Name),
			Message: "only a built-in chain has a policy", Expected: quoteList(builtIn[id.Table])}
	}
	return id, words[2], nil
}

// ParseChainLine reads the line that says that a chain is there, as Line.String writes it:
// "iptables -t nat -N PORTS". The command may be left out, which means iptables.
func ParseChainLine(line string) (ChainID, error) {
	id, words := lead(line)
	if _, known := builtIn[id.Table]; !known || len(words) != 2 || words[0] != "-N" {
		return ChainID{}, &SyntaxError{Text: line, Message: "not a chain", Expected: "-N CHAIN"}
	}
	id.Name = words[1]
	if err := CheckChainName(id.Name); err != nil {
		return ChainID{}, &SyntaxError{Text: line, Word: id.Name, Offset: strings.Index(line, id.Name), Message: err.Error()}
	}
	return id, nil
}

// lead takes the command and the table off the words of a line.
func lead(line string) (id ChainID, words []string) {
	id = ChainID{Family: IPv4, Table: "filter"}
	words = strings.Fields(line)
	if len(words) > 0 {
		if f, ok := commandFamily(words[0]); ok {
			id.Family, words = f, words[1:]
		}
	}
	if len(words) > 2 && words[0] == "-t" {
		id.Table, words = words[1], words[2:]
	}
	return id, words
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
