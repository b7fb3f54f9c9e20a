package iptables

import "strings"

// textBudget bounds how many rules of one table iptables has to compare for -C and -D with a
// text: 1.8.9-nft needs about a microsecond for each line that stands above the one it
// looks for (10,000 lines, one hundred -C: 0.5 s; -D by number: 0.07 s).
const textBudget = 50_000

// nameable reports whether -C and -D find the rule when they are given the text that a listing
// prints for it. Seen from 1.4.21 to 1.8.11, nft and legacy:
//
//   - recent and connlimit with the default mask are never found;
//   - a match without options (-m rt, -m tcp) can be printed for a range that never matches, which
//     is a different rule;
//   - the same match twice is not always found by legacy (conntrack);
//   - an interface with a blank in it is printed without quotes;
//   - icmp type "any" stands for two different codes.
//
// What the package does not understand is not relied upon either.
func nameable(r Rule) bool {
	if r.Target.Opaque || strings.ContainsAny(r.In.Name+r.Out.Name, " \t\"'\\") {
		return false
	}
	for i, m := range r.Matches {
		if m.Opaque || len(m.Options) == 0 || !nameableMatch(m) {
			return false
		}
		for _, earlier := range r.Matches[:i] {
			if earlier.Name == m.Name {
				return false
			}
		}
	}
	return oneLine(r.Input(Reference))
}

func nameableMatch(m Match) bool {
	value := func(name string) string {
		o, _ := m.Option(name)
		return o.Value()
	}
	switch m.Name {
	case "recent":
		mask := value("--mask")
		return mask != "" && mask != "255.255.255.255" && mask != "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
	case "connlimit":
		mask := value("--connlimit-mask")
		return mask != "" && mask != "32" && mask != "128"
	case "icmp":
		return value("--icmp-type") != "any"
	}
	return true
}

// steady reports whether a rule is a good guard: nameable, and certainly listed as it is. A host's
// iptables 1.8.7 lists rules of a newer nft binary (a container's, say) without their tcp, udp or
// mark match: such a text is never found, and the change could never be committed.
func steady(r Rule) bool {
	if !nameable(r) {
		return false
	}
	if n := r.Protocol.Number; n != TCP && n != UDP && n != SCTP || r.Protocol.Negated {
		return true
	}
	for _, m := range r.Matches {
		switch m.Name {
		case "tcp", "udp", "sctp", "multiport":
			return true
		}
	}
	return false
}

// deletedByText picks the lines to delete by their text instead of by number: iptables then
// refuses the whole block if the line is not there any more. -D takes the first line that it finds
// equal, so there must be no such line above. An upstream 1.8.11-nft ignores interfaces
// when it compares, hence lines that differ in nothing else count as equal here.
func (e chainEdit) deletedByText() map[int]bool {
	chosen := map[int]bool{}
	budget := textBudget
	for _, h := range e.hunks {
		for i := h.from; i < h.to; i++ {
			if budget -= i + 1; budget < 0 {
				return chosen
			}
			if r := e.live.Rules[i]; nameable(r) && !twinAbove(e.live.Rules[:i], r) {
				chosen[i] = true
			}
		}
	}
	return chosen
}

func twinAbove(above []Rule, r Rule) bool {
	r.In, r.Out = Interface{}, Interface{}
	key := ""
	for _, other := range above {
		if other.Source != r.Source || other.Destination != r.Destination || other.Protocol != r.Protocol ||
			other.Target.Name != r.Target.Name || len(other.Matches) != len(r.Matches) {
			continue
		}
		if key == "" {
			key = r.Key()
		}
		other.In, other.Out = Interface{}, Interface{}
		if other.Key() == key {
			return true
		}
	}
	return false
}

// checks are the guards of one table: the kept lines next to each place where the change builds
// on what stands there. At most one above and one below each place.
func checks(edits []chainEdit, d Dialect) []Step {
	var steps []Step
	budget := textBudget
	for _, e := range edits {
		var done []string
		check := func(i int) {
			if i < 0 || i >= len(e.live.Rules) || !steady(e.live.Rules[i]) {
				return
			}
			spec := e.live.Rules[i].Input(d)
			for _, s := range done {
				if s == spec {
					return
				}
			}
			if budget -= i + 1; budget < 0 {
				return
			}
			done = append(done, spec)
			steps = append(steps, Step{Table: e.id.Table, Kind: StepCheck, Chain: e.id.Name, Spec: spec})
		}
		if e.gone || e.refill {
			continue // nothing of the chain stays, so nothing is built upon
		}
		for _, h := range e.hunks {
			check(h.from - 1)
			check(h.to)
		}
		if e.newPolicy() != "" && !e.endsInHunk() {
			check(len(e.live.Rules) - 1)
		}
	}
	return steps
}

// endsInHunk reports whether the last live line changes, so that a check stands above it already.
func (e chainEdit) endsInHunk() bool {
	return len(e.hunks) > 0 && e.hunks[len(e.hunks)-1].to == len(e.live.Rules)
}
