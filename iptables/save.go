package iptables

import (
	"fmt"
	"slices"
	"strings"
)

// A LineError says which line of a saved or listed ruleset was not understood, and why.
type LineError struct {
	Line int    // counted from 1
	Text string // the line as it was read
	Err  error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("line %d, %q: %v", e.Line, excerpt(e.Text), e.Err)
}

func (e *LineError) Unwrap() error { return e.Err }

// ParseSave reads what iptables-save prints for one family: any number of tables, each from
// "*table" to "COMMIT". Comments, blank lines and counters carry no meaning and are passed over.
//
// It is strict: a line of any other kind (iptables-restore also takes -I, -D, -N and so on), a
// rule in a chain that was not declared, a table that appears twice or has no COMMIT are errors
// of type *LineError. Of a rule, only what the rule parser refuses is an error.
func ParseSave(f Family, text string) (Ruleset, error) {
	b := newBuilder(f)
	end := 0
	for n, line := range logicalLines(text) {
		end = n
		if err := b.saved(n, line); err != nil {
			return Ruleset{}, &LineError{Line: n, Text: line, Err: err}
		}
	}
	if b.table != "" {
		return Ruleset{}, &LineError{Line: end, Err: fmt.Errorf("the text ends before the COMMIT of table %s", b.table)}
	}
	return b.ruleset(), nil
}

// logicalLines yields the number and text of each line. iptables-save prints a newline inside a
// comment as it is, so a line ends at a newline outside double quotes: a comment that
// pretends to be a second rule stays a comment.
func logicalLines(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for n := 1; text != ""; {
			end := lineEnd(text)
			line := text[:end]
			if !yield(n, line) {
				return
			}
			n += 1 + strings.Count(line, "\n")
			text = strings.TrimPrefix(text[end:], "\n")
		}
	}
}

func lineEnd(text string) int {
	end := strings.IndexByte(text, '\n')
	if end < 0 {
		end = len(text)
	}
	if text[0] != '-' && text[0] != '[' || strings.IndexByte(text[:end], '"') < 0 {
		return end
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == '\n' && !quoted:
			return i
		}
	}
	return end // the quote is never closed: the rule parser says so
}

// A builder collects the chains of one family while a text is read.
type builder struct {
	family Family
	table  string // "" between two tables
	opened map[string]int
	tables []tableID
	chains map[ChainID]*Chain
	// last is the chain of the line before: lines of a chain stand together.
	last   *Chain
	lastID ChainID
}

func newBuilder(f Family) *builder {
	return &builder{family: f, opened: map[string]int{}, chains: map[ChainID]*Chain{}}
}

// saved takes a line of iptables-save.
func (b *builder) saved(n int, line string) error {
	if strings.HasSuffix(line, "\r") {
		return fmt.Errorf("the line ends in a carriage return, which iptables-restore takes for a part of it")
	}
	if trimmed := strings.Trim(line, " \t"); trimmed == "" || line[0] == '#' {
		return nil
	}
	switch line[0] {
	case '*':
		return b.open(n, strings.TrimRight(line[1:], " \t"))
	case ':':
		return b.declare(strings.Fields(line[1:]))
	case '[':
		_, rest, found := strings.Cut(line, "] ")
		if !found {
			return fmt.Errorf("the counters in front of the rule have no end")
		}
		line = rest
	}
	if strings.TrimRight(line, " \t") == "COMMIT" {
		return b.commit()
	}
	rest, ok := strings.CutPrefix(line, "-A ")
	if !ok {
		return fmt.Errorf("a saved ruleset has lines that begin with *, :, -A, #, or COMMIT, and no others")
	}
	return b.add(rest)
}

func (b *builder) open(n int, table string) error {
	if b.table != "" {
		return fmt.Errorf("table %s has no COMMIT before it", b.table)
	}
	if _, known := builtIn[table]; !known {
		return fmt.Errorf("there is no table %q; the tables are %s", table, strings.Join(saveOrder, ", "))
	}
	if first, again := b.opened[table]; again {
		return fmt.Errorf("table %s appears twice, first in line %d", table, first)
	}
	b.opened[table] = n
	b.table = table
	b.tables = append(b.tables, tableID{b.family, table})
	return nil
}

