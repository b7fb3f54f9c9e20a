package firewall

import (
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A State says what a host's firewall is like after an error.
type State uint8

// The states. The zero State is Unchanged.
const (
	Unchanged  State = iota // nothing was applied
	RolledBack              // applied, and taken back: as before
	Uncertain               // nobody could ask; an armed change is taken back by the host itself
	Committed               // the change is in and confirmed; something after it failed
)

// String says the state as a sentence of a diagnostic.
func (s State) String() string {
	return [...]string{
		"The firewall is unchanged.",
		"The change was rolled back: the firewall is as it was before.",
		"The state of the firewall is unknown.",
		"The change is in force.",
	}[s]
}

// An Error is what could not be done on a host, in what state the host is now, and what to
// do next. Err is one of the typed causes of this package or of sshexec.
type Error struct {
	Host  string
	Doing string // "changing the firewall"
	Err   error
	State State
	Next  string // a sentence; "" where the cause says it all
}

func (e *Error) Error() string { return fmt.Sprintf("%s on host %s: %v", e.Doing, e.Host, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// A BusyError is a lock that did not come free.
type BusyError struct {
	Holder string // who holds it, as far as the host knows
}

func (e *BusyError) Error() string { return "the firewall is locked: " + e.Holder }

// A RejectedError is a change that the host's own iptables refuses.
type RejectedError struct {
	Reason string // in its own words
	Lines  []string
}

func (e *RejectedError) Error() string {
	text := "its iptables refuses the change: " + e.Reason
	if len(e.Lines) > 0 {
		text += "\nThe new lines are:\n  " + strings.Join(e.Lines, "\n  ")
	}
	return text
}

// An UnpreparedError is a host that lacks what a safe change needs.
type UnpreparedError struct{ Reason string }

func (e *UnpreparedError) Error() string {
	return "the change cannot be made safely there: " + e.Reason
}

// A LockoutError is a change that would drop the login by which it is made.
type LockoutError struct {
	Login   string // "203.0.113.7 -> 198.51.100.1 port 22"
	Verdict iptables.Verdict
	Dialect iptables.Dialect
}

func (e *LockoutError) Error() string {
	step := e.Verdict.Decision()
	return fmt.Sprintf("it would lock this login out (ssh from %s): %s; what drops it is: %s",
		e.Login, e.Verdict.Because, step.Text(e.Dialect))
}

// An UnverifiedError is a host that listed something else than was written.
type UnverifiedError struct{ Differences []string }

func (e *UnverifiedError) Error() string {
	return "after the change the host lists something else than was written:\n  " + strings.Join(e.Differences, "\n  ")
}

// A LoginError is the new login that should have confirmed a change and failed.
type LoginError struct{ Err error }

func (e *LoginError) Error() string {
	return fmt.Sprintf("after the change no new login got through: %v", e.Err)
}

func (e *LoginError) Unwrap() error { return e.Err }

// An OutcomeError is a commit that ended otherwise than by this login's word.
type OutcomeError struct {
	Outcome string // as the host recorded it: "expired", "failed 4:filter", ...; "stuck" where it has not yet
	Detail  string
}

func (e *OutcomeError) Error() string {
	text := "the host says that the change ended so: " + e.Outcome
	switch {
	case e.Outcome == "expired" || e.Outcome == "overdue":
		text = "the confirmation came too late, the host's timer was first"
	case e.Outcome == "unknown":
		text = "the host knows nothing of the change (was it restarted?)"
	case e.Outcome == "stuck":
		text = "taking the change back failed so far, and the host tries again, for an hour"
	case strings.HasPrefix(e.Outcome, "failed"):
		text = "taking the change back failed in the tables " + strings.TrimSpace(strings.TrimPrefix(e.Outcome, "failed"))
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// A MovingError is a firewall that others kept changing while it was to be changed.
type MovingError struct{ Detail string }

func (e *MovingError) Error() string {
	return "others changed the same chains each time before the change was made: " + e.Detail
}
