package iptables

import (
	"fmt"
	"slices"
)

// An Answer is one of three: what a rule set does to a packet, as far as it can be known.
type Answer uint8

// The three answers.
const (
	Unknown Answer = iota
	Accepted
	Dropped
)

// String is "accepted", "dropped" or "unknown".
func (a Answer) String() string { return [...]string{"unknown", "accepted", "dropped"}[a] }

// A Verdict is what becomes of a packet.
type Verdict struct {
	Answer Answer
	// Rejected: it is dropped by REJECT, so that the sender is told, wherever it is dropped.
	Rejected bool
	// Path is the way through the rules to that answer: the rules that applied and the policies,
	// in the order in which the packet meets them. Of several ways to one answer it is the one that rests
	// on the fewest undecided matches. Where the answer is Unknown it is the way on which the
	// packet is accepted, and Otherwise the way on which it is dropped (either may be empty).
	Path, Otherwise []TraceStep
	// Because is the answer's reason in one phrase: "policy of INPUT is DROP".
	Because string
}

// Decision is the step of Path that decides: the one that drops, or the one that accepts in
// the filter table. It is the zero TraceStep where Path is empty.
func (v Verdict) Decision() TraceStep { return decision(v.Path) }

func decision(path []TraceStep) TraceStep {
	if len(path) == 0 {
		return TraceStep{}
	}
	last := path[len(path)-1]
	if last.Outcome == OutcomeAccept {
		for _, s := range slices.Backward(path) {
			if s.Chain.Table == "filter" && s.Outcome == OutcomeAccept {
				return s
			}
		}
	}
	return last
}

// A TraceStep is a rule that applied to the packet, or a policy.
type TraceStep struct {
	Chain ChainID
	// Number is the rule's place in its chain, from 1 as `iptables -L --line-numbers` counts; 0 is the policy.
	Number  int
	Rule    Rule   // zero where Number is 0
	Policy  string // where Number is 0
	Outcome Outcome
	// Doubt says why it is not certain that the rule applies, or what it does; "" where it is.
	Doubt string
}

// An Outcome is what a rule, or a policy, does to the packet.
type Outcome uint8

// The outcomes. Only OutcomeDrop and OutcomeReject end a packet's way; OutcomeAccept ends it in
// this table.
const (
	OutcomeContinue Outcome = iota // LOG, MARK and others: the next rule follows
	OutcomeAccept
	OutcomeDrop
	OutcomeReject
	OutcomeJump
	OutcomeGoto
	OutcomeReturn
)

// String is the outcome as a verb: "accepts", "drops", ...
func (o Outcome) String() string {
	return [...]string{"continues", "accepts", "drops", "rejects", "jumps", "goes", "returns"}[o]
}

// Text is the step as `iptables -S` of that dialect prints it: the rule's line, or the policy's.
func (s TraceStep) Text(d Dialect) string {
	if s.Number == 0 {
		return s.Chain.PolicyLine(s.Policy)
	}
	return s.Chain.Line(s.Rule, d)
}

// String names the step in the reference dialect: "rule 5 of INPUT (iptables -A INPUT -j DROP)" or
// "policy of INPUT is DROP".
func (s TraceStep) String() string {
	if s.Number == 0 {
		return fmt.Sprintf("policy of %s is %s", s.place(), s.Policy)
	}
	return fmt.Sprintf("rule %d of %s (%s)", s.Number, s.place(), s.Text(Reference))
}

func (s TraceStep) place() string {
	where := s.Chain.Name
	if s.Chain.Table != "filter" {
		where += " in table " + s.Chain.Table
	}
	return where
}

func (w *walk) verdict() Verdict {
	switch {
	case w.problem != "":
		return Verdict{Because: w.problem}
	case w.passed == nil && w.dropped == nil:
		return Verdict{Because: "no chain was walked"}
	case w.dropped == nil:
		path := w.passed.steps()
		return Verdict{Answer: Accepted, Path: path, Because: because(path)}
	case w.passed == nil:
		path := w.dropped.steps()
		return Verdict{Answer: Dropped, Rejected: !w.silent, Path: path, Because: because(path)}
	}
	path, otherwise := w.passed.steps(), w.dropped.steps()
	return Verdict{Path: path, Otherwise: otherwise, Because: undecided(path, otherwise)}
}

func because(path []TraceStep) string {
	step := decision(path)
	if step.Number == 0 {
		return step.String()
	}
	return step.String() + " " + step.Outcome.String() + " it"
}

// undecided names the first rule about which the two ways differ in belief.
func undecided(path, otherwise []TraceStep) string {
	for i := range max(len(path), len(otherwise)) {
		for _, p := range [][]TraceStep{path, otherwise} {
			if i < len(p) && p[i].Doubt != "" {
				return p[i].String() + " is undecided: " + p[i].Doubt
			}
		}
	}
	return because(path) + ", or " + because(otherwise)
}
