package iptables

import "net/netip"

// facts are what rules can change about a packet, beside the packet itself. They are comparable:
// two states with equal facts have one future.
type facts struct {
	packet Packet
	// The destination to which the connection was opened, before any DNAT: --ctorigdst.
	openedTo     netip.Addr
	openedToPort uint16
	// redirected, resourced: rules gave it another destination, another source.
	redirected, resourced bool
	translated            Fact[bool] // the connection's destination is translated: --ctstate DNAT
	untracked             bool       // NOTRACK ran
	template              bool       // CT ran, and conntrack looks different in table raw
	setsChanged           bool       // SET ran, and members may not be what Tracer.Sets says
}

func newFacts(p Packet) facts {
	p.Source, p.Destination = p.Source.Unmap().WithZone(""), p.Destination.Unmap().WithZone("")
	f := facts{packet: p}
	if p.State == StateNew || p.Follows {
		f.openedTo, f.openedToPort, f.translated = p.Destination, p.DestinationPort, Known(false)
		f.packet.Reply = Known(false)
	}
	return f
}

// forget drops whatever rules may have changed: to know less is always safe.
func (f *facts) forget() {
	p := f.packet
	p.Source, p.Destination, p.DestinationType, p.DestinationPort = netip.Addr{}, netip.Addr{}, "", 0
	p.Mark, p.ConnMark, p.TOS, p.TTL = Fact[uint32]{}, Fact[uint32]{}, Fact[uint8]{}, Fact[uint8]{}
	p.State, p.Out = 0, ""
	*f = facts{packet: p, redirected: true, resourced: true, template: true, setsChanged: true}
}

// tracked is what connection tracking says of the packet at a station. Table raw comes before it:
// there nothing is tracked yet, which reads as INVALID, except that the loopback interface hands
// packets over as they were on their way out.
func (f *facts) tracked(at hook) State {
	p := &f.packet
	switch {
	case at.table != "raw" || f.untracked:
		return p.State
	case f.template, at.chain == "PREROUTING" && p.loopback() != no:
		return 0
	}
	return StateInvalid
}

// untrack is NOTRACK, which leaves alone what is tracked already.
func (f *facts) untrack(at hook) {
	if at.chain == "PREROUTING" {
		switch f.packet.loopback() {
		case yes:
			return
		case maybe:
			f.packet.State, f.template = 0, true
			return
		}
	}
	f.packet.State, f.untracked = StateUntracked, true
}

// loopback reports whether the packet comes in by lo.
func (p *Packet) loopback() truth {
	switch {
	case p.External || p.Path == Output:
		return no
	case p.In == "":
		return maybe
	}
	return truthOf(p.In == "lo")
}

// retrace lets the chains of nat do to a packet that follows what they did to the first one; afterwards
// it is again what it was.
func (f *facts) retrace(begin bool) {
	from, to := StateNew, StateEstablished
	if begin {
		from, to = to, from
	}
	if f.packet.Follows && f.packet.State == from {
		f.packet.State = to
	}
}

// opensConnection reports whether a chain of the nat table sees the packet.
func (f *facts) opensConnection(at hook) truth {
	p := &f.packet
	seen := no
	switch p.State {
	case 0:
		seen = maybe
	case StateNew:
		seen = yes
	case StateRelated:
		// An expected connection is set up like a new one, while an ICMP error about a connection
		// is translated with it.
		seen = p.is(ICMP, ICMPv6).not()
	}
	if at.chain == "PREROUTING" || at.chain == "INPUT" {
		// What comes by lo was set up when it left.
		seen = seen.and(p.loopback().not())
	}
	return seen
}

// is reports whether the packet's protocol is one of these.
func (p *Packet) is(protocols ...uint8) truth {
	if p.Protocol == 0 {
		return maybe
	}
	for _, n := range protocols {
		if p.Protocol == n {
			return yes
		}
	}
	return no
}

// whole reports whether the packet has its transport header, so that its ports can be looked at. The
// chains of INPUT always see whole packets: ip_local_deliver puts them together first.
func (p *Packet) whole(at hook) truth {
	switch {
	case at.chain == "INPUT":
		return yes
	case p.Fragment.Known:
		return truthOf(!p.Fragment.Value)
	case p.Family == IPv6, p.SourcePort != 0, p.DestinationPort != 0, p.ICMPType.Known, p.TCPFlags.Known:
		return yes
	}
	return maybe
}

// A truth is one of three, in an order that makes "and" the smaller of two.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (a truth) and(b truth) truth { return min(a, b) }
func (a truth) or(b truth) truth  { return max(a, b) }
func (a truth) not() truth        { return yes - a }

// unless turns a truth round where the option is negated.
func unless(negated bool, a truth) truth {
	if negated {
		return a.not()
	}
	return a
}
