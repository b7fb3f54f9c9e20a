package main

import "slices"

// A step is a moment in the life of a commit at which a run stops it to let something go wrong. Nothing in the product
// knows of these: each is seen from outside, by the program that the script on the host calls just then (wrapper.sh), by
// what goes over the wire (proxy.go), or by the client's own output (driver.go).
type step struct {
	name string
	when string // as the guide says it
	seen where
}

type where uint8

const (
	onHost where = iota // by a wrapper around a program
	onWire              // by the proxy between client and host
	atHome              // by the client's word
)

// steps are in the order in which a commit takes them.
var steps = []step{
	{"sending", "half of the script is sent", onWire},
	{"locked", "the lock is taken", onHost},
	{"compared", "the snapshot is compared", onHost},
	{"tried", "the trial is run", onHost},
	{"written", "the undo is written", onHost},
	{"armed", "`armed` is there", onHost},
	{"timed", "the timer runs", onHost},
	{"half", "half of the payload is applied (IPv4)", onHost},
	{"applied", "the payload is applied", onHost},
	{"listed", "it is read back", onHost},
	{"login", "the new login begins", onWire},
	{"entered", "the new login is in", onHost},
	{"confirming", "it is about to disarm", onHost},
	{"disarmed", "it has disarmed", onHost},
	{"saving", "the files for the next boot are half saved", onHost},
	{"saved", "they are saved", onHost},
	{"recorded", "the outcome is recorded", onHost},
	{"answered", "the answer is there, the state is not written", atHome},
}

// index is the place of a step, to ask what comes before what.
func (s step) index() int { return slices.Index(steps, s) }

func stepNamed(name string) step {
	i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
	return steps[i]
}

func (s step) before(name string) bool { return s.index() < stepNamed(name).index() }
