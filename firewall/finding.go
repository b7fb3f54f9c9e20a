package firewall

import (
	"net/netip"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// The verdicts of a Finding.
const (
	VerdictAccepted = "accepted" // everybody who was asked about gets through
	VerdictDropped  = "dropped"  // nobody does
	VerdictSome     = "some"     // some do for certain, and others do not, or perhaps
	VerdictUnknown  = "unknown"  // nobody does for certain, and somebody perhaps
)

// A Finding is the answer to a Question. Everybody who was asked about is in one of the lists.
type Finding struct {
	Verdict                    string
	Accepted, Refused, Unknown []netip.Prefix
	// Example is one of those asked about: one who gets through, where there is one. Path are the lines
	// and policies that decide on it, in order, and Because is the reason in a phrase.
	Example netip.Addr
	Path    []iptables.TraceStep
	Because string
}

// PathText are the lines and policies of Path in the spelling of each family's command.
func (f Finding) PathText(dialect func(iptables.Family) iptables.Dialect) []string {
	text := make([]string, len(f.Path))
	for i, step := range f.Path {
		text[i] = step.Text(dialect(step.Chain.Family))
	}
	return text
}

// Ask answers a question that Validate has nothing against. What the question leaves open of the host, its
// interface and its address, is that of the site's uplink, where that is known.
func (s Site) Ask(rs iptables.Ruleset, q Question) Finding {
	var findings []Finding
	for _, f := range q.families() {
		findings = append(findings, s.ask(rs, s.aim(q, f), f))
	}
	return joined(findings)
}

// aim fills in by which interface, and to which address, the packet comes.
func (s Site) aim(q Question, f iptables.Family) Question {
	if q.Forward {
		if q.In == "" {
			q.In = s.Uplinks[f]
		}
		return q
	}
	if q.In == "" && q.Destination.IsValid() {
		q.In = s.interfaceOf(q.Destination)
	}
	for _, w := range s.ways(f) {
		if (q.In == "" || q.In == w.in) && !q.Destination.IsValid() {
			q.In, q.Destination = w.in, w.to
		}
	}
	return q
}

func (s Site) ask(rs iptables.Ruleset, q Question, f iptables.Family) Finding {
	tracer, packet, asked := s.tracer(rs), q.packet(f), q.asked(f)
	reach := tracer.Reachable(rs, iptables.Query{Packet: packet, Conversation: q.State == ""})
	found := Finding{
		Accepted: iptables.Shared(f, asked, reach.Accepted),
		Refused:  iptables.Shared(f, asked, reach.Dropped),
		Unknown:  iptables.Shared(f, asked, reach.Unknown),
	}
	found.Verdict = verdictFor(found)
	packet.Source = exampleOf(slices.Concat(found.Accepted, found.Unknown, found.Refused))
	found.Example = packet.Source
	verdict := q.decisive(tracer, rs, packet)
	found.Path, found.Because = verdict.Path, verdict.Because
	return found
}

// decisive is what becomes of the first packet that is not simply accepted, or of the first of all.
func (q Question) decisive(tracer iptables.Tracer, rs iptables.Ruleset, first iptables.Packet) iptables.Verdict {
	verdict := tracer.Trace(rs, first)
	if q.State != "" || verdict.Answer != iptables.Accepted {
		return verdict
	}
	conversation := first.Conversation()[1:]
	if translated(verdict) {
		conversation = conversation[1:] // another host answers
	}
	for _, p := range conversation {
		if v := tracer.Trace(rs, p); v.Answer != iptables.Accepted {
			return v
		}
	}
	return verdict
}

// translated reports whether nat gave the packet another destination.
func translated(v iptables.Verdict) bool {
	return slices.ContainsFunc(v.Path, func(s iptables.TraceStep) bool {
		return slices.Contains([]string{"DNAT", "REDIRECT", "NETMAP"}, s.Rule.Target.Name)
	})
}

func verdictFor(f Finding) string {
	switch {
	case len(f.Accepted) > 0 && len(f.Refused)+len(f.Unknown) == 0:
		return VerdictAccepted
	case len(f.Accepted) > 0:
		return VerdictSome
	case len(f.Unknown) > 0:
		return VerdictUnknown
	}
	return VerdictDropped
}

// strangers are addresses that nobody has (RFC 5737, RFC 3849): of a wide network, they make the better example.
var strangers = []netip.Addr{netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("2001:db8::1")}

// exampleOf is an address of the first prefix.
func exampleOf(prefixes []netip.Prefix) netip.Addr {
	if len(prefixes) == 0 {
		return netip.Addr{}
	}
	for _, a := range strangers {
		if prefixes[0].Contains(a) {
			return a
		}
	}
	a := prefixes[0].Addr()
	if next := a.Next(); prefixes[0].Contains(next) {
		return next
	}
	return a
}

// joined is one finding for several families. The path is of the one in which somebody gets through.
func joined(findings []Finding) Finding {
	if len(findings) == 1 {
		return findings[0]
	}
	rank := func(f Finding) int {
		return slices.Index([]string{VerdictAccepted, VerdictSome, VerdictUnknown, VerdictDropped}, f.Verdict)
	}
	var all Finding
	for i, f := range findings {
		all.Accepted = append(all.Accepted, f.Accepted...)
		all.Refused = append(all.Refused, f.Refused...)
		all.Unknown = append(all.Unknown, f.Unknown...)
		if i == 0 || rank(f) < rank(findings[0]) {
			all.Example, all.Path, all.Because = f.Example, f.Path, f.Because
		}
	}
	all.Verdict = verdictFor(all)
	return all
}
