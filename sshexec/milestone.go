package sshexec

import (
	"bytes"
	"slices"
)

// A milestone is a line of a script's output that is told of when it comes.
type milestone struct {
	line    []byte // with the line breaks around it
	reached func() // nil: there is none, or it was told of
	looked  int    // how much of what is kept was looked at, and cannot be its beginning
}

func newMilestone(script Script) milestone {
	if script.Reached == nil {
		return milestone{}
	}
	return milestone{line: []byte("\n" + script.Milestone + "\n"), reached: script.Reached}
}

// look tells of the line where it is in what is kept, or in what came behind that.
func (m *milestone) look(kept, pending []byte) {
	if m.reached == nil {
		return
	}
	before := "\n" // of the first line
	if m.looked > 0 {
		before = ""
	}
	if bytes.Contains(slices.Concat([]byte(before), kept[m.looked:], pending), m.line) {
		m.reached()
		m.reached = nil
	}
	m.looked = max(0, len(kept)-len(m.line))
}
