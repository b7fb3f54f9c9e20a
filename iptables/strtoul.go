package iptables

// strtoul reads a number of the given base from the front of s as C's strtoul(3) does: blanks
// and a sign may stand before it, a negative one wraps around, and one of more than 64 bits is
// the highest. Base 0 knows hexadecimal numbers by 0x and octal ones by 0. It returns what
// stands behind the number, which is s where there is none.
//
// Most of iptables reads numbers with more care, see scanNumber.
func strtoul(s string, base uint64) (n uint64, rest string) {
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	negative := i < len(s) && s[i] == '-'
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	hex := i+2 < len(s) && s[i] == '0' && s[i+1]|0x20 == 'x' && digit(s[i+2]) < 16
	switch {
	case hex && (base == 0 || base == 16):
		base = 16
		i += 2
	case base == 0 && i < len(s) && s[i] == '0':
		base = 8
	case base == 0:
		base = 10
	}
	start, overflow := i, false
	for ; i < len(s) && digit(s[i]) < base; i++ {
		overflow = overflow || n > (1<<64-1-digit(s[i]))/base
		n = n*base + digit(s[i])
	}
	switch {
	case i == start:
		return 0, s
	case overflow:
		n = 1<<64 - 1
	case negative:
		n = -n
	}
	return n, s[i:]
}
