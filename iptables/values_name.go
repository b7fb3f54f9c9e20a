package iptables

import "strings"

// oneOf describes one of a few names, in any case, printed as it stands here.
func oneOf(names ...string) *value {
	return word(quoteList(names), func(_ *parser, s string) (string, error) {
		for _, name := range names {
			if strings.EqualFold(name, s) {
				return name, nil
			}
		}
		return "", refusedNear("unknown name", s, names)
	})
}

// exactly describes one of a few names, written exactly so.
func exactly(names ...string) *value {
	return word(quoteList(names), func(_ *parser, s string) (string, error) {
		for _, name := range names {
			if name == s {
				return name, nil
			}
		}
		return "", refusedNear("unknown name", s, names)
	})
}

// namesOf describes a list of names with commas between them, in any case and shortened at
// will (`ES` is ESTABLISHED). It is printed in the order given here, each name once.
func namesOf(names ...string) *value {
	return word("a list of "+strings.Join(names, ","), func(_ *parser, list string) (string, error) {
		var set uint32
		for rest, more := list, true; more; {
			var s string
			s, rest, more = strings.Cut(rest, ",")
			i := shortened(s, names)
			if i < 0 {
				return "", refusedNear("unknown name "+s, strings.ToUpper(s), names)
			}
			set |= 1 << i
		}
		return namesText(set, names, list), nil
	})
}

// shortened is the index of the first name that begins with s, -1 where there is none.
func shortened(s string, names []string) int {
	if s == "" {
		return -1
	}
	for i, name := range names {
		if len(s) <= len(name) && strings.EqualFold(name[:len(s)], s) {
			return i
		}
	}
	return -1
}

// namesText lists the names whose bits are set; the word itself where it is that already.
func namesText(set uint32, names []string, word string) string {
	var buffer [256]byte
	text := buffer[:0]
	for i, name := range names {
		if set&(1<<i) == 0 {
			continue
		}
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = append(text, name...)
	}
	if string(text) == word {
		return word
	}
	return string(text)
}

// textUpTo describes a text that iptables cuts off at so many bytes.
func textUpTo(limit int) *value {
	return word("a text of up to "+decimal(uint64(limit))+" bytes", func(p *parser, s string) (string, error) {
		return p.kept(s, limit)
	})
}

// textBetween describes a text that has to be so long.
func textBetween(low, high int) *value {
	expects := "a text of " + decimal(uint64(low)) + " to " + decimal(uint64(high)) + " bytes"
	return word(expects, func(_ *parser, s string) (string, error) {
		if len(s) < low || len(s) > high {
			return "", refused("the text has " + decimal(uint64(len(s))) + " bytes")
		}
		return s, nil
	})
}

// nameUpTo describes a name that is not empty and is cut where it is too long.
func nameUpTo(limit int) *value {
	return word("a name of up to "+decimal(uint64(limit))+" bytes", func(p *parser, s string) (string, error) {
		if s == "" {
			return "", refused("the name is empty")
		}
		return p.kept(s, limit)
	})
}
