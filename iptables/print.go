package iptables

import (
	"net/netip"
	"strconv"
	"strings"
)

// Spec is the rule as `iptables -S` of that version prints it behind "-A CHAIN ". Three things
// that it prints cannot be read back: names that hold a blank, the loss of matches that can
// never apply (see Printable), and the blank at the end of a rule without a target (nft up to
// 1.8.7). Input is the form to feed to iptables.
func (r Rule) Spec(d Dialect) string {
	w := writer{dst: make([]byte, 0, 192), dialect: d, family: r.Family}
	w.rule(r)
	return w.text()
}

// Input is the rule as text that iptables-restore of that version reads back as this very rule.
func (r Rule) Input(d Dialect) string {
	w := writer{dst: make([]byte, 0, 192), dialect: d, family: r.Family, input: true}
	w.rule(r)
	return w.text()
}

// A writer appends a rule's text; everything begins with a blank.
type writer struct {
	dst     []byte
	dialect Dialect
	family  Family
	input   bool // for iptables-restore rather than as printed
	key     bool // for Rule.Key
}

func (w *writer) text() string {
	if len(w.dst) == 0 {
		return ""
	}
	return string(w.dst[1:])
}

func (w *writer) rule(r Rule) {
	w.address(r.Source, "-s ")
	w.address(r.Destination, "-d ")
	w.iface(r.In, "-i ")
	w.iface(r.Out, "-o ")
	w.protocol(r.Protocol)
	if r.Fragment.Set {
		w.flag(r.Fragment.Negated, "-f")
	}
	for _, m := range w.matches(r) {
		w.match(m)
	}
	w.targetOf(r)
}

func (w *writer) match(m Match) {
	before := len(w.dst)
	w.dst = append(w.dst, " -m "...)
	w.word(m.Name)
	if m.Opaque {
		w.opaque(m.Options)
		return
	}
	named := len(w.dst)
	w.options(registryOf(w.family).matches[m.Name], m.Options)
	// nft makes no match of ports of which it prints nothing.
	if len(w.dst) == named && w.mergesPorts() && plainPorts(m) {
		w.dst = w.dst[:before]
	}
}

func (w *writer) targetOf(r Rule) {
	t := r.Target
	if t.Name == "" {
		if w.trailingBlank() {
			w.dst = append(w.dst, ' ')
		}
		return
	}
	if t.Goto {
		w.dst = append(w.dst, " -g "...)
	} else {
		w.dst = append(w.dst, " -j "...)
	}
	w.word(t.Name)
	switch {
	case t.Goto:
	case t.Opaque:
		w.opaque(t.Options)
	default:
		w.options(registryOf(w.family).targets[t.Name], t.Options)
	}
}

// trailingBlank: nft of 1.8.4 and 1.8.7 ends rules without a target with a blank.
func (w *writer) trailingBlank() bool {
	return !w.input && !w.key && w.dialect.Backend == NFT && w.dialect.Version.before(8, 8)
}

func (w *writer) flag(negated bool, name string) {
	if rest, joined := strings.CutPrefix(name, "\b"); joined {
		name = rest
	} else {
		w.dst = append(w.dst, ' ')
	}
	if negated {
		w.dst = append(w.dst, "! "...)
	}
	w.dst = append(w.dst, name...)
}

func (w *writer) address(a Address, name string) {
	// 1.8.7-nft takes the bytes before the first empty one for the whole mask.
	if a.Mask.IsValid() && w.dialect == (Dialect{Version{1, 8, 7}, NFT}) && !w.input && !w.key {
		if full, ended := fullBytes(a.Mask); ended {
			a.Prefix, a.Mask = netip.PrefixFrom(a.IP, 8*full).Masked(), netip.Addr{}
		}
	}
	if a.given() {
		w.flag(a.Negated, name)
		w.dst = a.appendTo(w.dst)
	}
}

func (w *writer) iface(i Interface, name string) {
	if i.Name == "" || i.Name == "+" && w.losesNever() && w.dialect.Backend == Legacy {
		return
	}
	w.flag(i.Negated, name)
	w.word(i.Name)
}

func (w *writer) protocol(p Protocol) {
	if p.Number == 0 {
		return
	}
	w.flag(p.Negated, "-p ")
	if w.key {
		w.dst = appendSmall(w.dst, uint64(p.Number))
	} else {
		w.dst = append(w.dst, p.name(w.dialect)...)
	}
}

// losesNever: up to 1.8.10 some matches that can never apply are printed as if they were not
// there at all.
func (w *writer) losesNever() bool {
	return !w.input && !w.key && w.dialect.Version.before(8, 11)
}

// options appends an extension's options. Without a description they are written as a value
// that was built by hand would want it: with quotes where they are needed.
func (w *writer) options(e *extension, options []Option) {
	switch {
	case e == nil:
	case w.key && e.same != nil:
		options = e.same(w.family, options)
	case !w.key && !w.input && e.show != nil:
		options = e.show(w.dialect, w.family, options)
	}
	for _, o := range options {
		w.flag(o.Negated, o.Name)
		q := e.quotingOf(o.Name)
		for _, v := range o.Values {
			w.dst = append(w.dst, ' ')
			w.value(q, v)
		}
	}
}

// quotingOf is how an option's values are printed.
func (e *extension) quotingOf(name string) quoting {
	if e != nil {
		if i, ok := e.index[strings.TrimRight(name, " ")]; ok {
			return e.options[i].quoting
		}
	}
	return asIs
}

func (w *writer) value(q quoting, v string) {
	switch q {
	case quoted:
		w.dst = appendInQuotes(w.dst, v)
	case asText:
		w.dst = appendText(w.dst, v)
	default:
		w.word(v)
	}
}

// word appends a word that iptables prints as it is.
func (w *writer) word(s string) {
	if w.input || w.key {
		w.dst = appendWord(w.dst, s)
	} else {
		w.dst = append(w.dst, s...)
	}
}

// opaque appends options that are not understood, as they were written.
func (w *writer) opaque(options []Option) {
	for _, o := range options {
		w.flag(o.Negated, o.Name)
		for _, v := range o.Values {
			w.dst = append(w.dst, ' ')
			w.dst = append(w.dst, v...)
		}
	}
}

// appendSmall appends a number in decimal.
func appendSmall(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }

func smallNumber(n uint8) string { return strconv.Itoa(int(n)) }

// Line is the rule as a whole command, "-t" left out for the table filter.
func (id ChainID) Line(r Rule, d Dialect) string {
	w := writer{dst: make([]byte, 0, 256), dialect: d, family: id.Family}
	w.command(id, " -A ")
	w.rule(r)
	return string(w.dst)
}

// ListLine is the rule as a line of `iptables -t TABLE -S`, which names the chain only.
func (id ChainID) ListLine(r Rule, d Dialect) string {
	w := writer{dst: append(make([]byte, 0, 256), "-A "+id.Name...), dialect: d, family: id.Family}
	w.rule(r)
	return string(w.dst)
}

// PolicyLine is the command that sets a built-in chain's policy.
func (id ChainID) PolicyLine(policy string) string {
	w := writer{family: id.Family}
	w.command(id, " -P ")
	return string(w.dst) + " " + policy
}

func (w *writer) command(id ChainID, flag string) {
	w.dst = append(w.dst, id.Family.Command()...)
	if id.Table != "filter" {
		w.dst = append(w.dst, " -t "...)
		w.dst = append(w.dst, id.Table...)
	}
	w.dst = append(w.dst, flag...)
	w.dst = append(w.dst, id.Name...)
}
