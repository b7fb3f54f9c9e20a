package firewall

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

var (
	linkLocalUnicast   = netip.MustParsePrefix("fe80::/10")
	linkLocalMulticast = netip.MustParsePrefix("ff02::/16")
)

// linkLocal reports whether the rule is about an IPv6 neighbour on the same link.
func linkLocal(r iptables.Rule) bool {
	return inside(r.Source, linkLocalUnicast) && r.Destination == (iptables.Address{}) ||
		inside(r.Destination, linkLocalMulticast) && r.Source == (iptables.Address{})
}

func inside(a iptables.Address, p netip.Prefix) bool {
	return !a.Negated && a.Prefix.IsValid() && a.Prefix.Bits() >= p.Bits() && p.Contains(a.Prefix.Addr())
}

// configuresAddress reports whether the rule lets a DHCP client and its server speak: DHCPv6
// by its link-local addresses, DHCP for IPv4 by its pair of ports.
func configuresAddress(r iptables.Rule) bool {
	if r.Protocol != (iptables.Protocol{Number: iptables.UDP}) || !onlyMatches(r, "comment", "udp") {
		return false
	}
	m, _ := r.Match("udp")
	from, _ := m.Option("--sport")
	to, _ := m.Option("--dport")
	if from.Negated || to.Negated {
		return false
	}
	switch text(from) + ">" + text(to) {
	case "67>68", "68>67":
		return true
	case ">546", "547>546", "546>547":
		return linkLocal(r)
	}
	return false
}

// covers reports whether every packet that q matches, p matches too, as far as a comparison
// can tell: where it says false, it may still be so.
func covers(p, q iptables.Rule) bool {
	if !coversAddress(p.Source, q.Source) || !coversAddress(p.Destination, q.Destination) ||
		!coversInterface(p.In, q.In) || !coversInterface(p.Out, q.Out) || p.Fragment.Set && p.Fragment != q.Fragment {
		return false
	}
	if p.Protocol != (iptables.Protocol{}) && p.Protocol != q.Protocol {
		return false
	}
	for _, m := range p.Matches {
		if m.Name == "comment" || len(m.Options) == 0 && !m.Opaque {
			continue
		}
		if of, ok := statesOf(m); ok && slices.Contains(of, "NEW") && verdictOf(p) == refusing {
			continue // nothing that q is about can begin any more
		}
		if m.Name == "tcp" && opensConnection(m) && verdictOf(p) == refusing {
			continue
		}
		if !slices.ContainsFunc(q.Matches, func(o iptables.Match) bool { return sameMatch(m, o) }) {
			return false
		}
	}
	return true
}

func sameMatch(a, b iptables.Match) bool {
	return a.Name == b.Name && slices.EqualFunc(a.Options, b.Options, func(x, y iptables.Option) bool {
		return x.Name == y.Name && x.Negated == y.Negated && slices.Equal(x.Values, y.Values)
	})
}

func coversAddress(p, q iptables.Address) bool {
	if p == (iptables.Address{}) || p == q {
		return true
	}
	return !p.Negated && p.Prefix.IsValid() && inside(q, p.Prefix)
}

func coversInterface(p, q iptables.Interface) bool {
	return p == q || anyInterface(p) && q != iptables.Interface{Name: "lo"}
}

// disjoint reports whether no packet can match both rules, as far as a comparison can tell:
// where it says false, it may still be so.
func disjoint(p, q iptables.Rule) bool {
	return disjointAddress(p.Source, q.Source) || disjointAddress(p.Destination, q.Destination) ||
		disjointInterface(p.In, q.In) || disjointInterface(p.Out, q.Out) ||
		disjointProtocol(p.Protocol, q.Protocol) || disjointPorts(p, q)
}

func disjointAddress(p, q iptables.Address) bool {
	return !p.Negated && !q.Negated && p.Prefix.IsValid() && q.Prefix.IsValid() && !p.Prefix.Overlaps(q.Prefix)
}

func disjointInterface(p, q iptables.Interface) bool {
	return p.Name != "" && q.Name != "" && !p.Negated && !q.Negated && p.Name != q.Name &&
		!strings.HasSuffix(p.Name, "+") && !strings.HasSuffix(q.Name, "+")
}

func disjointProtocol(p, q iptables.Protocol) bool {
	return p.Number != 0 && q.Number != 0 && !p.Negated && !q.Negated && p != q
}

// disjointPorts compares the ranges of destination ports.
func disjointPorts(p, q iptables.Rule) bool {
	mine, theirs := destinationPorts(p), destinationPorts(q)
	for _, a := range mine {
		for _, b := range theirs {
			if a.from <= b.to && b.from <= a.to {
				return false
			}
		}
	}
	return len(mine) > 0 && len(theirs) > 0
}

// IsAbout reports whether a rule names a destination port among those of p, for a protocol.
func IsAbout(r iptables.Rule, protocol string, p Port) bool {
	return !r.Protocol.Negated && r.Protocol.String() == protocol &&
		slices.ContainsFunc(destinationPorts(r), func(s portSpan) bool { return s.from <= p.To && p.From <= s.to })
}

// A portSpan is a range of ports.
type portSpan struct{ from, to int }

// destinationPorts are the destination ports that a rule is about, nil where it names none.
func destinationPorts(r iptables.Rule) []portSpan {
	var spans []portSpan
	for _, name := range append([]string{"multiport"}, portProtocols...) {
		m, _ := r.Match(name)
		for _, option := range []string{"--dport", "--dports"} {
			o, found := m.Option(option)
			if !found || o.Negated {
				continue
			}
			for _, part := range strings.Split(text(o), ",") {
				if from, to, ok := portRange(part); ok {
					spans = append(spans, portSpan{from, to})
				}
			}
		}
	}
	return spans
}

// portRange reads "80" and "9000:9100", as iptables prints them.
func portRange(s string) (from, to int, ok bool) {
	first, last, isRange := strings.Cut(s, ":")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	to, err = strconv.Atoi(last)
	return from, to, err == nil
}
