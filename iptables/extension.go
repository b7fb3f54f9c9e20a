package iptables

import (
	"slices"
	"strings"
)

// An extension describes one match or target: its options, how their values are read and
// printed, and what iptables checks beyond that. The descriptions stand in the ext_*.go
// files, one file for a family of extensions, and are listed in registry.go. To add one is to
// add a description, and a table of what real iptables prints to the test beside it:
//
//	{
//		name: "ttl", families: onlyIPv4,
//		options: []option{ // in the order of print
//			{name: "--ttl-eq", aliases: []string{"--ttl"}, value: number(0, 255), flags: negatable | either},
//			{name: "--ttl-lt", value: number(0, 255), flags: either, excludes: []string{"--ttl-eq"}},
//		},
//	}
type extension struct {
	name     string
	aliases  []string // other names for -m or -j; iptables prints the canonical one
	target   bool     // -j rather than -m
	families families // where it exists; zero: both

	// options in the order in which iptables prints them, whatever order they were given in.
	options []option

	// protocols that -p must name: the kernel refuses the rule otherwise.
	protocols []uint8
	// tables and chains (built-in ones) where the kernel takes it; empty: everywhere.
	tables []string
	hooks  []string
	// fits checks what the kernel demands of the options in a built-in chain beyond hooks and
	// the options' notIn.
	fits func(chain string, options []Option) error

	// finish checks and completes what was given once the whole rule is read: defaults that
	// are printed although nobody wrote them, options that need or change each other.
	finish func(l *loaded, p *parser) error
	// show changes the canonical options into those that the dialect prints. It must not
	// change the slice that it is given, nor any value in it.
	show func(d Dialect, f Family, options []Option) []Option
	// same maps options that mean the same although iptables prints them differently to one
	// form for Rule.Key. It has show's duty.
	same func(f Family, options []Option) []Option

	index     map[string]int // of options, by every long name
	separator string         // the option between groups, "" where there are none
}

// An option describes one long option of an extension.
type option struct {
	// name is the canonical name, with the dashes: the one that iptables prints.
	name    string
	aliases []string
	// value says how what follows is read; nil: the option takes no value.
	value *value
	// into names the option in which the result is stored, for one that is a way of writing
	// another (--syn, --set-mark); "": itself.
	into string
	// flags: negatable, required, repeatable.
	flags optionFlags
	// excludes and needs name options that may not, or must, stand beside this one.
	excludes, needs []string
	// hidden is a value that is not printed, because the kernel does not tell it from absence.
	hidden string
	// quoting says how the value is printed.
	quoting quoting
	// notIn are built-in chains in which the kernel refuses this option, valueNotIn those in
	// which it refuses a value of it.
	notIn      []string
	valueNotIn map[string][]string

	slot int // where the result is stored: the index of into
}

type optionFlags uint8

const (
	negatable  optionFlags = 1 << iota // `!` may stand before it
	required                           // the extension is refused without it
	repeatable                         // it may be given again: a later one replaces the earlier
	either                             // at least one of the options so marked must be given
	grouped                            // belongs to a group of options, of which there can be several
	separator                          // ends one group and begins the next
)

// A quoting says how a value is printed.
type quoting uint8

const (
	asIs   quoting = iota // without quotes, even where it holds a blank
	asText                // bare if [A-Za-z0-9_-]+, else quoted
	quoted                // always in quotes
)

// families is a set of address families.
type families uint8

const (
	onlyIPv4 families = 1 << iota
	onlyIPv6
)

func (s families) has(f Family) bool {
	return s == 0 || s&onlyIPv4 != 0 && f == IPv4 || s&onlyIPv6 != 0 && f == IPv6
}

// A value describes what follows an option.
type value struct {
	words   int    // how many words belong to it; 0 for a constant
	ifThere bool   // the word may be missing: one that looks like an option is left alone
	apart   bool   // a word must stand behind a blank, --option=word is refused
	expects string // what may stand there, for messages
	// read turns the words into canonical values. Its errors are made by expected or refused.
	read func(p *parser, words []string) ([]string, error)
}

// word describes a value of one word whose canonical form is one word too.
func word(expects string, read func(p *parser, word string) (string, error)) *value {
	return &value{words: 1, expects: expects, read: func(p *parser, words []string) ([]string, error) {
		v, err := read(p, words[0])
		if err != nil {
			return nil, err
		}
		if v != words[0] {
			return p.keep(v), nil
		}
		return words, nil
	}}
}

// constant describes an option that takes no value and stands for fixed values of another.
func constant(values ...string) *value {
	return &value{read: func(*parser, []string) ([]string, error) { return values, nil }}
}

// A loaded extension is one `-m NAME` or `-j NAME` while the rule is being read.
type loaded struct {
	ext      *extension // nil: not known, its words are kept in opaque
	name     string     // as it is printed
	target   bool
	at       int         // the token that loaded it
	settings []setting   // by slot
	given    uint64      // which of ext.options were given, by bit
	groups   [][]setting // finished groups of settings
	opaque   []Option
}

// A setting is what was given for one option.
type setting struct {
	set, negated bool
	at           int // the token of the option
	values       []string
}

// option finds the setting of an option by its canonical name.
func (l *loaded) option(name string) *setting {
	return &l.settings[l.ext.options[l.ext.index[name]].slot]
}

// set gives an option a value that nobody wrote.
func (l *loaded) set(name string, values ...string) {
	s := l.option(name)
	s.set, s.values = true, values
}

// value is the first value of an option, "" where it was not given.
func (s *setting) value() string {
	if len(s.values) == 0 {
		return ""
	}
	return s.values[0]
}

// nextGroup ends a group of options and begins the next.
func (l *loaded) nextGroup() {
	l.groups = append(l.groups, slices.Clone(l.settings))
	for i := range l.ext.options {
		if l.ext.options[i].flags&grouped != 0 {
			l.settings[i] = setting{}
			l.given &^= 1 << i
		}
	}
}

// drop takes an option away, because it says nothing.
func (s *setting) drop() { *s = setting{} }

// prepare checks a description and builds its index; a description that contradicts itself
// is a mistake in this package and panics when it is loaded.
func (e *extension) prepare() {
	e.index = make(map[string]int, 2*len(e.options))
	for i := range e.options {
		o := &e.options[i]
		for _, name := range append([]string{o.name}, o.aliases...) {
			if _, twice := e.index[name]; twice || !strings.HasPrefix(name, "--") {
				panic("iptables: extension " + e.name + ": bad or repeated option name " + name)
			}
			e.index[name] = i
		}
	}
	for i := range e.options {
		o := &e.options[i]
		o.slot = i
		if o.flags&separator != 0 {
			e.separator = o.name
		}
		if o.into != "" {
			o.slot = e.index[o.into]
		}
		for _, other := range append(append([]string{}, o.excludes...), o.needs...) {
			if _, known := e.index[other]; !known {
				panic("iptables: extension " + e.name + ": " + o.name + " refers to unknown " + other)
			}
		}
	}
	if len(e.options) > 64 {
		panic("iptables: extension " + e.name + " has too many options")
	}
}
