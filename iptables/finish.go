package iptables

import (
	"errors"
	"slices"
)

// finishBase checks what iptables itself checks of the whole rule.
func (p *parser) finishBase() error {
	if p.rule.Protocol.Negated && p.rule.Protocol.Number == 0 && p.given['p'] {
		return p.failExpecting(p.tokenOf("-p"), "! -p all matches no packet", "a protocol other than all")
	}
	if e := p.protocolMatch(); e != nil {
		for i := range p.loads {
			for _, o := range p.loads[i].opaque {
				// Where the line is listed, -p comes first and the option would be that protocol's.
				if _, known := e.index[o.Name]; known && !p.loads[i].target {
					return p.fail(p.tokenOf(o.Name), o.Name+" is an option of -p "+e.name+", which must stand before it")
				}
			}
		}
	}
	if p.given['W'] && !p.given['w'] {
		return p.fail(p.tokenOf("-W"), "-W needs -w")
	}
	several := len(p.sources) > 1 || len(p.destinations) > 1
	for _, list := range [][]Address{p.sources, p.destinations} {
		if several && len(list) > 0 && list[0].Negated {
			return p.fail(p.tokenOf("!"), "! -s and ! -d cannot stand beside a list of addresses")
		}
	}
	return nil
}

// tokenOf finds a word, for a message about the whole rule.
func (p *parser) tokenOf(word string) int {
	for i := range p.tokens {
		if p.tokens[i].text == word {
			return i
		}
	}
	return 0
}

// finishExtension checks an extension as a whole and completes it.
func (p *parser) finishExtension(l *loaded) error {
	e := l.ext
	var choices []string
	chosen := false
	for i := range e.options {
		o := &e.options[i]
		given := l.given&(1<<i) != 0
		if o.flags&required != 0 && !given && !l.settings[i].set {
			return p.fail(l.at, l.label()+"option "+o.name+" is missing")
		}
		if o.flags&either != 0 {
			choices = append(choices, o.name)
			chosen = chosen || given
		}
		for _, other := range o.needs {
			if given && l.given&(1<<e.index[other]) == 0 {
				return p.fail(l.settings[o.slot].at, l.label()+"option "+o.name+" needs "+other)
			}
		}
	}
	if len(choices) > 0 && !chosen {
		return p.failExpecting(l.at, l.label()+"an option is missing", quoteList(choices))
	}
	if err := p.allowed(l); err != nil {
		return err
	}
	if e.finish != nil {
		if err := e.finish(l, p); err != nil {
			return p.complain(l.at, l.label(), err)
		}
	}
	for i := range e.options {
		if s := &l.settings[i]; s.set && !s.negated && e.options[i].hidden != "" && s.value() == e.options[i].hidden {
			s.drop()
		}
	}
	// nft takes `! -p tcp --dport 80`, of which it makes no match (1.8.9); the kernel refuses
	// `! -p` before every match that needs a protocol.
	if len(e.protocols) > 0 && p.rule.Protocol.Negated && !plainPorts(Match{Name: l.name, Options: p.optionsOf(l)}) {
		return p.fail(l.at, l.label()+"does not work behind ! -p")
	}
	return nil
}

// complain makes a check's error a SyntaxError at a token.
func (p *parser) complain(at int, label string, err error) error {
	var whole *SyntaxError
	if errors.As(err, &whole) {
		return whole
	}
	e := &SyntaxError{Text: p.text, Message: label + err.Error(), Offset: p.tokens[at].offset, Word: p.tokens[at].text}
	var c *complaint
	if errors.As(err, &c) {
		e.Expected, e.Near = c.expected, c.near
	}
	return e
}

// allowed checks what the kernel checks: the protocol and the table that an extension needs.
func (p *parser) allowed(l *loaded) error {
	e := l.ext
	if len(e.protocols) > 0 && !slices.Contains(e.protocols, p.rule.Protocol.Number) {
		return p.failExpecting(p.nameOf(l), l.flag()+" works for one protocol only", "-p "+protocolList(e.protocols))
	}
	if p.table != "" && len(e.tables) > 0 && !slices.Contains(e.tables, p.table) {
		return p.failExpecting(p.nameOf(l), l.flag()+" does not work in table "+p.table, "table "+quoteList(e.tables))
	}
	return nil
}

func protocolList(numbers []uint8) string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = Protocol{Number: n}.String()
	}
	return quoteList(names)
}
