package firewall

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// DefaultPriority is the priority of a line whose comment begins with no number.
const DefaultPriority = 1000

// MaxPriority is the highest priority: a number of five digits in front of a comment is no
// longer read as one, so that a comment such as "10443 old port" is not.
const MaxPriority = 9999

// A rank is a line's place among the lines of its chain. It follows from the line's text
// alone, so it survives a lost state, and any two programs agree on it:
//
//	stage 0, the preamble: what a default policy keeps alive, in this order: loopback, limited
//	         echo requests, ESTABLISHED, ICMP and address configuration, then DROP of INVALID
//	stage 1, everything else, by priority; within one priority first what passes the packet on
//	         (LOG, MARK), then what refuses, then jumps, then what accepts; of what refuses and
//	         what accepts, each by comment: such lines commute, and one configuration makes
//	         one order on all hosts
//	stage 2, the catch-all: jumps that every packet takes, logging, refusals of whole
//	         protocols, and last the line that settles the fate of whatever reaches it
//
// A number in front of the comment always means stage 1, except for the very last kind.
type rank struct {
	stage, priority, kind int
	comment               string
}

const (
	preamble = iota
	body
	catchAll
)

// Kinds in the preamble.
const (
	keepsLoopback = iota
	acceptsPing   // up to a rate: a running ping is ESTABLISHED, so the rate must be asked first
	refusesPing
	keepsEstablished
	keepsICMP
	refusesInvalid
)

// Kinds in the catch-all.
const (
	jumpsForAll = iota
	logsRest
	refusesProtocol
	settlesRest
)

func (r rank) compare(o rank) int {
	return cmp.Or(cmp.Compare(r.stage, o.stage), cmp.Compare(r.priority, o.priority), cmp.Compare(r.kind, o.kind), cmp.Compare(r.comment, o.comment))
}

// like reports whether lines of both ranks may take each other's place.
func (r rank) like(o rank) bool {
	return r.stage == o.stage && r.priority == o.priority && r.kind == o.kind
}

// rankOf ranks a line that is to be put into a chain.
func rankOf(r iptables.Rule) rank {
	if settles(r) {
		return rank{stage: catchAll, kind: settlesRest}
	}
	priority, comment, numbered := splitPriority(r.Comment())
	if !numbered {
		if kind, ok := preambleKind(r); ok {
			return rank{stage: preamble, kind: kind}
		}
		if kind, ok := catchAllKind(r); ok {
			return rank{stage: catchAll, kind: kind}
		}
	}
	v := verdictOf(r)
	if v != refusing && v != accepting {
		comment = ""
	}
	return rank{body, priority, int(v), comment}
}

// priorityOf reads the number in front of a rule's comment: one to four digits, then a blank
// or the end.
func priorityOf(r iptables.Rule) (int, bool) {
	n, _, ok := splitPriority(r.Comment())
	return n, ok
}

// splitPriority takes a comment apart into its priority and its text.
func splitPriority(comment string) (n int, rest string, ok bool) {
	number, rest, _ := strings.Cut(comment, " ")
	if number == "" || len(number) > 4 || strings.Trim(number, "0123456789") != "" {
		return DefaultPriority, comment, false
	}
	n, _ = strconv.Atoi(number)
	return n, rest, true
}

// withPriority is a comment with its priority in front; a nil priority leaves it alone.
func withPriority(priority *int, comment string) string {
	switch {
	case priority == nil:
		return comment
	case comment == "":
		return strconv.Itoa(*priority)
	default:
		return strconv.Itoa(*priority) + " " + comment
	}
}

// settles reports whether the rule decides on every packet that reaches it.
func settles(r iptables.Rule) bool {
	if !unconditional(r) {
		return false
	}
	v := verdictOf(r)
	return v == refusing || v == accepting || r.Target.Goto
}

// catchAllKind says what an unnumbered line does in the catch-all at a chain's end, where it can stand there.
func catchAllKind(r iptables.Rule) (kind int, ok bool) {
	switch v := verdictOf(r); {
	case settles(r):
		return settlesRest, true
	case v == branching && unconditional(r):
		return jumpsForAll, true
	case isLog(r) && logsWhatIsLeft(r):
		return logsRest, true
	case v == refusing && broad(r):
		return refusesProtocol, true
	}
	return 0, false
}

// logsWhatIsLeft reports whether a line logs what reaches the end. One with a comment that asks for
// new connections or a protocol belongs to a service ("icmp", "esp", "all"), unless it is limited.
func logsWhatIsLeft(r iptables.Rule) bool {
	bare := withoutLimit(r)
	return broad(bare) && (r.Comment() == "" || unconditional(r) || len(bare.Matches) < len(r.Matches))
}

// withoutLimit is the rule without the matches that only bound how often it is met.
func withoutLimit(r iptables.Rule) iptables.Rule {
	r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), func(m iptables.Match) bool {
		return m.Name == "limit" || m.Name == "hashlimit"
	})
	return r
}

// preambleKind says which line of a default policy's preamble this is, judged by what it
// does: a line that somebody typed by hand counts as well. ICMP with a comment is a service,
// which may have lines that log and limit in front.
func preambleKind(r iptables.Rule) (kind int, ok bool) {
	v := verdictOf(r)
	if v != accepting && v != refusing || r.Target.Name == "RETURN" {
		return 0, false
	}
	if v == accepting && isLoopback(r) {
		return keepsLoopback, true
	}
	if !anyAddress(r) && !linkLocal(r) {
		return 0, false
	}
	plain := r.Comment() == ""
	if plain && isEcho(r) && v == refusing && everywhere(r) {
		return refusesPing, true
	}
	if _, limited := r.Match("limit"); plain && limited && isEcho(r) {
		return acceptsPing, true
	}
	if of, ok := states(r); ok {
		switch {
		case v == accepting && !slices.ContainsFunc(of, func(s string) bool { return s != "RELATED" && s != "ESTABLISHED" }):
			return keepsEstablished, true
		case v == refusing && len(of) == 1 && of[0] == "INVALID":
			return refusesInvalid, true
		}
	}
	if v == accepting && plain && (isICMP(r) || configuresAddress(r)) {
		return keepsICMP, true
	}
	return 0, false
}

func isLoopback(r iptables.Rule) bool {
	lo := iptables.Interface{Name: "lo"}
	return (r.In == lo || r.Out == lo) && r.Protocol == (iptables.Protocol{}) && onlyMatches(r, "comment")
}

func isICMP(r iptables.Rule) bool {
	return r.Protocol == iptables.Protocol{Number: iptables.ICMP} || r.Protocol == iptables.Protocol{Number: iptables.ICMPv6}
}

// isEcho reports whether the rule is about echo requests: ping.
func isEcho(r iptables.Rule) bool {
	if m, ok := r.Match("icmp"); ok && isICMP(r) {
		o, _ := m.Option("--icmp-type")
		return o.Value() == "8" && !o.Negated
	}
	if m, ok := r.Match("icmp6"); ok && isICMP(r) {
		o, _ := m.Option("--icmpv6-type")
		return o.Value() == "128" && !o.Negated
	}
	return false
}
