package iptables

// A Rule is one line of a chain, without the chain's name, in canonical form: two texts
// that iptables cannot tell apart make equal Rules, whichever version printed them.
// A Rule is a value: never change one after it was made (build a new one).
type Rule struct {
	Family      Family
	Source      Address
	Destination Address
	In, Out     Interface
	Protocol    Protocol
	Fragment    Fragment
	Matches     []Match // in the order in which iptables loads them, which is significant
	Target      Target  // zero: a rule that only counts
}

// A Match is a loaded match extension, `-m NAME` and its options in canonical order.
type Match struct {
	Name    string
	Options []Option
	// Opaque: the extension is not known, its tokens are kept exactly as they were read.
	Opaque bool
}

// A Target is what follows -j or -g: a built-in verdict (ACCEPT, DROP, RETURN, QUEUE), a target
// extension with its options, or the name of a chain.
type Target struct {
	Name    string
	Goto    bool // -g instead of -j
	Options []Option
	Opaque  bool
}

// An Option is one long option of an extension: its canonical name with the dashes
// ("--dport"), whether `!` stands before it, and its canonical values.
type Option struct {
	Name    string
	Negated bool
	Values  []string
}

// Option finds an option by its canonical name.
func (m Match) Option(name string) (Option, bool) { return findOption(m.Options, name) }

// Option finds an option by its canonical name.
func (t Target) Option(name string) (Option, bool) { return findOption(t.Options, name) }

// Chain reports whether the target is a chain, as far as is known here: neither a verdict nor a
// target of iptables.
func (t Target) Chain() bool {
	return t.Goto || t.Name != "" && !t.Opaque && ipv4Registry.targets[t.Name] == nil && ipv6Registry.targets[t.Name] == nil
}

// Value is the option's first value, "" where it takes none.
func (o Option) Value() string {
	if len(o.Values) == 0 {
		return ""
	}
	return o.Values[0]
}

// Match finds the first match of that name.
func (r Rule) Match(name string) (Match, bool) {
	for _, m := range r.Matches {
		if m.Name == name {
			return m, true
		}
	}
	return Match{}, false
}

// Comment is the text of the rule's comment match, "" where it has none.
func (r Rule) Comment() string {
	m, ok := r.Match("comment")
	if !ok {
		return ""
	}
	o, _ := m.Option("--comment")
	return o.Value()
}

// Equal reports whether two rules are the same rule for iptables.
func (r Rule) Equal(o Rule) bool { return r.Key() == o.Key() }

func findOption(options []Option, name string) (Option, bool) {
	for _, o := range options {
		if o.Name == name {
			return o, true
		}
	}
	return Option{}, false
}
