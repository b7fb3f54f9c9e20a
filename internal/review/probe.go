package review

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A probe stands for all packets that the rules treat alike: a protocol, and a range of ports no rule
// cuts through.
type probe struct {
	protocol uint8 // 1 stands for ping, in either family
	from, to uint16
	named    bool // some rule names these ports; otherwise they are what is left
}

// Protocols with ports, and how people write them.
var portNames = map[uint8]string{iptables.TCP: "tcp", iptables.UDP: "udp", iptables.SCTP: "sctp", 33: "dccp", 136: "udplite"}

const ping = 1

// A way is by which interface and to which address packets come; its zero value leaves both open.
type way struct {
	in string
	to netip.Addr
	// label names it among others: "on eth1", "to 192.0.2.7"; "" for the one that no rule names.
	label string
}

// A survey collects what rules tell apart.
type survey struct {
	ranges       map[uint8][][2]uint16
	sourcePorts  [][2]uint16
	protocols    map[uint8]bool
	interfaces   []string
	destinations map[iptables.Family][]netip.Prefix
}

// surveyOf looks at all rules of two rulesets.
func surveyOf(rulesets ...iptables.Ruleset) *survey {
	s := &survey{
		ranges: map[uint8][][2]uint16{}, protocols: map[uint8]bool{iptables.TCP: true, iptables.UDP: true, ping: true},
		destinations: map[iptables.Family][]netip.Prefix{},
	}
	for _, rs := range rulesets {
		for _, id := range rs.Chains() {
			c, _ := rs.Chain(id)
			for i := range c.Rules {
				s.rule(id, &c.Rules[i])
			}
		}
	}
	return s
}

func (s *survey) rule(id iptables.ChainID, r *iptables.Rule) {
	if n := r.Protocol.Number; n != 0 && n != iptables.ICMPv6 && !r.Protocol.Negated {
		s.protocols[n] = true
	}
	outward := id.Name == "OUTPUT" || id.Name == "FORWARD" || id.Name == "POSTROUTING"
	if name := r.In.Name; name != "" && name != "lo" && name != "+" && !outward {
		name = strings.Replace(name, "+", "0", 1)
		if !slices.Contains(s.interfaces, name) {
			s.interfaces = append(s.interfaces, name)
		}
	}
	if p := r.Destination.Prefix; p.IsValid() && !outward && !slices.Contains(s.destinations[r.Family], p) {
		s.destinations[r.Family] = append(s.destinations[r.Family], p)
	}
	for _, m := range r.Matches {
		for _, o := range m.Options {
			switch o.Name {
			case "--dport", "--dports", "--ports":
				s.ranges[r.Protocol.Number] = append(s.ranges[r.Protocol.Number], spansOf(o)...)
			case "--sport", "--sports":
				s.sourcePorts = append(s.sourcePorts, spansOf(o)...)
			}
		}
	}
}

// spansOf reads ports as rules hold them: "80", "9000:9100", "80,443,9000:9100".
func spansOf(o iptables.Option) [][2]uint16 {
	var all [][2]uint16
	for part := range strings.SplitSeq(strings.Join(o.Values, ","), ",") {
		first, last, isRange := strings.Cut(part, ":")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 == nil && err2 == nil && from <= to {
			all = append(all, [2]uint16{uint16(from), uint16(to)})
		}
	}
	return all
}

// probes are the packets to ask about, protocol by protocol.
func (s *survey) probes() []probe {
	var all []probe
	for n := range s.protocols {
		if _, ported := portNames[n]; !ported {
			all = append(all, probe{protocol: n, named: n != ping})
			continue
		}
		all = append(all, cut(n, s.ranges[n])...)
	}
	slices.SortFunc(all, func(a, b probe) int {
		return (order(a.protocol)-order(b.protocol))*1<<17 + int(a.from) - int(b.from)
	})
	return all
}

// order puts TCP and UDP in front, and ping at the end of what has no ports.
func order(protocol uint8) int {
	switch protocol {
	case iptables.TCP:
		return 0
	case iptables.UDP:
		return 1
	case ping:
		return 1 << 9
	}
	return 2 + int(protocol)
}

