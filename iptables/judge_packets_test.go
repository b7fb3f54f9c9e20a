package iptables

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Addresses for packets; the rules of judge_rules_test.go speak of the same networks.
var (
	hostAddresses = map[Family][]netip.Addr{
		IPv4: addrs("198.18.0.1", "198.18.0.2", "198.18.7.1", "10.1.0.1"),
		IPv6: addrs("2001:db8:18::1", "2001:db8:18::2", "2001:db8:18:7::1", "fd00:1::1"),
	}
	// By the interface that leads there.
	others = map[Family]map[string][]netip.Addr{
		IPv4: {"eth0": addrs("192.0.2.33", "10.9.1.1", "10.9.200.3"), "eth1": addrs("203.0.113.5", "203.0.113.77"), "ppp0": addrs("172.16.5.5", "172.20.0.9")},
		IPv6: {"eth0": addrs("2001:db8:2::33", "fd09::1:1", "fd09:0:0:1::3"), "eth1": addrs("2001:db8:113::5", "2001:db8:113::77"), "ppp0": addrs("2001:db8:172::5", "2001:db8:172:20::9")},
	}
	// No connection comes from a port that others go to: else a packet could be taken for an answer.
	ports   = []uint16{22, 53, 80, 443, 1024, 8080, 30000, 40000}
	sources = []uint16{20, 123, 1000, 5353, 50000}
)

func addrs(list ...string) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, s := range list {
		out[i] = netip.MustParseAddr(s)
	}
	return out
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// networks are where the routes of layout lead.
func networks() map[string][]netip.Prefix {
	out := map[string][]netip.Prefix{}
	for network, wire := range map[string]string{
		"0.0.0.0/0": "eth0", "203.0.113.0/24": "eth1", "172.16.0.0/12": "ppp0",
		"::/0": "eth0", "2001:db8:113::/48": "eth1", "2001:db8:172::/48": "ppp0",
	} {
		out[wire] = append(out[wire], netip.MustParsePrefix(network))
	}
	return out
}

// A courier makes parcels, each of a connection of its own or of one that was opened before.
type courier struct {
	*rand.Rand
	id   uint32
	used map[string]bool
	open map[Family][]flow
}

// other is an address behind an interface, often one of those that rules name.
func (c *courier) other(f Family, wire string) netip.Addr {
	a := pick(c.Rand, others[f][wire]).AsSlice()
	if c.IntN(2) == 0 {
		// Not more: the kernel keeps at most 1,024 IPv6 neighbours, of all namespaces, and drops what
		// goes to another.
		a[len(a)-1] = byte(10 * (1 + c.IntN(25)))
	}
	out, _ := netip.AddrFromSlice(a)
	return out
}

// A flow is an open connection: a packet of either direction.
type flow struct{ there, back Packet }

func newCourier(r *rand.Rand) *courier {
	return &courier{Rand: r, used: map[string]bool{}, open: map[Family][]flow{}}
}

// opening is the first packet of a connection that was never there.
func (c *courier) opening(f Family, path Path, protocol uint8) Packet {
	for try := 0; ; try++ {
		if try == 100 {
			protocol = UDP // without ports the addresses are used up
		}
		in, out := pick(c.Rand, wireNames), pick(c.Rand, wireNames)
		p := Packet{
			Family: f, Path: path, External: true, In: in, Out: out, Protocol: protocol,
			Source: c.other(f, pick(c.Rand, wireNames)), Destination: pick(c.Rand, hostAddresses[f]),
			State: StateNew, Reply: Known(false), Mark: Known[uint32](0), ConnMark: Known[uint32](0),
			Fragment: Known(false), TTL: c.ttl(), TOS: Known(uint8(c.IntN(64) * 4)),
			SourcePort: uint16(1 + c.IntN(60000)), DestinationPort: pick(c.Rand, ports),
		}
		if c.IntN(4) == 0 {
			p.SourcePort = pick(c.Rand, sources)
		}
		switch path {
		case Input:
			p.Out = ""
		case Forward:
			p.Destination = c.other(f, out)
		case Output:
			p.In, p.Source, p.Destination = "", p.Destination, c.other(f, out)
			p.Mark = Known(pick(c.Rand, []uint32{0, 1, 2, 0x10, 0x13}))
		}
		c.fill(&p)
		// By its source alone it is told from all others, whatever table nat does to its destination.
		key := fmt.Sprint(p.Protocol, p.Source, p.SourcePort)
		if protocol == otherProtocol {
			key = fmt.Sprint(p.Source, p.Destination)
			c.used[fmt.Sprint(p.Destination, p.Source)] = true
		}
		if !c.used[key] && !slices.Contains(ports, p.SourcePort) {
			c.used[key] = true
			return p
		}
	}
}

