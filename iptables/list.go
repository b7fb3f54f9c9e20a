package iptables

import (
	"fmt"
	"strings"
)

// ParseList reads what `iptables -t TABLE -S` prints, or `-S CHAIN` for one chain of it: lines
// that begin with -P, -N or -A. What the listing does not name is not held by the result.
//
// It is as strict as ParseSave and reports the same type of error. Blanks at the end of a line,
// which nft 1.8.4 and 1.8.7 print behind rules without a target, mean nothing.
func ParseList(f Family, table, text string) (Ruleset, error) {
	b := newBuilder(f)
	if err := b.open(1, table); err != nil {
		return Ruleset{}, err
	}
	for n, line := range logicalLines(text) {
		if err := b.listed(line); err != nil {
			return Ruleset{}, &LineError{Line: n, Text: line, Err: err}
		}
	}
	return b.ruleset(), nil
}

// listed takes a line of `iptables -S`.
func (b *builder) listed(line string) error {
	if rest, ok := strings.CutPrefix(line, "-A "); ok {
		return b.add(rest)
	}
	fields := strings.Fields(line)
	switch {
	case len(fields) == 0 || line[0] == '#':
		return nil
	case fields[0] == "-P" && len(fields) == 3:
		return b.chain(fields[1], fields[2])
	case fields[0] == "-N" && len(fields) == 2:
		return b.chain(fields[1], "-")
	}
	return fmt.Errorf("a listing has lines that begin with -P, -N, or -A, and no others")
}
