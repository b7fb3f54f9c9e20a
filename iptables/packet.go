package iptables

import "net/netip"

// A Packet is a packet as far as it is known. What is left at its zero value is unknown,
// and every match on it is undecided; only Family is required.
//
// The description is of the packet as it enters its first chain. What rules do to it on
// its way (marks, DNAT, NOTRACK) Trace works out by itself.
type Packet struct {
	Family Family
	Path   Path

	// In and Out are the names of the interfaces by which it comes and leaves.
	In, Out string
	// External says that the other end is another machine, so that neither interface is lo
	// and its address is not one of the host's own: what "-i lo -j ACCEPT" needs to know.
	External bool

	Source, Destination netip.Addr
	// SourceType and DestinationType are what `-m addrtype` asks for: "LOCAL", "UNICAST",
	// "BROADCAST", "MULTICAST", ... Where they are empty they follow from the address: on the
	// input path a destination that is not multicast, broadcast or 0.0.0.0 is LOCAL, and with
	// External the other end's address is UNICAST.
	SourceType, DestinationType string

	// Protocol is the transport protocol's number, behind any IPv6 extension headers.
	Protocol                    uint8
	SourcePort, DestinationPort uint16
	ICMPType, ICMPCode          Fact[uint8] // of ICMP or ICMPv6, by the family
	TCPFlags                    Fact[TCPFlags]

	State State
	// Reply says whether the packet runs against the direction in which its connection was
	// opened. A new connection's packet never does.
	Reply Fact[bool]
	// Follows says that it runs in the direction in which its connection was opened, behind the first
	// packet: nat gives it the addresses that it gave that one.
	Follows bool
	// Mark is the packet's mark (0 unless something outside iptables sets it); ConnMark is its
	// connection's (0 for a new connection).
	Mark, ConnMark Fact[uint32]

	// Fragment says that it is an IPv4 fragment other than the first. A packet whose ports,
	// ICMP type or TCP flags are known is none.
	Fragment Fact[bool]
	Length   Fact[uint32] // of the whole IP packet, in bytes
	TTL      Fact[uint8]  // or the IPv6 hop limit
	TOS      Fact[uint8]  // the whole byte, or the IPv6 traffic class
}

// A Path is the way that a packet takes through the host, which says what chains it meets.
type Path uint8

// The three ways. DNAT and REDIRECT may turn a packet from one into another.
const (
	Input   Path = iota // from the network to the host itself
	Forward             // from the network to another machine
	Output              // from the host itself
)

// String is the name of the filter chain that the way is known by.
func (p Path) String() string { return [...]string{"INPUT", "FORWARD", "OUTPUT"}[p] }

// A State is what connection tracking says of a packet. The zero State is unknown.
type State uint8

// The states of `--ctstate`.
const (
	StateNew State = iota + 1
	StateEstablished
	StateRelated
	StateInvalid
	StateUntracked
)

// A Fact is a property that may be unknown; the zero Fact is. It exists because 0 is a
// proper value of most fields of a packet.
type Fact[T comparable] struct {
	Value T
	Known bool
}

// Known is a fact that is known.
func Known[T comparable](value T) Fact[T] { return Fact[T]{value, true} }

// TCPFlags are the flags of a TCP segment, as bits of its header's 14th byte.
type TCPFlags uint8

// The flags that iptables can match.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// NewConnection is the first packet of a connection from another machine to this host: its
// interface is unknown, its mark 0. Protocol is TCP, UDP or another with ports; the zero
// client or server is unknown.
func NewConnection(protocol uint8, client, server netip.AddrPort) Packet {
	p := Packet{
		Family: IPv4, Path: Input, External: true,
		Source: client.Addr().Unmap().WithZone(""), SourcePort: client.Port(),
		Destination: server.Addr().Unmap().WithZone(""), DestinationPort: server.Port(),
		Protocol: protocol, State: StateNew, Reply: Known(false),
		Mark: Known[uint32](0), ConnMark: Known[uint32](0), Fragment: Known(false),
	}
	if p.Source.Is6() || p.Destination.Is6() {
		p.Family = IPv6
	}
	if protocol == TCP {
		p.TCPFlags = Known(SYN)
	}
	return p
}

// Conversation is the first packets of a connection, given the first of all: itself, the answer to
// it, and the first packet that follows in its own direction, which is no longer NEW. A
// connection works only if all three are accepted.
func (p Packet) Conversation() []Packet {
	answer, follow := p.answer(), p
	follow.State, follow.Follows = StateEstablished, true
	follow.ConnMark = Fact[uint32]{} // a rule that met the first packet may have set it
	if p.Protocol == TCP {
		follow.TCPFlags = Known(ACK)
	}
	return []Packet{p, answer, follow}
}

func (p Packet) answer() Packet {
	a := Packet{
		Family: p.Family, External: p.External, In: p.Out, Out: p.In,
		Source: p.Destination, Destination: p.Source,
		SourceType: p.DestinationType, DestinationType: p.SourceType,
		Protocol: p.Protocol, SourcePort: p.DestinationPort, DestinationPort: p.SourcePort,
		State: StateEstablished, Reply: Known(true), Mark: Known[uint32](0), Fragment: p.Fragment,
	}
	switch p.Path {
	case Input:
		a.Path = Output
	case Output:
		a.Path = Input
	case Forward:
		a.Path = Forward
	}
	if p.Protocol == TCP {
		a.TCPFlags = Known(SYN | ACK)
	}
	return a
}
