package iptables

import (
	"strconv"
	"strings"
)

// A SyntaxError says why a text is not a rule: where, which word, what is wrong with it,
// what would have been right and what is near it.
type SyntaxError struct {
	Text     string // the whole text that was read
	Offset   int    // of Word in Text, in bytes, from 0
	Word     string // the offending word, "" where one is missing
	Message  string // what is wrong
	Expected string // what may stand there, "" where Message says it all
	Near     string // the known word that the offending one resembles, or ""
}

// excerpt is enough of a text to be known again: a host may print megabytes where a line should be.
func excerpt(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString("position ")
	b.WriteString(strconv.Itoa(e.Offset + 1))
	if e.Word != "" {
		b.WriteString(", ")
		b.WriteString(strconv.Quote(excerpt(e.Word)))
	}
	b.WriteString(": ")
	b.WriteString(e.Message)
	if e.Expected != "" {
		b.WriteString(" (expected ")
		b.WriteString(e.Expected)
		b.WriteString(")")
	}
	if e.Near != "" {
		b.WriteString("; did you mean ")
		b.WriteString(strconv.Quote(e.Near))
		b.WriteString("?")
	}
	return b.String()
}

// A complaint is what a value codec or a check says; the parser adds the place to it and
// makes it a SyntaxError.
type complaint struct {
	message, expected, near string
}

func (c *complaint) Error() string { return c.message }

// expected complains about a value and says what may stand there.
func expected(what string) error {
	return &complaint{message: "bad value", expected: what}
}

// refused complains with words of its own.
func refused(message string) error { return &complaint{message: message} }

// refusedNear complains and names the known word that is nearest to the one found.
func refusedNear(message, word string, known []string) error {
	return &complaint{message: message, near: nearest(word, known)}
}

// nearest is the candidate with the fewest slips of the keyboard between it and the word, ""
// where none is near enough to be what was meant. Of two that are as near, the one with the
// same first letter wins.
func nearest(word string, candidates []string) string {
	first := func(s string) string { return cut(strings.TrimLeft(s, "-"), 1) }
	best, bestDistance := "", 2*(len(word)+4)/3
	for _, c := range candidates {
		d := 2*distance(word, c) + 1
		if first(word) == first(c) {
			d--
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is how many letters have to be put in, taken out, changed or swapped with their
// neighbour to make one word of the other.
func distance(a, b string) int {
	older, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, previous, row = previous, row, older
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j-1]+cost, previous[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
