package firewall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nearest are the candidates that the word may have been meant for, the nearest first and at
// most three: those within two or three slips of the finger, and those that one begins with.
func nearest(word string, candidates []string) []string {
	type guess struct {
		name  string
		slips int
	}
	var guesses []guess
	for _, c := range candidates {
		slips := slipsBetween(word, c)
		if begun := len(word) + 1; len(word) >= 4 && begun < len(c) {
			slips = min(slips, slipsBetween(word, c[:begun])+1) // "posgres" for "postgresql"
		}
		prefix := len(word) >= 2 && len(c) >= 2 && (strings.HasPrefix(c, word) || strings.HasPrefix(word, c))
		if prefix {
			slips = min(slips, 2)
		}
		if prefix || slips <= max(1, len(word)/3) {
			guesses = append(guesses, guess{c, slips})
		}
	}
	slices.SortFunc(guesses, func(a, b guess) int {
		return cmp.Or(cmp.Compare(a.slips, b.slips), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, g := range guesses[:min(3, len(guesses))] {
		names = append(names, g.name)
	}
	return names
}

// slipsBetween is how many letters must be added, left out, changed, or swapped with their
// neighbour to turn one word into the other.
func slipsBetween(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// didYouMean is the end of a message that names what may have been meant.
func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return "; did you mean " + strings.Join(quoted, " or ") + "?"
}

// badText says why a text cannot stand in a rule, "" where it can. limit is in bytes.
func badText(s string, limit int) string {
	if !utf8.ValidString(s) {
		return "it is not valid UTF-8"
	}
	// A newline printed raw by iptables-save starts a line of its own when it is restored: that
	// is how a rule is smuggled in.
	for i, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return fmt.Sprintf("it holds a control character (%U) at position %d; a line break could smuggle in another rule", r, i+1)
		}
	}
	if len(s) > limit {
		return fmt.Sprintf("it has %d bytes and iptables silently cuts it at %d", len(s), limit)
	}
	return ""
}