// cut divides all ports wherever a range begins or ends.
func cut(protocol uint8, ranges [][2]uint16) []probe {
	starts := []int{1}
	for _, r := range ranges {
		starts = append(starts, max(int(r[0]), 1), int(r[1])+1)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	var all []probe
	for i, from := range starts {
		to := 1<<16 - 1
		if i+1 < len(starts) {
			to = starts[i+1] - 1
		}
		if from > to {
			continue
		}
		named := slices.ContainsFunc(ranges, func(r [2]uint16) bool { return int(r[0]) <= from && to <= int(r[1]) })
		all = append(all, probe{protocol, uint16(from), uint16(to), named})
	}
	return all
}

// maxWays bounds how many interfaces and addresses are told apart. Beyond, both are left open, and rules that ask for
// them are undecided.
const maxWays = 12

// ways are those that rules tell apart, the one that no rule names first.
func (s *survey) ways(f iptables.Family) []way {
	others := way{}
	if len(s.interfaces) > 0 {
		others.in = "other0"
	}
	var ends []netip.Addr
	for _, p := range s.destinations[f] {
		if a := p.Addr(); !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			ends = append(ends, a)
		}
	}
	if len(s.destinations[f]) > 0 {
		others.to = stranger(f, s.destinations[f])
	}
	if (len(s.interfaces)+1)*(len(ends)+1) > maxWays {
		return []way{{}}
	}
	all := []way{others}
	for _, to := range ends {
		all = append(all, way{others.in, to, "to " + to.String()})
	}
	for _, in := range s.interfaces {
		all = append(all, way{in, others.to, "on " + printable(in)})
		for _, to := range ends {
			all = append(all, way{in, to, "on " + printable(in) + " to " + to.String()})
		}
	}
	return all
}

// sourcePort is one that no rule asks for: that of an ordinary client.
func (s *survey) sourcePort() uint16 {
	for port := uint16(50000); port > 1024; port -= 7 {
		if !slices.ContainsFunc(s.sourcePorts, func(r [2]uint16) bool { return r[0] <= port && port <= r[1] }) {
			return port
		}
	}
	return 0
}

// packet is the first packet of a connection that the probe stands for.
func (p probe) packet(f iptables.Family, w way, sourcePort uint16) iptables.Packet {
	protocol := p.protocol
	if protocol == ping && f == iptables.IPv6 {
		protocol = iptables.ICMPv6
	}
	if p.from == 0 {
		sourcePort = 0
	}
	packet := iptables.NewConnection(protocol, netip.AddrPortFrom(netip.Addr{}, sourcePort), netip.AddrPortFrom(w.to, p.from))
	packet.Family, packet.In = f, w.in
	if p.protocol == ping {
		packet.ICMPType, packet.ICMPCode = iptables.Known[uint8](8), iptables.Known[uint8](0)
		if f == iptables.IPv6 {
			packet.ICMPType = iptables.Known[uint8](128)
		}
	}
	return packet
}

// String is the probe as services write ports: "443/tcp", "9000-9100/udp", "esp".
func (p probe) String() string {
	name, ported := portNames[p.protocol]
	switch {
	case p.protocol == ping:
		return "ping"
	case !ported:
		return protocolName(p.protocol)
	case p.from == p.to:
		return strconv.Itoa(int(p.from)) + "/" + name
	}
	return strconv.Itoa(int(p.from)) + "-" + strconv.Itoa(int(p.to)) + "/" + name
}

// protocolName is how iptables prints a protocol.
func protocolName(n uint8) string {
	r := iptables.Rule{Family: iptables.IPv4, Protocol: iptables.Protocol{Number: n}}
	return strings.TrimPrefix(r.Spec(iptables.Reference), "-p ")
}

// stranger is an address of the family that no rule means, the zero Addr where there is none.
func stranger(f iptables.Family, taken []netip.Prefix) netip.Addr {
	for _, s := range []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "100.64.0.1", "2001:db8::1", "2001:db8:ffff::1"} {
		a := netip.MustParseAddr(s)
		if a.Is4() == (f == iptables.IPv4) && !slices.ContainsFunc(taken, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return a
		}
	}
	return netip.Addr{}
}