// ttl is often near what rules compare it with.
func (c *courier) ttl() Fact[uint8] {
	return Known(pick(c.Rand, []uint8{2, 63, 64, 65, 99, 100, 101, 102, uint8(2 + c.IntN(200))}))
}

// fill sets what belongs to the protocol. An echo keeps its identifier in SourcePort.
func (c *courier) fill(p *Packet) {
	switch p.Protocol {
	case TCP:
		p.TCPFlags = Known(pick(c.Rand, []TCPFlags{SYN, SYN, SYN, ACK, PSH | ACK}))
	case ICMP:
		p.ICMPType, p.ICMPCode, p.DestinationPort = Known(pick(c.Rand, []uint8{8, 8, 13})), Known(uint8(0)), 0
	case ICMPv6:
		p.ICMPType, p.ICMPCode, p.DestinationPort = Known[uint8](128), Known[uint8](0), 0
	case otherProtocol:
		p.SourcePort, p.DestinationPort = 0, 0
	}
}

func (c *courier) protocol(f Family) uint8 {
	icmp := uint8(ICMP)
	if f == IPv6 {
		icmp = ICMPv6
	}
	return pick(c.Rand, []uint8{TCP, TCP, TCP, UDP, UDP, icmp, otherProtocol})
}

// next is some parcel: new, of an open connection, about one, or one that makes no sense.
func (c *courier) next(f Family) *parcel {
	path := pick(c.Rand, []Path{Input, Input, Forward, Output})
	switch n := c.IntN(20); {
	case n < 7 && len(c.open[f]) > 0:
		return c.parcel(c.follow(pick(c.Rand, c.open[f])))
	case n == 7 && len(c.open[f]) > 0:
		return c.related(f)
	case n == 8:
		return c.parcel(c.invalid(f, path))
	case n == 9 && f == IPv4:
		return c.parcel(c.broadcast())
	}
	return c.parcel(c.opening(f, path, c.protocol(f)))
}

func (c *courier) parcel(p Packet) *parcel {
	c.id++
	out := &parcel{Packet: p, id: c.id}
	out.pack(nil)
	return out
}

// follow is a later packet of an open connection, in either direction.
func (c *courier) follow(f flow) Packet {
	p := f.there
	if c.IntN(2) == 0 {
		p = f.back
	}
	p.State, p.ConnMark = StateEstablished, Fact[uint32]{}
	p.TTL, p.TOS = c.ttl(), Known(uint8(c.IntN(64)*4))
	if p.Protocol == TCP {
		p.TCPFlags = Known(pick(c.Rand, []TCPFlags{ACK, PSH | ACK}))
	}
	return p
}

// related is an ICMP error about a packet that this host sent in an open connection.
func (c *courier) related(f Family) *parcel {
	var sent []Packet
	for _, flow := range c.open[f] {
		for _, p := range []Packet{flow.there, flow.back} {
			if p.Path == Output && p.Protocol == UDP {
				sent = append(sent, p)
			}
		}
	}
	c.id++
	e := about(c.parcel(pick(c.Rand, sent)), pick(c.Rand, others[f]["eth0"]), c.id)
	c.id++
	e.In = pick(c.Rand, wireNames)
	return e
}

