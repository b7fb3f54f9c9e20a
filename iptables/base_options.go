package iptables

import "strings"

// short reads an option that begins with one dash: a letter that takes a value, or several
// letters that take none.
func (p *parser) short(at int) error {
	s := p.tokens[at].text
	for i := 1; i < len(s); i++ {
		c := s[i]
		if !strings.ContainsRune("sdpiojgmftcvwWnx46ACDEFILNPRSVXZMh", rune(c)) {
			return p.failExpecting(at, "unknown option -"+s[i:i+1], "-p, -s, -d, -i, -o, -f, -m, -j or -g")
		}
		if p.takesValue(c) {
			attached := s[i+1:]
			return p.baseOption(c, at, "-"+s[i:i+1], attached, attached != "")
		}
		if (c == 'w' || c == 'W') && i+1 < len(s) {
			return p.baseOption(c, at, "-"+s[i:i+1], s[i+1:], true)
		}
		if err := p.baseOption(c, at, "-"+s[i:i+1], "", false); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) takesValue(c byte) bool {
	return strings.IndexByte("sdpiojgmtcM", c) >= 0 || p.whole && (c == 'A' || c == 'I')
}

// baseOption reads one of iptables' own options.
func (p *parser) baseOption(c byte, at int, name, attached string, hasValue bool) error {
	negated := p.takeInvert()
	if negated && strings.IndexByte("sdpiof46w", c) < 0 {
		return p.fail(at, "! cannot stand before "+name)
	}
	word, wordAt := "", at
	if p.takesValue(c) {
		switch {
		case hasValue && attached == "" && (c == 'i' || c == 'o'):
			return p.fail(at, "option "+name+" needs a value")
		case hasValue && strings.IndexByte("sdpio", c) >= 0:
			// iptables takes the whole word here (1.8.9): --source=x is not the address x.
			word = p.tokens[at].text
		case hasValue && c == 'j': // 1.8.9 takes the whole word for the chain
			return p.failExpecting(at, "a blank is missing behind "+name, name+" "+attached)
		case hasValue:
			word = attached
		case p.next == len(p.tokens):
			return p.fail(at, "option "+name+" needs a value")
		default:
			word, wordAt = p.tokens[p.next].text, p.next
			p.next++
		}
	} else if c == 'w' || c == 'W' {
		return p.wait(c, at, name, attached, hasValue)
	} else if hasValue {
		return p.fail(at, "option "+name+" takes no value")
	}
	if strings.IndexByte("sdpiofjg", c) >= 0 {
		flag := c
		if c == 'g' {
			flag = 'j'
		}
		if p.given[flag] {
			return p.fail(at, "option "+name+" may be given only once")
		}
		p.given[flag] = true
	}
	return p.setBase(c, at, wordAt, name, word, negated)
}

func (p *parser) setBase(c byte, at, wordAt int, name, word string, negated bool) (err error) {
	switch c {
	case 's':
		p.sources, err = parseAddresses(p.family, word, negated, p.sources[:0])
	case 'd':
		p.destinations, err = parseAddresses(p.family, word, negated, p.destinations[:0])
	case 'p':
		err = p.setProtocol(word, negated)
	case 'i':
		p.rule.In, err = parseInterface(word, negated)
	case 'o':
		p.rule.Out, err = parseInterface(word, negated)
	case 'f':
		if p.family == IPv6 {
			return p.failExpecting(at, "-f does not exist in IPv6", "-m frag")
		}
		p.rule.Fragment = Fragment{Set: true, Negated: negated}
	case 'm':
		err = p.loadMatch(word, at)
	case 'j', 'g':
		err = p.setTarget(word, at, c == 'g')
	case 'c':
		err = p.counters(word)
	case '4', '6':
		err = p.familyFlag(c)
	case 'v', 'M':
		// Nothing that the rule keeps.
	default:
		if !p.whole {
			return p.fail(at, name+" is not part of a rule")
		}
		if strings.IndexByte("tAI", c) < 0 {
			return p.failExpecting(at, "not a rule", "-A CHAIN in front of the rule")
		}
		err = p.place(c, name, word)
	}
	if err != nil && word == "!" {
		return p.fail(wordAt, name+": the ! stands before the option, as in `! "+name+" ...`")
	}
	if err != nil {
		return p.complain(wordAt, name+": ", err)
	}
	return nil
}

// familyFlag is -4 or -6: iptables-restore skips the lines of the other family, the command
// refuses them.
func (p *parser) familyFlag(c byte) error {
	if (c == '6') == (p.family == IPv6) {
		return nil
	}
	if p.restore {
		p.skip = true
		return nil
	}
	return refused("is for " + (IPv4 + IPv6 - p.family).Command())
}

// counters checks the packet and byte counters that may stand in a rule; they are no part of it.
func (p *parser) counters(word string) error {
	packets, bytes, both := strings.Cut(word, ",")
	if !both {
		if p.next == len(p.tokens) || looksLikeOption(p.tokens[p.next].text) {
			return refused("needs a packet and a byte counter")
		}
		bytes = p.tokens[p.next].text
		p.next++
	}
	if !begunByNumber(packets) || !begunByNumber(bytes) {
		return expected("two numbers, packets and bytes")
	}
	return nil
}

// begunByNumber reports whether sscanf(3) finds a number, which is all that iptables asks of
// counters and seconds.
func begunByNumber(s string) bool {
	_, rest := strtoul(s, 10)
	return rest != s
}

// wait is -w or -W, of the command only: how long to wait for the lock, and how often to try.
// The seconds of -w may be left out.
func (p *parser) wait(c byte, at int, name, attached string, hasValue bool) error {
	if p.restore {
		return p.fail(at, name+" is for the command, not for a rule")
	}
	if !hasValue && p.next < len(p.tokens) && !looksLikeOption(p.tokens[p.next].text) {
		attached, hasValue = p.tokens[p.next].text, true
		p.next++
	}
	p.given[c] = true
	switch {
	case hasValue && !begunByNumber(attached):
		return p.failExpecting(at, name+": bad value", "a number")
	case !hasValue && c == 'W':
		return p.fail(at, "option "+name+" needs a value")
	}
	return nil
}

func (p *parser) setProtocol(word string, negated bool) error {
	n, err := parseProtocol(word)
	if err != nil {
		return err
	}
	p.rule.Protocol = Protocol{Negated: negated, Number: n}
	// By a number the match that has the protocol's printed name is meant, by a name the one
	// so called: -p mh brings --mh-type, -p mobility-header does not (1.8.9).
	p.protocolName = protocolNames[n]
	if digit(strings.TrimLeft(word, " +")[0]) > 9 {
		p.protocolName = strings.ToLower(word)
	}
	return nil
}

// parseInterface reads an interface name; "+" alone is every interface.
func parseInterface(word string, negated bool) (Interface, error) {
	switch {
	case word == "":
		return Interface{}, refused("the interface has no name")
	case len(word) > 15:
		return Interface{}, refused("an interface name has at most 15 bytes, this one has " + decimal(uint64(len(word))))
	case word == "+" && !negated:
		return Interface{}, nil
	}
	return Interface{Negated: negated, Name: word}, nil
}

// loadMatch is -m.
func (p *parser) loadMatch(name string, at int) error {
	if name == "" {
		return refused("the match has no name")
	}
	r := registryOf(p.family)
	if name == "quota!" { // so does 1.4.21 list the negation of its option
		name, p.invert, p.invertAt = "quota", true, at
	}
	if e := r.matches[name]; e != nil {
		p.load(e, e.name, at)
		return nil
	}
	if registryOf(IPv4 + IPv6 - p.family).matches[name] != nil {
		return refused("match " + name + " does not exist in " + p.family.Command())
	}
	if err := extensionName(name, "match"); err != nil {
		return err
	}
	if e := misspelled(name, "", r.matches); e != nil {
		return &complaint{message: "no such match", near: e.name}
	}
	p.load(nil, name, at)
	return nil
}

// setTarget is -j and -g.
func (p *parser) setTarget(name string, at int, isGoto bool) error {
	if name == "" || len(name) > 28 || strings.ContainsAny(name, " \t\v\f") {
		return &complaint{message: "bad name of a target", expected: "1 to 28 bytes without blanks"}
	}
	p.rule.Target = Target{Name: name, Goto: isGoto}
	r := registryOf(p.family)
	if isGoto {
		if r.targets[name] != nil {
			return refused(name + " is a target; -g goes to a chain")
		}
		return nil
	}
	if e := r.targets[name]; e != nil {
		p.rule.Target.Name = e.name
		p.load(e, e.name, at)
		return nil
	}
	if registryOf(IPv4 + IPv6 - p.family).targets[name] != nil {
		return refused("target " + name + " does not exist in " + p.family.Command())
	}
	if name[0] == '-' || name[0] == '!' {
		return refused("a chain's name cannot begin with - or !")
	}
	p.load(nil, name, at).target = true
	return nil
}

// extensionName refuses the name of an unknown extension that iptables could not even load,
// as it is part of a file's name.
func extensionName(name, kind string) error {
	if len(name) > 28 || strings.ContainsAny(name, " \t\v\f/\"'\\") || name[0] == '-' {
		return &complaint{message: "bad name of a " + kind, expected: "1 to 28 bytes without blanks and slashes"}
	}
	return nil
}
