package iptables

import (
	"math/bits"
	"strconv"
)

// scanNumber reads an unsigned number from the front of s as C's strtoull does with base 0,
// which is how iptables reads every number: leading blanks and a plus sign are allowed,
// 0x means hexadecimal, a leading 0 octal. It returns what stands behind the number; ok is
// false where there is no number, it is negative, or it exceeds 64 bits.
func scanNumber(s string) (n uint64, rest string, ok bool) {
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	if i < len(s) && s[i] == '+' {
		i++
	}
	base := uint64(10)
	if i < len(s) && s[i] == '0' {
		base = 8
		if i+2 < len(s) && (s[i+1] == 'x' || s[i+1] == 'X') && digit(s[i+2]) < 16 {
			base = 16
			i += 2
		}
	}
	start := i
	for ; i < len(s); i++ {
		d := digit(s[i])
		if d >= base {
			break
		}
		high, low := bits.Mul64(n, base)
		sum, carry := bits.Add64(low, d, 0)
		if high != 0 || carry != 0 {
			return 0, s, false
		}
		n = sum
	}
	return n, s[i:], i > start
}

// digit is the value of a digit of any base up to 16, more for any other byte.
func digit(c byte) uint64 {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0')
	case 'a' <= c && c <= 'f':
		return uint64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return uint64(c-'A') + 10
	}
	return 255
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// parseNumber reads a whole word as a number from low to high.
func parseNumber(s string, low, high uint64) (uint64, bool) {
	n, rest, ok := scanNumber(s)
	return n, ok && rest == "" && low <= n && n <= high
}

// decimal is n in decimal; small numbers, the usual case, are not allocated.
func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// hexadecimal is n as iptables prints marks: 0x and as few digits as do.
func hexadecimal(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }

// paddedHex is n with at least the given number of digits.
func paddedHex(n uint64, digits int) string {
	s := strconv.FormatUint(n, 16)
	for len(s) < digits {
		s = "0" + s
	}
	return "0x" + s
}

// canonicalDecimal returns the word itself where it is the decimal spelling of n already, so
// that reading canonical text allocates nothing.
func canonicalDecimal(n uint64, word string) string {
	var buffer [20]byte
	if b := strconv.AppendUint(buffer[:0], n, 10); string(b) == word {
		return word
	}
	return decimal(n)
}
