package iptables

// A Line is one line of a listing that a change adds or removes: a rule, a policy, or the
// existence of a chain.
type Line struct {
	Chain  ChainID
	Kind   LineKind
	Rule   Rule   // for RuleLine
	Policy string // for PolicyLine
}

// A LineKind says what a line is about.
type LineKind uint8

// The kinds of lines of `iptables -S`: -A, -P and -N.
const (
	RuleLine LineKind = iota
	PolicyLine
	ChainLine
)

// String is the line as a listing of that dialect has it, led by its command: "iptables -A INPUT
// -j DROP", "ip6tables -P INPUT DROP", "iptables -t nat -N PORTS".
func (l Line) String(d Dialect) string {
	switch l.Kind {
	case PolicyLine:
		return l.Chain.PolicyLine(l.Policy)
	case ChainLine:
		w := writer{family: l.Chain.Family}
		w.command(l.Chain, " -N ")
		return string(w.dst)
	default:
		return l.Chain.Line(l.Rule, d)
	}
}

// Added lists what will stand there and does not now, by chain, from top to bottom. A policy
// that changes is both added and removed.
func (c Change) Added() []Line {
	var lines []Line
	for _, e := range c.edits {
		if e.made {
			lines = append(lines, Line{Chain: e.id, Kind: ChainLine})
		}
		if policy := e.newPolicy(); policy != "" {
			lines = append(lines, Line{Chain: e.id, Kind: PolicyLine, Policy: policy})
		}
		for _, h := range e.hunks {
			for _, r := range e.wanted.Rules[h.wantedFrom:h.wantedTo] {
				lines = append(lines, Line{Chain: e.id, Rule: r})
			}
		}
	}
	return lines
}

// Removed lists what stands there now and will not, by chain, from top to bottom.
func (c Change) Removed() []Line {
	var lines []Line
	for _, e := range c.edits {
		if e.gone {
			lines = append(lines, Line{Chain: e.id, Kind: ChainLine})
		}
		if e.newPolicy() != "" {
			lines = append(lines, Line{Chain: e.id, Kind: PolicyLine, Policy: e.live.Policy})
		}
		for _, h := range e.hunks {
			for _, r := range e.live.Rules[h.from:h.to] {
				lines = append(lines, Line{Chain: e.id, Rule: r})
			}
		}
	}
	return lines
}