// invalid is a packet that belongs to no connection and can open none.
func (c *courier) invalid(f Family, path Path) Packet {
	protocol := uint8(TCP)
	if c.IntN(3) == 0 {
		if protocol = ICMP; f == IPv6 {
			protocol = ICMPv6
		}
	}
	p := c.opening(f, path, protocol)
	p.State, p.Reply, p.ConnMark = StateInvalid, Fact[bool]{}, Fact[uint32]{}
	switch protocol {
	case TCP:
		p.TCPFlags = Known(pick(c.Rand, []TCPFlags{SYN | ACK, FIN, 0, FIN | SYN}))
	case ICMP:
		p.ICMPType = Known(pick(c.Rand, []uint8{0, 14}))
	case ICMPv6:
		p.ICMPType = Known[uint8](129)
		if path == Input && c.IntN(2) == 0 { // a router's advertisement is never tracked
			p.ICMPType, p.State, p.TTL = Known[uint8](134), StateUntracked, Known[uint8](255)
		}
	}
	return p
}

func (c *courier) broadcast() Packet {
	p := c.opening(IPv4, Input, UDP)
	p.Destination, p.DestinationType = netip.MustParseAddr("255.255.255.255"), ""
	if c.IntN(2) == 0 {
		p.Destination, p.DestinationType = netip.MustParseAddr("10.1.0.255"), "BROADCAST"
	}
	return p
}

// settle waits until the kernel takes all of the host's addresses for its own, which is not at once.
func (c *courier) settle(w *world, f Family) {
	for _, a := range hostAddresses[f] {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			p := c.opening(f, Input, UDP)
			p.Destination = a
			probe := c.parcel(p)
			w.launch(probe)
			w.look()
			if strings.HasPrefix(w.seen[probe.id], "local") {
				break
			}
			if time.Now().After(deadline) {
				w.Fatalf("%s never became an address of the host", a)
			}
		}
	}
}

// openFlows opens connections of every kind: a packet, its answer and, for TCP, one more.
func (c *courier) openFlows(w *world, f Family) {
	icmp := uint8(ICMP)
	if f == IPv6 {
		icmp = ICMPv6
	}
	for _, path := range []Path{Input, Forward, Output} {
		for _, protocol := range []uint8{TCP, TCP, UDP, UDP, icmp, otherProtocol} {
			there := c.opening(f, path, protocol)
			back := there.answer()
			back.TTL, back.TOS = there.TTL, there.TOS
			if back.Path != Input {
				back.Out = Tracer{Networks: networks()}.towards(back.Destination)
			} else {
				back.In = pick(c.Rand, wireNames)
			}
			switch protocol {
			case TCP:
				there.TCPFlags = Known(SYN)
			case icmp:
				there.ICMPType, there.ICMPCode = Known[uint8](8), Known[uint8](0)
				back.ICMPType, back.ICMPCode = Known[uint8](0), Known[uint8](0)
				if f == IPv6 {
					there.ICMPType, back.ICMPType = Known[uint8](128), Known[uint8](129)
				}
				back.SourcePort = there.SourcePort
			}
			packets := []Packet{there, back}
			if protocol == TCP {
				last := there
				last.TCPFlags = Known(ACK)
				packets = append(packets, last)
			}
			for _, p := range packets {
				one := c.parcel(p)
				w.launch(one)
				if !w.arrives(one, true) {
					w.Fatalf("%v does not arrive although everything is accepted", p)
				}
			}
			c.open[f] = append(c.open[f], flow{there, back})
		}
	}
}

// again is the same packet once more; a new connection comes from another port, since the first is
// no longer new to table nat.
func (c *courier) again(p *parcel) *parcel {
	next := p.Packet
	if p.State == StateRelated {
		return p
	}
	if p.State == StateNew && next.SourcePort != 0 {
		next.SourcePort++
	}
	return c.parcel(next)
}

// described is the packet as Trace is told of it.
func (p *parcel) described() Packet {
	d := p.Packet
	if d.Protocol == ICMP || d.Protocol == ICMPv6 {
		d.SourcePort = 0
	}
	return d
}
