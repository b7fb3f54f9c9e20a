package firewall

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Question asks who may open a connection to a host, or through it to another. It is about whoever
// comes for the first time: limits of rate and of connections count as not reached.
type Question struct {
	Protocol string // a name or number; "": tcp
	Port     int    // of the destination; 0 where the protocol has none
	// SourcePort is the other end's, 0 for unknown.
	SourcePort int
	// ICMPType is that of an ICMP packet; nil is an echo request.
	ICMPType *int
	// Family is 0 for those of Sources and Destination, and for both where these name none.
	Family          iptables.Family
	Sources, Except []netip.Prefix // nil Sources: everybody but Except
	Destination     netip.Addr
	// In is the interface by which the packet comes in.
	In string
	// Forward asks for the way through the host to Destination.
	Forward bool
	// State asks for one packet in that state ("ESTABLISHED"). "" is a new connection as a whole: its first
	// packet, the answer, and what follows.
	State string
}

// packetStates are those that a Question may name.
var packetStates = map[string]iptables.State{
	"NEW": iptables.StateNew, "ESTABLISHED": iptables.StateEstablished, "RELATED": iptables.StateRelated,
	"INVALID": iptables.StateInvalid, "UNTRACKED": iptables.StateUntracked,
}

// Validate lists all that is wrong with the question.
func (q Question) Validate() []Problem {
	var ps problems
	number, err := protocolNumber(iptables.IPv4, q.protocol())
	switch ported := slices.Contains(portProtocols, protocolName(number)); {
	case err != nil:
		ps.add("protocol", "unknown protocol", "%s", err)
	case ported && (q.Port < 1 || q.Port > 65535):
		ps.add("port", "a port is needed", "%s has ports, from 1 to 65535", q.protocol())
	case !ported && q.Port != 0:
		ps.add("port", "a port where there is none", "%s has no ports", q.protocol())
	}
	if q.SourcePort < 0 || q.SourcePort > 65535 {
		ps.add("source_port", "not a port", "ports are 1 to 65535")
	}
	if q.ICMPType != nil && (*q.ICMPType < 0 || *q.ICMPType > 255) {
		ps.add("icmp_type", "not a type of ICMP", "types are 0 to 255")
	}
	if _, ok := packetStates[q.State]; !ok && q.State != "" {
		ps.add("state", fmt.Sprintf("unknown state %q", q.State), "it is NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED")
	}
	if q.Forward && !q.Destination.IsValid() {
		ps.add("destination", "no destination", "who goes through the host goes somewhere: set destination")
	}
	if q.Sources != nil && len(q.Sources) == 0 {
		ps.add("source", "nobody is asked about", "the list is empty; leave it out to ask about everybody")
	}
	if len(ps) == 0 && len(q.families()) == 0 {
		ps.add("source", "addresses of different families", "source, destination and family must have one in common")
	}
	for _, f := range q.families() {
		if len(ps) == 0 && len(q.asked(f)) == 0 {
			ps.add("source", "nobody is asked about", "all of source is in except")
		}
	}
	return ps
}

func (q Question) protocol() string {
	if q.Protocol == "" {
		return "tcp"
	}
	return q.Protocol
}

// protocolName is a protocol's name in IPv4, or its number.
func protocolName(number uint8) string {
	return protocolText(iptables.Rule{Family: iptables.IPv4, Protocol: iptables.Protocol{Number: number}})
}

// families are those that the question is about.
func (q Question) families() []iptables.Family {
	return slices.DeleteFunc(slices.Clone(iptables.Families), func(f iptables.Family) bool {
		return q.Family != 0 && q.Family != f ||
			q.Destination.IsValid() && familyOfPrefix(netip.PrefixFrom(q.Destination, 0)) != f ||
			q.Sources != nil && len(ofFamily(q.Sources, f)) == 0
	})
}

func ofFamily(prefixes []netip.Prefix, f iptables.Family) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(prefixes), func(p netip.Prefix) bool { return familyOfPrefix(p) != f })
}

// asked are the addresses of a family that the question is about.
func (q Question) asked(f iptables.Family) []netip.Prefix {
	sources := []netip.Prefix{iptables.Everyone(f)}
	if q.Sources != nil {
		sources = ofFamily(q.Sources, f)
	}
	return iptables.Without(f, sources, ofFamily(q.Except, f))
}

// packet is the first packet that the question is about, without its source.
func (q Question) packet(f iptables.Family) iptables.Packet {
	number, _ := protocolNumber(f, q.protocol())
	if f == iptables.IPv6 && number == iptables.ICMP {
		number = iptables.ICMPv6
	}
	p := iptables.NewConnection(number, netip.AddrPortFrom(netip.Addr{}, uint16(q.SourcePort)), netip.AddrPortFrom(q.Destination, uint16(q.Port)))
	p.Family, p.In = f, q.In
	if number == iptables.ICMP || number == iptables.ICMPv6 {
		kind := echo(f)
		if q.ICMPType != nil {
			kind = *q.ICMPType
		}
		p.ICMPType = iptables.Known(uint8(kind))
	}
	if q.Forward {
		p.Path = iptables.Forward
	}
	if q.State != "" {
		p.State = packetStates[q.State]
	}
	return p
}

// ParseSources reads addresses and networks: "203.0.113.7", "203.0.113.0/24", "2001:db8::/32".
func ParseSources(texts []string) ([]netip.Prefix, error) {
	all := []netip.Prefix{}
	for _, s := range texts {
		p, err := parseNetwork(s)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}
