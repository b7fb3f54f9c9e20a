package iptables

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A StepKind is what one line of an iptables-restore payload does.
type StepKind string

// The kinds of steps, with the line of iptables-restore that each is.
const (
	StepCheck       StepKind = "check"        // -C CHAIN SPEC: the block is void unless the chain holds the rule
	StepPolicy      StepKind = "policy"       // -P CHAIN SPEC, where Spec is the policy
	StepNewChain    StepKind = "new"          // :CHAIN - [0:0]
	StepInsert      StepKind = "insert"       // -I CHAIN NUMBER SPEC
	StepAppend      StepKind = "append"       // -A CHAIN SPEC
	StepDelete      StepKind = "delete"       // -D CHAIN SPEC, or -D CHAIN NUMBER where Number is not 0
	StepFlush       StepKind = "flush"        // -F CHAIN
	StepDeleteChain StepKind = "delete-chain" // -X CHAIN
)

// A Step is one line of an iptables-restore payload.
type Step struct {
	Table string
	Kind  StepKind
	Chain string
	// Number is a position in the chain as it is when the step's turn comes, counted from 1.
	// Steps of a chain go from its bottom to its top, so it is the position in the live chain too.
	Number int
	// Spec is the rule as iptables-restore reads it (see Rule.Input), or the policy.
	Spec string
	// Anchor is a line as a listing of the host has it ("-A CHAIN ..."), without blanks at its end:
	// for StepInsert the one that stands right below when the step is done, "" for the end of
	// the chain; for StepDelete the one that goes, "" where its text is more than one line. It is
	// there when the step's turn comes, unless other software took it away.
	Anchor string
	// Rank says which line Anchor is where several have that text: the Rank-th from the bottom of the
	// chain, counted from 1. (The first from the top can be one that a later step moves.)
	Rank int
}

// Line is the step's line for iptables-restore, without the newline.
func (s Step) Line() string {
	switch s.Kind {
	case StepCheck:
		return spaced("-C "+s.Chain, s.Spec)
	case StepPolicy:
		return "-P " + s.Chain + " " + s.Spec
	case StepNewChain:
		return ":" + s.Chain + " - [0:0]"
	case StepInsert:
		return spaced("-I "+s.Chain+" "+strconv.Itoa(s.Number), s.Spec)
	case StepAppend:
		return spaced("-A "+s.Chain, s.Spec)
	case StepDelete:
		if s.Number != 0 {
			return "-D " + s.Chain + " " + strconv.Itoa(s.Number)
		}
		return spaced("-D "+s.Chain, s.Spec)
	case StepFlush:
		return "-F " + s.Chain
	default:
		return "-X " + s.Chain
	}
}

func spaced(lead, spec string) string {
	if spec == "" {
		return lead
	}
	return lead + " " + spec
}

// Render prints steps as input of iptables-restore --noflush: one block for each run of steps of
// one table, so that what the steps do to a table is done wholly or not at all. No steps, no text.
func Render(steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		if i == 0 || steps[i-1].Table != s.Table {
			b.WriteString("*" + s.Table + "\n")
		}
		b.WriteString(s.Line())
		b.WriteByte('\n')
		if i == len(steps)-1 || steps[i+1].Table != s.Table {
			b.WriteString("COMMIT\n")
		}
	}
	return b.String()
}

// Payload is the family's part of the change as input of iptables-restore --noflush; "" where
// the family does not change. It is Render of Steps.
func (c Change) Payload(f Family, d Dialect) string { return Render(c.script(f, form{dialect: d})) }

// commitOrder is the order of the tables in a payload. Each is committed by itself, so the
// table that refuses packets comes last.
var commitOrder = []string{"raw", "mangle", "nat", "security", "filter"}

// Steps is the family's part of the change, line by line in the order of the payload. In each
// table: the checks, policies that become ACCEPT, new chains, the lines of all chains (those of
// users first, each chain from its bottom to its top), chains that go, policies that become DROP.
func (c Change) Steps(f Family, d Dialect) []Step {
	return c.script(f, form{dialect: d, anchors: true})
}

// TolerantSteps is the same change for a host on which other software may have changed the
// chains meanwhile. It has no checks, and no chain that stays is emptied: each line that goes has
// a step of its own. Rendered, it fits the host as it was; on any other, whoever runs it finds
// lines by Anchor and Rank instead of Number, and goes on where a step finds nothing to do.
func (c Change) TolerantSteps(f Family, d Dialect) []Step {
	return c.script(f, form{dialect: d, anchors: true, tolerant: true})
}

// A form says what a script is for.
type form struct {
	dialect  Dialect
	anchors  bool // Anchor and Rank are wanted, which costs a key for each line
	tolerant bool
}

func (c Change) script(f Family, w form) []Step {
	byTable := map[string][]chainEdit{}
	for _, e := range c.edits {
		if e.id.Family == f {
			byTable[e.id.Table] = append(byTable[e.id.Table], e)
		}
	}
	var steps []Step
	for _, table := range slices.SortedFunc(maps.Keys(byTable), inOrder(commitOrder)) {
		edits := byTable[table]
		// The built-in chains lead the order of chains; here they come behind those of users.
		users := slices.IndexFunc(edits, func(e chainEdit) bool { return !e.id.BuiltIn() })
		if users > 0 {
			edits = slices.Concat(edits[users:], edits[:users])
		}
		steps = append(steps, tableScript(table, edits, w)...)
	}
	return steps
}

func tableScript(table string, edits []chainEdit, w form) []Step {
	var steps []Step
	add := func(kind StepKind, e chainEdit, spec string) {
		steps = append(steps, Step{Table: table, Kind: kind, Chain: e.id.Name, Spec: spec})
	}
	if !w.tolerant {
		steps = checks(edits, w.dialect)
	}
	for _, e := range edits {
		if e.newPolicy() == "ACCEPT" {
			add(StepPolicy, e, "ACCEPT")
		}
	}
	for _, e := range edits {
		if e.made {
			add(StepNewChain, e, "")
		}
	}
	for _, e := range edits {
		if !e.gone {
			steps = append(steps, e.script(w)...)
		}
	}
	for _, e := range edits {
		if e.gone && (w.tolerant || len(e.live.Rules) > 0) {
			add(StepFlush, e, "")
		}
	}
	for _, e := range edits {
		if e.gone {
			add(StepDeleteChain, e, "")
		}
	}
	for _, e := range edits {
		if policy := e.newPolicy(); policy != "" && policy != "ACCEPT" {
			add(StepPolicy, e, policy)
		}
	}
	return steps
}
