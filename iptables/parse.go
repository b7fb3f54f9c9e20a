package iptables

import (
	"strings"
	"sync"
)

// ParseSpec reads a rule as a person types it behind the chain's name, such as
// "-p tcp --dport 22 -j ACCEPT", in the quoting of iptables-restore. Several addresses behind
// -s or -d make several rules, in iptables' order (sources outside). The table, where it is
// not "", is checked against what the rule's extensions need.
//
// It refuses what iptables refuses, as far as that can be known without a kernel, with a
// *SyntaxError. A text that is marked for the other family (-4, -6) makes no rule, as in
// iptables-restore.
func ParseSpec(f Family, table, text string) ([]Rule, error) {
	p := newParser(f, table, text)
	defer p.release()
	var err error
	if p.tokens, err = tokenize(text, p.tokens[:0]); err != nil {
		return nil, err
	}
	p.restore = true
	return p.rules()
}

// ParseArgs reads a rule from an argument vector, as the iptables command gets it.
func ParseArgs(f Family, table string, args []string) ([]Rule, error) {
	text := make([]byte, 0, 128)
	p := newParser(f, table, "")
	defer p.release()
	p.tokens = p.tokens[:0]
	for i, arg := range args {
		if i > 0 {
			text = append(text, ' ')
		}
		start := len(text)
		text = appendWord(text, arg)
		p.tokens = append(p.tokens, token{text: arg, offset: start, end: len(text)})
	}
	p.text = string(text)
	if err := carries(p.text); err != nil {
		return nil, err
	}
	return p.rules()
}

// A parser reads one rule. It is used again for the next one, so that parsing a large ruleset
// costs few allocations; what a Rule keeps comes from blocks that are never used twice.
type parser struct {
	family  Family
	table   string
	text    string
	tokens  []token
	restore bool // iptables-restore's ways rather than the command's
	strict  bool // refuse what iptables would silently change
	whole   bool // -t, -A and -I may stand in the text
	shell   bool // the text is quoted for a shell
	next    int  // the token to read next

	invert   bool // a `!` waits for its option
	invertAt int

	chain          string // of -A
	rule           Rule
	given          map[byte]bool
	sources        []Address
	destinations   []Address
	protocolName   string // the match that -p implies
	protocolLoaded bool
	skip           bool // the text is for the other family

	loads    []loaded
	settings []setting
	current  *loaded // whose option is being read

	stringBlock []string
	optionBlock []Option
	matchBlock  []Match
}

var parsers = sync.Pool{New: func() any { return &parser{given: map[byte]bool{}} }}

func newParser(f Family, table, text string) *parser {
	p := parsers.Get().(*parser)
	p.family, p.table, p.text = f, table, text
	p.reset()
	return p
}

func (p *parser) reset() {
	p.restore, p.strict, p.whole, p.shell, p.skip = false, false, false, false, false
	p.next, p.invert, p.chain = 0, false, ""
	p.rule = Rule{Family: p.family}
	clear(p.given)
	p.sources, p.destinations = p.sources[:0], p.destinations[:0]
	p.protocolName, p.protocolLoaded = "", false
	p.loads, p.settings, p.current = p.loads[:0], p.settings[:0], nil
}

func (p *parser) release() {
	p.text = ""
	parsers.Put(p)
}

// rules reads the tokens and makes the rules of them.
func (p *parser) rules() ([]Rule, error) {
	for p.next < len(p.tokens) {
		at := p.next
		p.next++
		if err := p.argument(at); err != nil {
			return nil, err
		}
		if p.skip {
			return nil, nil
		}
	}
	if p.invert {
		return nil, p.failExpecting(p.invertAt, "nothing follows the !", "an option such as -s or --dport")
	}
	if p.chain != "" && p.table == "" {
		p.table = "filter"
	}
	return p.finish()
}

// argument reads what begins at a token.
func (p *parser) argument(at int) error {
	s := p.tokens[at].text
	switch {
	case s == "!":
		if p.invert {
			return p.fail(at, "two ! in a row")
		}
		p.invert, p.invertAt = true, at
		return nil
	case s == "--":
		if p.next < len(p.tokens) {
			return p.fail(p.next, "nothing may follow --")
		}
		return nil
	case len(s) < 2 || s[0] != '-':
		return p.stray(at)
	case s[1] == '-':
		return p.long(at)
	}
	return p.short(at)
}

