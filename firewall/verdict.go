package firewall

import (
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A verdict is what a rule's target does with the packets that the rule matches. The order of
// the values is the order in which rules of one priority stand in a chain.
type verdict uint8

const (
	passing   verdict = iota // the packet goes on to the next rule: LOG, MARK, no target at all
	refusing                 // DROP, REJECT
	branching                // a jump or goto to another chain
	accepting                // ACCEPT, RETURN, and the targets of nat that settle a packet's fate
)

// extensions are the targets that are not chains. The kernel tells the two apart by looking
// for the chain; a rule's place must follow from its text alone.
var extensions = map[string]verdict{
	"DROP": refusing, "REJECT": refusing, "TARPIT": refusing, "STEAL": refusing,
	"ACCEPT": accepting, "RETURN": accepting, "QUEUE": accepting, "NFQUEUE": accepting,
	"DNAT": accepting, "SNAT": accepting, "MASQUERADE": accepting, "REDIRECT": accepting,
	"NETMAP": accepting, "SAME": accepting, "DNPT": accepting, "SNPT": accepting, "TPROXY": accepting, "SYNPROXY": accepting,
	"": passing, "AUDIT": passing, "CHECKSUM": passing, "CLASSIFY": passing, "CLUSTERIP": passing,
	"CONNMARK": passing, "CONNSECMARK": passing, "CT": passing, "DSCP": passing, "ECN": passing,
	"HL": passing, "HMARK": passing, "IDLETIMER": passing, "LED": passing, "LOG": passing,
	"MARK": passing, "NFLOG": passing, "NOTRACK": passing, "RATEEST": passing, "SECMARK": passing,
	"SET": passing, "TCPMSS": passing, "TCPOPTSTRIP": passing, "TEE": passing, "TOS": passing,
	"TRACE": passing, "TTL": passing, "ULOG": passing,
}

func verdictOf(r iptables.Rule) verdict {
	if r.Target.Goto {
		return branching
	}
	if v, ok := extensions[r.Target.Name]; ok {
		return v
	}
	if len(r.Target.Options) > 0 || r.Target.Opaque {
		return passing // a jump to a chain has no options: an extension from outside the kernel tree
	}
	return branching
}

// isLog reports whether the target only tells of the packet.
func isLog(r iptables.Rule) bool {
	return slices.Contains([]string{"LOG", "NFLOG", "ULOG", "AUDIT", "TRACE"}, r.Target.Name)
}

// unconditional reports whether every packet that another machine can send meets the rule.
// `! -i lo` is no condition in that sense: CSF ends its INPUT chain with `! -i lo -j LOGDROPIN`.
func unconditional(r iptables.Rule) bool {
	return everywhere(r) && r.Protocol == (iptables.Protocol{}) && onlyMatches(r, "comment")
}

// everywhere reports whether the rule names no address and no interface but `! lo`.
func everywhere(r iptables.Rule) bool {
	return anyAddress(r) && anyInterface(r.In) && anyInterface(r.Out) && !r.Fragment.Set
}

func anyAddress(r iptables.Rule) bool {
	return r.Source == (iptables.Address{}) && r.Destination == (iptables.Address{})
}

func anyInterface(i iptables.Interface) bool {
	return i == (iptables.Interface{}) || i == (iptables.Interface{Negated: true, Name: "lo"})
}

func onlyMatches(r iptables.Rule, names ...string) bool {
	for _, m := range r.Matches {
		if !slices.Contains(names, m.Name) {
			return false
		}
	}
	return true
}

// broad reports whether the rule meets all new connections of at least one whole protocol by
// at least one interface: it may name those, the first segment of a TCP connection or the state
// NEW, but no address or port. `-i eth0 -j DROP` and `-p tcp -j REJECT --reject-with tcp-reset`
// are how many chains end.
func broad(r iptables.Rule) bool {
	if !anyAddress(r) || r.Fragment.Set || r.Protocol.Negated {
		return false
	}
	for _, m := range r.Matches {
		switch m.Name {
		case "comment":
		case "conntrack", "state":
			if states, ok := statesOf(m); !ok || !slices.Contains(states, "NEW") {
				return false
			}
		case "tcp":
			if !opensConnection(m) {
				return false
			}
		case "udp", "sctp", "dccp", "udplite":
			if len(m.Options) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// opensConnection reports whether a tcp match has no options or only what `--syn` stands for.
func opensConnection(m iptables.Match) bool {
	for _, o := range m.Options {
		if o.Name != "--tcp-flags" || o.Negated || text(o) != "FIN,SYN,RST,ACK SYN" {
			return false
		}
	}
	return true
}

// statesOf are the states that a conntrack or state match asks for, where it asks for nothing else.
func statesOf(m iptables.Match) ([]string, bool) {
	if len(m.Options) != 1 {
		return nil, false
	}
	o := m.Options[0]
	if o.Negated || (o.Name != "--ctstate" && o.Name != "--state") {
		return nil, false
	}
	return strings.Split(strings.Join(o.Values, ","), ","), true
}

// states are the states that the rule asks for in its one state match, and in nothing else.
func states(r iptables.Rule) ([]string, bool) {
	if !onlyMatches(r, "comment", "conntrack", "state") {
		return nil, false
	}
	for _, m := range r.Matches {
		if m.Name != "comment" {
			return statesOf(m)
		}
	}
	return nil, false
}

// text is an option's values as they are printed.
func text(o iptables.Option) string { return strings.Join(o.Values, " ") }
