package review

import (
	"maps"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A wall is what the lines of one side make.
type wall struct {
	rules iptables.Ruleset
	// policies are those of built-in chains that lines say. The others are not known.
	policies map[iptables.ChainID]bool
	tracer   iptables.Tracer
	saved    []string // its sets, as a listing has them
	unread   []string
}

// build lays the lines out as the provider does.
func (s side) build() (wall, error) {
	w := wall{policies: map[iptables.ChainID]bool{}, saved: s.saved, tracer: iptables.Tracer{WithinLimits: true, Sets: s.sets}}
	ordered, placed := w.readable(s.ordered), w.readable(s.placed)
	if len(ordered) == 0 {
		var err error
		w.rules, err = firewall.Lay(placed, false)
		return w, err
	}
	rs, err := firewall.Lay(ordered, true)
	if err != nil {
		return w, err
	}
	rules, err := firewall.ParsePolicyRules(placed)
	if err != nil {
		return w, err
	}
	for _, l := range rules.Lines {
		if _, there := rs.Chain(l.Chain); !there {
			rs = rs.WithChain(l.Chain, iptables.Chain{})
		}
	}
	w.rules, err = rules.Replace(firewall.PolicyRules{}, nil)(rs)
	for _, j := range s.jumps {
		w.insert(j)
	}
	return w, err
}

// insert puts a jump at its place, or at the end of a chain that is shorter.
func (w *wall) insert(j jump) {
	id, rule, err := iptables.ParseLine(j.line)
	if err != nil {
		w.unread = append(w.unread, printable(j.line))
		return
	}
	c, _ := w.rules.Chain(id)
	at := min(j.at, len(c.Rules))
	w.rules = w.rules.WithChain(id, iptables.Chain{Policy: c.Policy, Rules: slices.Insert(slices.Clone(c.Rules), at, rule)})
}

// readable are the lines that can be read: a newer provider may have written others.
func (w *wall) readable(lines []string) []string {
	var kept []string
	for _, l := range lines {
		if id, _, err := iptables.ParsePolicyLine(l); err == nil {
			w.policies[id] = true
		} else if _, err := iptables.ParseChainLine(l); err != nil {
			if _, _, err := iptables.ParseLine(l); err != nil {
				w.unread = append(w.unread, printable(l))
				continue
			}
		}
		kept = append(kept, l)
	}
	return kept
}

// assuming is the wall with a policy for each built-in chain of the table filter by which packets
// come in, where no line says one.
func (w wall) assuming(policy string) iptables.Ruleset {
	rs := w.rules
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: "INPUT"}
		if !w.policies[id] {
			c, _ := rs.Chain(id)
			rs = rs.WithChain(id, iptables.Chain{Policy: policy, Rules: c.Rules})
		}
	}
	return rs
}

// equal reports whether two walls are of the same lines.
func (w wall) equal(o wall) bool {
	return iptables.Diff(w.rules, o.rules).Empty() && maps.Equal(w.policies, o.policies) && slices.Equal(w.saved, o.saved)
}
