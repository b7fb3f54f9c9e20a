package iptables

import (
	"slices"
	"strings"
)

// script is the chain's own part of a payload. It goes from the bottom to the top, so that
// every number is one of the live chain, and adds the new lines of a place before it deletes
// the old ones.
func (e chainEdit) script(f form) []Step {
	step := func(kind StepKind, spec string) Step {
		return Step{Table: e.id.Table, Kind: kind, Chain: e.id.Name, Spec: spec}
	}
	if e.refill && !f.tolerant {
		steps := []Step{step(StepFlush, "")}
		for _, r := range e.wanted.Rules {
			steps = append(steps, step(StepAppend, writtenSpec(r, f.dialect)))
		}
		return steps
	}
	var steps []Step
	byText := e.deletedByText()
	below := newRanks(e, f)
	for _, h := range slices.Backward(e.hunks) {
		for w := h.wantedTo - 1; w >= h.wantedFrom && h.to < len(e.live.Rules); w-- {
			s := step(StepInsert, writtenSpec(e.wanted.Rules[w], f.dialect))
			s.Number = h.to + 1
			s.Anchor, s.Rank = below.anchor(w + 1)
			steps = append(steps, s)
		}
		for w := h.wantedFrom; w < h.wantedTo && h.to == len(e.live.Rules); w++ {
			steps = append(steps, step(StepAppend, writtenSpec(e.wanted.Rules[w], f.dialect)))
		}
		for i := h.to - 1; i >= h.from; i-- {
			s := step(StepDelete, "")
			if byText[i] {
				s.Spec = e.live.Rules[i].Input(f.dialect)
			} else {
				s.Number = i + 1
			}
			s.Anchor, s.Rank = below.listed(h.wantedFrom, e.live.Rules[i])
			steps = append(steps, s)
		}
	}
	return steps
}

// ranks counts the lines of the wanted chain from the bottom up, in step with a script.
type ranks struct {
	edit    chainEdit
	dialect Dialect
	off     bool
	from    int            // the lines from here on are counted
	count   map[string]int // by key
	text    string         // of the topmost line counted that has a text
	textKey string
}

func newRanks(e chainEdit, f form) *ranks {
	return &ranks{edit: e, dialect: f.dialect, off: !f.anchors, from: len(e.wanted.Rules), count: map[string]int{}}
}

func (n *ranks) countFrom(w int) {
	for n.from > w {
		n.from--
		r := n.edit.wanted.Rules[n.from]
		key := r.Key()
		n.count[key]++
		if line := n.line(r); line != "" {
			n.text, n.textKey = line, key
		}
	}
}

// anchor is the line at position w of the wanted chain, or below it where that has no text.
func (n *ranks) anchor(w int) (string, int) {
	if n.off {
		return "", 0
	}
	n.countFrom(w)
	return n.text, n.count[n.textKey]
}

// listed is a line to delete that stands right above position w of the wanted chain.
func (n *ranks) listed(w int, r Rule) (string, int) {
	if n.off {
		return "", 0
	}
	n.countFrom(w)
	return n.line(r), n.count[r.Key()] + 1
}

// line is the rule's line in a listing, "" where that is more than one line.
func (n *ranks) line(r Rule) string {
	spec := r.Spec(n.dialect)
	if !oneLine(spec) {
		return ""
	}
	return strings.TrimRight(spaced("-A "+n.edit.id.Name, spec), " ")
}

// unwritable stands for a rule that no line of iptables-restore can carry. No version knows the
// option, so the block is refused whole and nothing else slips in with the rule's other lines.
const unwritable = "--rule-with-a-line-break-cannot-be-restored"

func writtenSpec(r Rule, d Dialect) string {
	spec := r.Input(d)
	if !oneLine(spec) {
		return unwritable
	}
	return spec
}

// oneLine reports whether iptables-restore takes the text for one line. It reads up to a
// newline and no further than a NUL, and takes a carriage return for a blank outside quotes.
func oneLine(spec string) bool { return !strings.ContainsAny(spec, "\n\r\x00") }

// Unwritable lists the lines to add that no iptables-restore input can carry, because a comment
// made by other means holds a line break. A payload with such a line is refused by the host;
// a change whose Undo has one cannot be taken back, so the caller refuses it beforehand.
func (c Change) Unwritable(d Dialect) []Line {
	return slices.DeleteFunc(c.Added(), func(l Line) bool {
		return l.Kind != RuleLine || oneLine(l.Rule.Input(d))
	})
}
