package iptables

import "strings"

// opaque is the newest extension that is not understood and may own an unknown option; -1
// where there is none.
func (p *parser) opaque() int {
	for i := len(p.loads) - 1; i >= 0; i-- {
		if p.loads[i].ext == nil {
			return i
		}
	}
	return -1
}

// readOpaque keeps an option of an extension that is not understood, and the words after it
// that do not look like an option, exactly as they are written.
func (p *parser) readOpaque(load, at int) error {
	name, _, _ := strings.Cut(p.tokens[at].text, "=")
	known, kind := registryOf(p.family).matches, "match"
	if p.loads[load].target {
		known, kind = registryOf(p.family).targets, "target"
	}
	if e := misspelled(p.loads[load].name, name, known); e != nil {
		return p.complain(p.nameOf(&p.loads[load]), "", &complaint{message: "no such " + kind, near: e.name})
	}
	o := Option{Name: p.raw(at), Negated: p.takeInvert()}
	start := p.next
	for p.next < len(p.tokens) {
		t := p.tokens[p.next]
		if !t.quoted && looksLikeOption(t.text) && !negativeNumber(t.text) {
			break
		}
		p.next++
	}
	o.Values = p.allocate(p.next - start)
	for i := range o.Values {
		o.Values[i] = p.raw(start + i)
	}
	l := &p.loads[load]
	l.opaque = append(l.opaque, o)
	return nil
}

func negativeNumber(word string) bool { return len(word) > 1 && word[0] == '-' && digit(word[1]) < 10 }

// raw is a token as it is written, with its quotes.
func (p *parser) raw(at int) string {
	t := p.tokens[at]
	if p.shell {
		return string(appendWord(nil, t.text))
	}
	return p.text[t.offset:t.end]
}
