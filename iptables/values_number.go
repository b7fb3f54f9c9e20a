package iptables

import "strings"

// number describes an unsigned number, read in any base and printed in decimal.
func number(low, high uint64) *value {
	return word("a number from "+decimal(low)+" to "+decimal(high), func(_ *parser, s string) (string, error) {
		n, ok := parseNumber(s, low, high)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return canonicalDecimal(n, s), nil
	})
}

// hexNumber describes an unsigned number that is printed as 0x with at least so many digits.
func hexNumber(high uint64, digits int) *value {
	return word("a number from 0 to "+decimal(high), func(_ *parser, s string) (string, error) {
		n, ok := parseNumber(s, 0, high)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return paddedHex(n, digits), nil
	})
}

// numberRange describes a or a:b, with either end left out for the lowest or highest number.
// The ends may stand in either order, which iptables does not mind.
func numberRange(high uint64) *value {
	return word("a number from 0 to "+decimal(high)+" or a range a:b", func(p *parser, s string) (string, error) {
		a, b, ok := parseRange(p, s, high)
		if !ok {
			return "", refused("bad value, or out of range")
		}
		return rangeText(a, b, s), nil
	})
}

// parseRange reads a, a:b, a: and :b; an empty word is 0 for iptables, but rather a variable of
// a script that was not set.
func parseRange(p *parser, s string, high uint64) (a, b uint64, ok bool) {
	if s == "" {
		return 0, 0, !p.strict
	}
	low, up, isRange := strings.Cut(s, ":")
	if !isRange {
		a, ok = parseNumber(s, 0, high)
		return a, a, ok
	}
	a, b = 0, high
	if low != "" {
		if a, ok = parseNumber(low, 0, high); !ok {
			return 0, 0, false
		}
	}
	if up != "" {
		if b, ok = parseNumber(up, 0, high); !ok {
			return 0, 0, false
		}
	}
	return a, b, true
}

// rangeText is a range as iptables prints it; the word itself where it is that already.
func rangeText(a, b uint64, word string) string {
	if a == b {
		return canonicalDecimal(a, word)
	}
	var buffer [44]byte
	text := appendSmall(buffer[:0], a)
	text = append(text, ':')
	if text = appendSmall(text, b); string(text) == word {
		return word
	}
	return string(text)
}

// splitRange reads a canonical range back.
func splitRange(text string) (a, b uint64) {
	low, up, isRange := strings.Cut(text, ":")
	a, _ = parseNumber(low, 0, 1<<64-1)
	if b = a; isRange {
		b, _ = parseNumber(up, 0, 1<<64-1)
	}
	return a, b
}

// outside turns the negation of a range that begins at 0 into the plain range above it, which
// is how nft keeps it from 1.8.9 on. It reports false where there is nothing to turn, or
// nothing above it.
func outside(o Option, high uint64) (Option, bool) {
	if !o.Negated {
		return o, false
	}
	a, b := splitRange(o.Value())
	if a != 0 || b == 0 || b >= high {
		return o, false
	}
	return Option{Name: o.Name, Values: []string{rangeText(b+1, high, "")}}, true
}

// markWithMask describes value/mask in hexadecimal, without a mask that is full.
func markWithMask() *value {
	return word("a 32-bit number, or number/mask", func(_ *parser, s string) (string, error) {
		v, mask, err := parseMark(s)
		if err != nil {
			return "", err
		}
		return markText(v, mask, s), nil
	})
}

// parseMark reads value or value/mask.
func parseMark(s string) (v, mask uint32, err error) {
	n, rest, ok := scanNumber(s)
	m := uint64(1<<32 - 1)
	if ok && strings.HasPrefix(rest, "/") {
		m, rest, ok = scanNumber(rest[1:])
	}
	if !ok || rest != "" || n >= 1<<32 || m >= 1<<32 {
		return 0, 0, refused("bad value, or out of range")
	}
	return uint32(n), uint32(m), nil
}

// markText is a mark as -m mark prints it; the word itself where it is that already.
func markText(v, mask uint32, word string) string {
	text := hexadecimal(uint64(v))
	if mask != 1<<32-1 {
		text += "/" + hexadecimal(uint64(mask))
	}
	if text == word {
		return word
	}
	return text
}

// fullMark is a mark with its mask, whatever the mask is.
func fullMark(v, mask uint32) string { return hexadecimal(uint64(v)) + "/" + hexadecimal(uint64(mask)) }
