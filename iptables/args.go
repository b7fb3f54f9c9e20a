package iptables

import (
	"errors"
	"slices"
	"strings"
)

// baseOptions are the options of iptables itself, by long name; the byte is the short name.
// A capital letter is a command, which a rule cannot hold.
var baseOptions = map[string]byte{
	"--source": 's', "--src": 's', "--destination": 'd', "--dst": 'd', "--protocol": 'p',
	"--in-interface": 'i', "--out-interface": 'o', "--jump": 'j', "--goto": 'g', "--match": 'm',
	"--fragments": 'f', "--ipv4": '4', "--ipv6": '6', "--set-counters": 'c', "--verbose": 'v',
	"--table": 't', "--wait": 'w', "--wait-interval": 'W', "--numeric": 'n', "--exact": 'x',
	"--line-numbers": '0', "--modprobe": 'M', "--help": 'h', "--version": 'V',
	"--append": 'A', "--delete": 'D', "--check": 'C', "--insert": 'I', "--replace": 'R', "--list": 'L',
	"--list-rules": 'S', "--flush": 'F', "--zero": 'Z', "--new-chain": 'N', "--delete-chain": 'X',
	"--rename-chain": 'E', "--policy": 'P',
}

// baseNames are the long names in a fixed order, for abbreviations.
var baseNames = func() []string {
	names := make([]string, 0, len(baseOptions))
	for name := range baseOptions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// A found option is either a base option or an option of a loaded extension.
type found struct {
	base byte // 0: not a base option
	load int  // index into parser.loads
	at   int  // index into its extension's options
}

// long reads an option that begins with two dashes.
func (p *parser) long(at int) error {
	name, attached, hasValue := strings.Cut(p.tokens[at].text, "=")
	f, ok := p.resolve(name)
	if !ok && p.loadProtocolMatch(at) {
		f, ok = p.resolve(name)
	}
	if !ok {
		if o := p.opaque(); o >= 0 {
			return p.readOpaque(o, at)
		}
		return p.unknownOption(at, name)
	}
	if f.base != 0 {
		return p.baseOption(f.base, at, name, attached, hasValue)
	}
	return p.extensionOption(f.load, f.at, at, attached, hasValue)
}

// resolve finds a long option as getopt_long does with iptables' tables: base options before
// those of extensions, of extensions the one loaded last; then an abbreviation, if it fits one
// option only.
func (p *parser) resolve(name string) (found, bool) {
	if c, ok := baseOptions[name]; ok {
		return found{base: c}, true
	}
	if n := len(p.loads) - 1; n >= 0 && p.loads[n].ext == nil && !p.loads[n].target {
		return p.protocolOption(name)
	}
	for i := len(p.loads) - 1; i >= 0; i-- {
		if e := p.loads[i].ext; e != nil {
			if o, ok := e.index[name]; ok {
				return found{load: i, at: o}, true
			}
		}
	}
	return p.abbreviation(name)
}

// protocolOption looks an option up that follows a match which is not understood. It belongs
// to that match, except where it is an option of -p's own protocol that was not given yet.
func (p *parser) protocolOption(name string) (found, bool) {
	for i := range p.loads {
		l := &p.loads[i]
		if l.ext == nil || l.target || l.ext != p.protocolMatch() {
			continue
		}
		if o, ok := l.ext.index[name]; ok && l.given&(1<<o) == 0 {
			return found{load: i, at: o}, true
		}
	}
	return found{}, false
}

func (p *parser) abbreviation(name string) (found, bool) {
	var hit found
	hits := 0
	for _, full := range baseNames {
		if strings.HasPrefix(full, name) {
			if c := baseOptions[full]; hits == 0 || hit.base != c {
				hit, hits = found{base: c}, hits+1
			}
		}
	}
	for i := len(p.loads) - 1; i >= 0; i-- {
		e := p.loads[i].ext
		if e == nil || hits > 0 && hit.base == 0 && p.loads[hit.load].ext == e {
			continue
		}
		for full, o := range e.index {
			if strings.HasPrefix(full, name) && (hits == 0 || hit != found{load: i, at: o}) {
				hit, hits = found{load: i, at: o}, hits+1
			}
		}
	}
	return hit, hits == 1
}

// protocolMatch is the extension that bears the name of -p's protocol, nil where there is none.
func (p *parser) protocolMatch() *extension {
	if p.protocolName == "" {
		return nil
	}
	return registryOf(p.family).matches[p.protocolName]
}

// loadProtocolMatch loads the match of -p's protocol, as iptables does when it meets an option
// that it does not know. It reports whether there was something to load.
func (p *parser) loadProtocolMatch(at int) bool {
	e := p.protocolMatch()
	if e == nil || p.protocolLoaded {
		return false
	}
	name, _, _ := strings.Cut(p.tokens[at].text, "=")
	if _, ok := e.index[name]; !ok && (p.opaque() >= 0 || !e.abbreviates(name)) {
		return false
	}
	p.protocolLoaded = true
	for i := range p.loads {
		if p.loads[i].ext == e {
			return false
		}
	}
	p.load(e, e.name, at)
	return true
}

// abbreviates reports whether the word begins one of the extension's options.
func (e *extension) abbreviates(word string) bool {
	for name := range e.index {
		if strings.HasPrefix(name, word) {
			return true
		}
	}
	return false
}

// load makes an extension's options known.
func (p *parser) load(e *extension, name string, at int) *loaded {
	l := loaded{ext: e, name: name, at: at}
	if e != nil {
		l.target = e.target
		n := len(e.options)
		start := len(p.settings)
		for range n {
			p.settings = append(p.settings, setting{})
		}
		l.settings = p.settings[start : start+n : start+n]
	}
	p.loads = append(p.loads, l)
	return &p.loads[len(p.loads)-1]
}

// extensionOption reads one option of a loaded extension.
func (p *parser) extensionOption(load, index, at int, attached string, hasValue bool) error {
	l := &p.loads[load]
	o := &l.ext.options[index]
	s := &l.settings[o.slot]
	negated := p.takeInvert()
	switch {
	case l.given&(1<<index) != 0 && o.flags&repeatable == 0:
		return p.fail(at, l.label()+"option "+o.name+" may be given only once")
	case negated && o.flags&negatable == 0:
		return p.fail(at, l.label()+"option "+o.name+" cannot be negated")
	case hasValue && o.value.wordCount() == 0:
		return p.fail(at, l.label()+"option "+o.name+" takes no value")
	case hasValue && o.value.apart:
		return p.fail(at, l.label()+"a blank stands between "+o.name+" and its value")
	}
	for _, other := range o.excludes {
		if l.given&(1<<l.ext.index[other]) != 0 {
			return p.fail(at, l.label()+"option "+o.name+" cannot stand beside "+other)
		}
	}
	if s.set && l.given&(1<<index) == 0 && o.flags&repeatable == 0 {
		return p.fail(at, l.label()+"option "+o.name+" cannot stand beside "+l.givenFor(o.slot))
	}
	if o.flags&separator != 0 {
		l.nextGroup()
		return nil
	}
	l.given |= 1 << index
	s.set, s.negated, s.at, s.values = true, negated, at, nil
	if o.value == nil {
		return nil
	}
	words, err := p.words(at, o, attached, hasValue)
	if err != nil {
		return err
	}
	if len(words) < o.value.words {
		return nil
	}
	p.current = l
	values, err := o.value.read(p, words)
	if err != nil {
		return p.badValue(at, o, words, hasValue, err)
	}
	p.loads[load].settings[o.slot].values = values
	return nil
}

// givenFor is the option that was given for a slot.
func (l *loaded) givenFor(slot int) string {
	for i := range l.ext.options {
		if l.ext.options[i].slot == slot && l.given&(1<<i) != 0 {
			return l.ext.options[i].name
		}
	}
	return l.ext.options[slot].name
}

func (v *value) wordCount() int {
	if v == nil {
		return 0
	}
	return v.words
}

// words takes the words that belong to an option. The first is taken whatever it looks like,
// as getopt does; a further one must not look like an option.
func (p *parser) words(at int, o *option, attached string, hasValue bool) ([]string, error) {
	if o.value.ifThere && !hasValue && (p.next == len(p.tokens) || looksLikeOption(p.tokens[p.next].text)) {
		return nil, nil
	}
	words := p.allocate(o.value.words)
	for i := range words {
		if i == 0 && hasValue {
			words[i] = attached
			continue
		}
		if p.next == len(p.tokens) || i > 0 && looksLikeOption(p.tokens[p.next].text) {
			return nil, &SyntaxError{
				Text: p.text, Offset: p.tokens[at].offset, Word: p.tokens[at].text,
				Message: "option " + o.name + " needs a value", Expected: o.value.expects,
			}
		}
		words[i] = p.tokens[p.next].text
		p.next++
	}
	return words, nil
}

func looksLikeOption(word string) bool {
	return word != "" && (word[0] == '-' || word[0] == '!')
}

// badValue makes a codec's complaint about a value a SyntaxError at the value.
func (p *parser) badValue(at int, o *option, words []string, hasValue bool, err error) error {
	e := &SyntaxError{Text: p.text, Message: o.name + ": " + err.Error(), Expected: o.value.expects}
	var c *complaint
	if errors.As(err, &c) {
		e.Near = c.near
		if c.expected != "" {
			e.Expected = c.expected
		}
	}
	if len(words) > 0 && words[0] == "!" {
		e.Message = o.name + ": the ! stands before the option, as in `! " + o.name + " ...`"
	}
	value := at + 1
	if hasValue {
		value = at
	}
	e.Offset, e.Word = p.tokens[at].offset, p.tokens[at].text
	if len(words) > 0 && value < len(p.tokens) {
		e.Offset, e.Word = p.tokens[value].offset, strings.Join(words, " ")
	}
	return e
}

// unknownOption says that nobody knows an option, and which one is near it or where it is from.
func (p *parser) unknownOption(at int, name string) error {
	var known []string
	for i := range p.loads {
		if e := p.loads[i].ext; e != nil {
			for full := range e.index {
				known = append(known, full)
			}
		}
	}
	if e := p.protocolMatch(); e != nil {
		for full := range e.index {
			known = append(known, full)
		}
	}
	slices.Sort(known)
	for _, full := range baseNames {
		if c := baseOptions[full]; c < 'A' || c > 'Z' {
			known = append(known, full)
		}
	}
	e := &SyntaxError{
		Text: p.text, Offset: p.tokens[at].offset, Word: p.tokens[at].text, Message: "unknown option " + name,
	}
	if owners := p.owners(name); owners != "" {
		e.Message += ": it belongs to " + owners
		e.Expected = "one of them in front of it"
		if name == "--dport" || name == "--sport" {
			e.Expected = "-p tcp or another protocol with ports in front of it"
		}
	} else {
		e.Near = nearest(name, known)
	}
	return e
}

// owners names the extensions that know an option, "" where there are none.
func (p *parser) owners(name string) string {
	var names []string
	r := registryOf(p.family)
	for flag, extensions := range map[string]map[string]*extension{"-m ": r.matches, "-j ": r.targets} {
		for _, e := range extensions {
			if _, ok := e.index[name]; ok && !slices.Contains(names, flag+e.name) {
				names = append(names, flag+e.name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// nameOf is the token that holds an extension's name; the option's own where it is attached.
func (p *parser) nameOf(l *loaded) int {
	if l.at+1 < len(p.tokens) && (p.tokens[l.at+1].text == l.name || len(p.tokens[l.at].text) == 2) {
		return l.at + 1
	}
	return l.at
}

// flag is how an extension is loaded: "-m conntrack", "-j DNAT".
func (l *loaded) flag() string {
	if l.target {
		return "-j " + l.name
	}
	return "-m " + l.name
}

// label leads a message about an extension.
func (l *loaded) label() string { return l.name + ": " }
