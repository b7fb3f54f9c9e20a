package iptables

import (
	"slices"
	"strings"
)

// ParseTyped reads one rule as a person types it: what stands behind a chain's name, as
// ParseSpec reads it, or the whole command, such as "iptables -t nat -A PREROUTING ...", whose
// words may stand in any order, as iptables allows. The family is that of the command in front;
// f is for a text without one. Where the text names no chain, neither does the ChainID, and its
// table is "" unless -t stands there. A rule that names a chain is checked against it, as by
// ChainID.Check. -I makes the rule that -A makes; its number is checked and forgotten, as are the
// counters of `iptables-save -c` in front. Without a command in front, a text that is marked for the
// other family (-4, -6) makes no rule, as in iptables-restore.
//
// Quotes are those of iptables-restore. Only where a word begins with a single quote, which
// means nothing there, the text is taken for a shell's, if a shell could read it.
func ParseTyped(f Family, text string) (ChainID, []Rule, error) {
	p := newParser(f, "", text)
	defer p.release()
	var err error
	if p.tokens, err = tokenize(text, p.tokens[:0]); err == nil || carries(text) == nil {
		if words, ok := shellWords(text); ok {
			p.tokens, p.shell, err = append(p.tokens[:0], words...), true, nil
		}
	}
	if err != nil {
		return ChainID{}, nil, err
	}
	return p.command()
}

// command reads the tokens of a whole command, or of a rule alone.
func (p *parser) command() (ChainID, []Rule, error) {
	p.whole, p.restore = true, true
	if len(p.tokens) > 0 {
		if f, ok := commandFamily(p.tokens[0].text); ok {
			p.family, p.rule.Family, p.restore, p.next = f, f, false, 1
		} else if counters(p.tokens[0].text) {
			p.next = 1
		}
	}
	rules, err := p.rules()
	if err != nil {
		return ChainID{}, nil, err
	}
	id := ChainID{p.family, p.table, p.chain}
	for _, r := range rules {
		if err := id.Check(r); err != nil {
			return ChainID{}, nil, p.complain(p.placeOf(err.Error()), "", err)
		}
	}
	return id, rules, nil
}

// commandFamily is the family of the program that a word names, as it is called on hosts:
// iptables, ip6tables-nft, /sbin/iptables.
func commandFamily(word string) (Family, bool) {
	program := word[strings.LastIndexByte(word, '/')+1:]
	program = strings.TrimSuffix(strings.TrimSuffix(program, "-nft"), "-legacy")
	for _, f := range Families {
		if program == f.Command() {
			return f, true
		}
	}
	return 0, false
}

// counters reports whether a word is what `iptables-save -c` puts in front of a rule: [12:3456].
func counters(word string) bool {
	packets, bytes, both := strings.Cut(strings.Trim(word, "[]"), ":")
	return both && word == "["+packets+":"+bytes+"]" && strings.Trim(packets+bytes, "0123456789") == ""
}

// place reads what says where a rule goes: -t, -A and -I.
func (p *parser) place(c byte, name, word string) error {
	if p.given[c] || c != 't' && p.chain != "" {
		return refused("may be given only once")
	}
	p.given[c] = true
	if c == 't' {
		if _, known := builtIn[word]; !known {
			return &complaint{message: "no such table", expected: quoteList(tables), near: nearest(word, tables)}
		}
		p.table = word
		return nil
	}
	if err := CheckChainName(word); err != nil {
		return err
	}
	p.chain = word
	if c == 'I' && p.next < len(p.tokens) && !looksLikeOption(p.tokens[p.next].text) {
		if n, rest := strtoul(p.tokens[p.next].text, 10); rest != "" || n == 0 {
			return p.failExpecting(p.next, name+" "+word+": bad value", "the number of a line, from 1")
		}
		p.next++
	}
	return nil
}

var tables = []string{"filter", "nat", "mangle", "raw", "security"}

// shellWords splits a text that is quoted for a shell: one in which a word begins with a single
// quote, and that a shell could read. Nothing is expanded.
func shellWords(text string) ([]token, bool) {
	var words []token
	single := false
	for i := 0; i < len(text); {
		if isSpace(text[i]) {
			i++
			continue
		}
		single = single || text[i] == '\''
		word, end := shellWord(text, i)
		if end < 0 {
			return nil, false
		}
		words = append(words, token{text: word, offset: i, end: end, quoted: strings.ContainsAny(text[i:end], `'"\`)})
		i = end
	}
	return words, single
}

// shellWord reads the word that begins at start and returns the offset behind it, -1 where a
// quote is not closed.
func shellWord(text string, start int) (string, int) {
	var word []byte
	var quote byte
	for i := start; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && isSpace(c):
			return string(word), i
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '\\' && quote != '\'' && i+1 < len(text) && (quote == 0 || slices.Contains([]byte("\"\\$`"), text[i+1])):
			i++
			word = append(word, text[i])
		default:
			word = append(word, c)
		}
	}
	if quote != 0 {
		return "", -1
	}
	return string(word), len(text)
}