func (b *builder) commit() error {
	if b.table == "" {
		return fmt.Errorf("COMMIT without a table")
	}
	b.table, b.last = "", nil
	return nil
}

// declare takes the fields of ":NAME POLICY [packets:bytes]".
func (b *builder) declare(fields []string) error {
	if b.table == "" {
		return errOutside
	}
	if len(fields) < 2 || len(fields) > 3 {
		return fmt.Errorf("a chain is declared as :NAME POLICY [packets:bytes]")
	}
	return b.chain(fields[0], fields[1])
}

var errOutside = fmt.Errorf("the line is outside of any table: one begins with *filter, *nat, *mangle, *raw or *security")

// chain declares a chain; policy is "-" for one without.
func (b *builder) chain(name, policy string) error {
	id := ChainID{Family: b.family, Table: b.table, Name: name}
	if _, again := b.chains[id]; again {
		return fmt.Errorf("chain %s of table %s is declared twice", name, b.table)
	}
	switch {
	case policy == "-": // a built-in chain without policy is one that nft made without a hook
		policy = ""
	case policy != "ACCEPT" && policy != "DROP":
		return fmt.Errorf("chain %s has policy %q; it can be ACCEPT, DROP, or - for none", name, policy)
	case !id.BuiltIn():
		return fmt.Errorf("chain %s has a policy, which only built-in chains of table %s have: %s", name, b.table, strings.Join(builtIn[b.table], ", "))
	}
	b.chains[id] = &Chain{Policy: policy}
	return nil
}

// add takes the rest of a rule's line, behind "-A ".
func (b *builder) add(rest string) error {
	if b.table == "" {
		return errOutside
	}
	name, spec, _ := strings.Cut(strings.TrimLeft(rest, " \t"), " ")
	id := ChainID{Family: b.family, Table: b.table, Name: name}
	if b.last == nil || b.lastID != id {
		c, ok := b.chains[id]
		if !ok {
			if !id.BuiltIn() {
				return fmt.Errorf("chain %s of table %s was not declared before its rule", name, b.table)
			}
			c = &Chain{Policy: "ACCEPT"}
			b.chains[id] = c
		}
		b.last, b.lastID = c, id
	}
	rules, err := parseListed(b.family, b.table, spec)
	if err != nil {
		return err
	}
	b.last.Rules = append(b.last.Rules, rules...)
	return nil
}

// parseListed is ParseSpec for a text that a host printed: there a comment may hold line breaks,
// which no text that is meant for iptables-restore can carry. They stand as a control
// character that the text has not while it is parsed.
func parseListed(f Family, table, spec string) ([]Rule, error) {
	if oneLine(spec) {
		return ParseSpec(f, table, spec)
	}
	newline, back := standIns(spec)
	if back == "" {
		return nil, fmt.Errorf("the rule is full of control characters")
	}
	rules, err := ParseSpec(f, table, strings.NewReplacer("\n", newline, "\r", back).Replace(spec))
	if err != nil {
		return nil, err
	}
	undo := strings.NewReplacer(newline, "\n", back, "\r")
	for _, r := range rules {
		for _, m := range r.Matches {
			replaceValues(m.Options, undo)
		}
		replaceValues(r.Target.Options, undo)
	}
	return rules, nil
}

// standIns are two control characters that the text does not have, "" where it has them all.
func standIns(text string) (first, second string) {
	for c := byte(1); c < '\t'; c++ {
		switch {
		case strings.IndexByte(text, c) >= 0:
		case first == "":
			first = string(c)
		default:
			return first, string(c)
		}
	}
	return first, ""
}

func replaceValues(options []Option, r *strings.Replacer) {
	for _, o := range options {
		for i, v := range o.Values {
			o.Values[i] = r.Replace(v)
		}
	}
}

func (b *builder) ruleset() Ruleset {
	chains := make(map[ChainID]Chain, len(b.chains))
	for id, c := range b.chains {
		chains[id] = Chain{Policy: c.Policy, Rules: slices.Clip(c.Rules)}
	}
	return Ruleset{chains: chains, tables: b.tables, memo: new(memo)}
}
