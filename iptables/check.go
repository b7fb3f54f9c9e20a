package iptables

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths beyond which iptables cuts a text without a word.
const (
	MaxComment   = 255
	MaxLogPrefix = 29
)

// CheckComment reports why a text cannot be a comment as it stands: it is too long, is not
// UTF-8, or holds control characters.
func CheckComment(text string) error { return checkText(text, MaxComment) }

// CheckLogPrefix is CheckComment for the prefix of the target LOG, which cannot be empty.
func CheckLogPrefix(text string) error {
	if text == "" {
		return refused("the prefix is empty")
	}
	return checkText(text, MaxLogPrefix)
}

func checkText(text string, limit int) error {
	if len(text) > limit {
		return refused(fmt.Sprintf("the text has %d bytes; iptables keeps %d", len(text), limit))
	}
	if !utf8.ValidString(text) {
		return refused("the text is not UTF-8")
	}
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		return refused(fmt.Sprintf("the text holds the control character %q", text[i:i+1]))
	}
	return nil
}

// ParseStrict is ParseSpec for text that a person writes: it refuses as well what iptables
// takes, but makes something else of than what stands there. Those are texts that are cut,
// control characters and what is not UTF-8, ports beyond 65535 of which 16 bits are kept, and
// matches that can never apply, which a listing shows as if they always did.
func ParseStrict(f Family, table, text string) ([]Rule, error) {
	if !utf8.ValidString(text) {
		return nil, &SyntaxError{Text: text, Message: "the text is not UTF-8"}
	}
	p := newParser(f, table, text)
	defer p.release()
	var err error
	if p.tokens, err = tokenize(text, p.tokens[:0]); err != nil {
		return nil, err
	}
	for i, t := range p.tokens {
		if strings.ContainsFunc(t.text, unicode.IsControl) {
			return nil, p.fail(i, "a control character cannot stand here")
		}
	}
	p.restore, p.strict = true, true
	rules, err := p.rules()
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if err := r.CheckListing(Reference); err != nil {
			return nil, &SyntaxError{Text: text, Message: err.Error()}
		}
	}
	return rules, nil
}

// CheckListing reports that a binary of that dialect would list the rule as a line that reads
// as another rule, so that nobody could find it again.
func (r Rule) CheckListing(d Dialect) error {
	line := r.Spec(d)
	rules, err := ParseSpec(r.Family, "", line)
	if err == nil && len(rules) == 1 && rules[0].Equal(r) {
		return nil
	}
	return refused(fmt.Sprintf("iptables %s would list this rule as %q, which is another rule", d, line))
}

// Certain reports whether the rule's line is known without asking the host. It is not where the
// rule holds an extension that is not described here, or a name of a user, a group or the like
// that only the host can turn into a number.
func (r Rule) Certain() bool {
	if r.Target.Opaque {
		return false
	}
	for _, m := range r.Matches {
		if m.Opaque {
			return false
		}
		for _, o := range m.Options {
			if hostNames[o.Name] && o.Value() != "" && digit(o.Value()[0]) > 9 {
				return false
			}
		}
	}
	return true
}

// hostNames are the options whose value stays a name where only the host knows its number.
var hostNames = map[string]bool{
	"--uid-owner": true, "--gid-owner": true, "--realm": true, "--src-group": true, "--dst-group": true, "--label": true,
}
