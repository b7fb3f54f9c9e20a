package main

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/protocol"
)

// A step is a moment in the life of a commit at which a run stops it to let something go wrong. Nothing in the product
// knows of these: each is seen from outside, by the program that the script on the host calls just then (wrapper.sh), by
// what goes over the wire (proxy.go), or by the client's own output (driver.go).
type step struct {
	name  string
	when  string // as the guide says it
	seen  where
	taken taken
}

// taken is what was done last when a commit stands still on a host, as internal/protocol knows it.
type taken struct {
	role protocol.Role
	step string
}

type where uint8

const (
	onHost where = iota // by a wrapper around a program
	onWire              // by the proxy between client and host
	atHome              // by the client's word
)

// steps are in the order in which a commit takes them.
var steps = []step{
	{name: "sending", when: "half of the script is sent", seen: onWire},
	{"locked", "the lock is taken", onHost, taken{protocol.Script, "locked"}},
	{"trying", "the trial begins", onHost, taken{protocol.Script, "folder"}},
	{"compared", "the snapshot is compared", onHost, taken{protocol.Script, "folder"}},
	{"written", "the undo is written", onHost, taken{protocol.Script, "folder"}},
	{"armed", "`armed` is there", onHost, taken{protocol.Script, "armed"}},
	{"timed", "the timer runs", onHost, taken{protocol.Script, "timed"}},
	{"half", "half of the payload is applied (IPv4)", onHost, taken{protocol.Script, "applied-4"}},
	{"applied", "the payload is applied", onHost, taken{protocol.Script, "applied-6"}},
	{"listed", "it is read back", onHost, taken{protocol.Script, "listed"}},
	{name: "login", when: "the new login begins", seen: onWire},
	{"entered", "the new login is in", onHost, taken{protocol.Script, "listed"}},
	{"confirming", "it is about to disarm", onHost, taken{protocol.Keep, "entered"}},
	{"disarmed", "it has disarmed", onHost, taken{protocol.Keep, "disarmed"}},
	{"saving", "the files for the next boot are half saved", onHost, taken{protocol.Keep, "stopped"}},
	{"saved", "they are saved", onHost, taken{protocol.Keep, "saved"}},
	{"recorded", "the outcome is recorded", onHost, taken{protocol.Keep, "recorded"}},
	{name: "answered", when: "the answer is there, the state is not written", seen: atHome},
}

// index is the place of a step, to ask what comes before what.
func (s step) index() int { return slices.Index(steps, s) }

func stepNamed(name string) step {
	i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
	return steps[i]
}

func (s step) before(name string) bool { return s.index() < stepNamed(name).index() }
