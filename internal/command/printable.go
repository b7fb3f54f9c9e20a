package command

import (
	"strconv"
	"strings"
	"unicode"
)

// printable is a text that came from a host as a terminal may show it: line breaks stay, other
// control characters do not act.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(s, "?"))
}

// counted is "1 line" or "2 lines".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