// stray complains about a word that belongs to no option.
func (p *parser) stray(at int) error {
	e := &SyntaxError{
		Text: p.text, Offset: p.tokens[at].offset, Word: p.tokens[at].text,
		Message: "this word belongs to no option", Expected: "an option such as -p, --dport or -j",
	}
	if at >= 2 && p.tokens[at-1].text == "!" && p.tokens[at-2].option() {
		e.Message = "this word belongs to no option: the ! stands before the option, as in `! " +
			p.tokens[at-2].text + " " + p.tokens[at].text + "`"
		e.Expected = ""
	}
	return e
}

// takeInvert reports whether a `!` stood before the option, and forgets it.
func (p *parser) takeInvert() bool {
	negated := p.invert
	p.invert = false
	return negated
}

// finish completes every extension and builds the rules, one for each pair of addresses.
func (p *parser) finish() ([]Rule, error) {
	if err := p.finishBase(); err != nil {
		return nil, err
	}
	matches := 0
	for i := range p.loads {
		l := &p.loads[i]
		if l.ext != nil {
			if err := p.finishExtension(l); err != nil {
				return nil, err
			}
		}
		if !l.target {
			matches++
		}
	}
	r := p.rule
	r.Matches = p.allocateMatches(matches)[:0]
	for i := range p.loads {
		l := &p.loads[i]
		options := p.optionsOf(l)
		if l.target {
			r.Target.Options, r.Target.Opaque = options, l.ext == nil && len(options) > 0
			continue
		}
		r.Matches = append(r.Matches, Match{Name: l.name, Options: options, Opaque: l.ext == nil})
	}
	if len(r.Matches) == 0 {
		r.Matches = nil
	}
	return p.multiply(r), nil
}

// multiply makes one rule for each source and destination.
func (p *parser) multiply(r Rule) []Rule {
	sources, destinations := p.sources, p.destinations
	if len(sources) == 0 {
		sources = anywhere
	}
	if len(destinations) == 0 {
		destinations = anywhere
	}
	rules := make([]Rule, 0, len(sources)*len(destinations))
	for _, s := range sources {
		for _, d := range destinations {
			r.Source, r.Destination = s, d
			rules = append(rules, r)
		}
	}
	return rules
}

var anywhere = []Address{{}}

// optionsOf is what was given to an extension, in the order in which it is printed.
func (p *parser) optionsOf(l *loaded) []Option {
	if l.ext == nil {
		return append([]Option(nil), l.opaque...)
	}
	n := 0
	for i := range l.settings {
		if l.settings[i].set {
			n++
		}
	}
	if n == 0 && len(l.groups) == 0 {
		return nil
	}
	options := p.allocateOptions(n)[:0]
	for i := range l.settings {
		if s := &l.settings[i]; s.set && l.ext.options[i].flags&grouped == 0 {
			options = append(options, s.option(l.ext.options[i].name))
		}
	}
	if l.ext.separator == "" {
		return options
	}
	for i, group := range append(l.groups, l.settings) {
		if i > 0 {
			options = append(options, Option{Name: l.ext.separator})
		}
		for k := range group {
			if s := &group[k]; s.set && l.ext.options[k].flags&grouped != 0 {
				options = append(options, s.option(l.ext.options[k].name))
			}
		}
	}
	return options
}

func (s *setting) option(name string) Option {
	return Option{Name: name, Negated: s.negated, Values: s.values}
}

// allocate returns n strings that a Rule may keep.
func (p *parser) allocate(n int) []string {
	if n > len(p.stringBlock) {
		p.stringBlock = make([]string, max(n, 128))
	}
	s := p.stringBlock[:n:n]
	p.stringBlock = p.stringBlock[n:]
	return s
}

// keep is a list of one string that a Rule may keep.
func (p *parser) keep(s string) []string {
	list := p.allocate(1)
	list[0] = s
	return list
}

func (p *parser) allocateOptions(n int) []Option {
	if n > len(p.optionBlock) {
		p.optionBlock = make([]Option, max(n, 64))
	}
	o := p.optionBlock[:n:n]
	p.optionBlock = p.optionBlock[n:]
	return o
}

func (p *parser) allocateMatches(n int) []Match {
	if n > len(p.matchBlock) {
		p.matchBlock = make([]Match, max(n, 32))
	}
	m := p.matchBlock[:n:n]
	p.matchBlock = p.matchBlock[n:]
	return m
}

// fail complains about the token.
func (p *parser) fail(at int, message string) error { return p.failExpecting(at, message, "") }

func (p *parser) failExpecting(at int, message, expected string) error {
	e := &SyntaxError{Text: p.text, Message: message, Expected: expected, Offset: len(p.text)}
	if at < len(p.tokens) {
		e.Offset, e.Word = p.tokens[at].offset, p.tokens[at].text
	}
	return e
}

// quoteList joins option names for a message: "--a, --b or --c".
func quoteList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
