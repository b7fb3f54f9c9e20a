package iptables

import "strings"

// A token is one word of a rule's text.
type token struct {
	text   string // after quotes and backslashes were taken away
	offset int    // of its first byte in the text
	end    int    // behind its last byte, its closing quote included
	quoted bool   // a double quote stood in it, so it is a word even when empty
}

// option reports whether the word can be an option: iptables looks at the bytes only, so
// quotes do not turn `"-s"` into a value (1.8.9).
func (t token) option() bool { return len(t.text) > 1 && t.text[0] == '-' }

// tokenize splits text into words by iptables-restore's rules, which are not a shell's: only
// double quotes group; inside them a backslash takes the next byte as it is; outside them it
// is an ordinary byte; a closing quote ends the word (`"a"b` is two words, `a"b"` is one).
// Words are appended to tokens.
func tokenize(text string, tokens []token) ([]token, error) {
	if err := carries(text); err != nil {
		return tokens, err
	}
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		start := i
		for i < len(text) && text[i] != ' ' && text[i] != '\t' && text[i] != '"' {
			i++
		}
		if i == len(text) || text[i] != '"' {
			tokens = append(tokens, token{text: text[start:i], offset: start, end: i})
			continue
		}
		word, end := unquote(text, i)
		if end < 0 {
			return tokens, &SyntaxError{
				Text: text, Offset: i, Word: text[i:],
				Message: "the quote is not closed", Expected: `a closing "`,
			}
		}
		if start < i {
			word = text[start:i] + word
		}
		tokens = append(tokens, token{text: word, offset: start, end: end, quoted: true})
		i = end
	}
	return tokens, nil
}

// unquote reads the quoted part that begins at open and returns the offset behind its
// closing quote, -1 where there is none.
func unquote(text string, open int) (string, int) {
	i := open + 1
	for i < len(text) && text[i] != '"' && text[i] != '\\' {
		i++
	}
	if i < len(text) && text[i] == '"' {
		return text[open+1 : i], i + 1
	}
	b := []byte(text[open+1 : i])
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return string(b), i + 1
		case '\\':
			i++
			if i == len(text) {
				return "", -1
			}
		}
		b = append(b, text[i])
	}
	return "", -1
}

// carries refuses bytes that a line of iptables-restore cannot carry: a newline or carriage
// return ends the line, and what follows would be read as another command.
func carries(text string) error {
	for i := range len(text) {
		switch text[i] {
		case 0:
			return unprintable(text, i, "a NUL byte cannot stand in a rule")
		case '\n', '\r':
			return unprintable(text, i, "a line break cannot stand in a rule: what follows it would be read as another command")
		}
	}
	return nil
}

func unprintable(text string, at int, message string) error {
	return &SyntaxError{Text: text, Offset: at, Word: text[at : at+1], Message: message}
}

// bare reports whether iptables prints the text without quotes.
func bare(s string) bool {
	for i := range len(s) {
		if !bareBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

var bareBytes = func() (set [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") {
		set[c] = true
	}
	return set
}()

// appendText appends s as iptables prints comments, prefixes and the like: bare where that is
// possible, otherwise quoted.
func appendText(dst []byte, s string) []byte {
	if bare(s) {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

// appendQuoted appends s in double quotes. iptables escapes the single quote too, although
// iptables-restore gives it no meaning.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' || c == '\'' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// appendWord appends s so that iptables-restore reads it back as one word, with quotes only
// where it needs them.
func appendWord(dst []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, " \t\"") {
		return append(dst, s...)
	}
	return appendInQuotes(dst, s)
}

// appendInQuotes appends s in double quotes with a backslash before what needs one.
func appendInQuotes(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// kept is what iptables keeps of a text that is too long: its first n bytes, without regard to
// characters.
func (p *parser) kept(s string, n int) (string, error) {
	if len(s) > n && p.strict {
		return "", refused("the text has " + decimal(uint64(len(s))) + " bytes, of which iptables keeps " + decimal(uint64(n)))
	}
	return cut(s, n), nil
}

// cut shortens s to at most n bytes.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
