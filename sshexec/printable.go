package sshexec

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxSaid = 600

// printable makes what a host said fit for a message: no control characters (a terminal
// would obey them), lines joined by " | ", and only the end of what is long.
func printable(text []byte) string {
	cut := ""
	if len(text) > maxSaid {
		text, cut = text[len(text)-maxSaid:], "..."
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return ' '
			case r == utf8.RuneError, !unicode.IsPrint(r):
				return '?'
			}
			return r
		}, strings.TrimRight(line, "\r\n")))
		if line != "" {
			lines = append(lines, line)
		}
	}
	return cut + strings.Join(lines, " | ")
}
