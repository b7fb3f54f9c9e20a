package firewall

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Whom a firewall lets reach a port.
const (
	FromWorld   = "world"   // more than half of all public addresses, by the host's uplink
	FromSome    = "some"    // some, for certain
	FromNobody  = "none"    // nobody but the host itself
	FromUnknown = "unknown" // nobody for certain, and somebody perhaps
)

// Exposure answers, for the ports of one host, whom its rules let reach them. It keeps its answers.
type Exposure struct {
	site   Site
	tracer iptables.Tracer
	rules  iptables.Ruleset
	known  map[door]string
}

// A door is a port with the way to it.
type door struct {
	protocol string
	family   iptables.Family
	port     int
	way      way
}

// NewExposure is about a host as it was read.
func NewExposure(s *Snapshot) *Exposure {
	return &Exposure{site: s.Facts.Site, tracer: s.Facts.Site.tracer(s.Rules), rules: s.Rules, known: map[door]string{}}
}

// ReachableFrom says whom the firewall lets reach a socket.
func (e *Exposure) ReachableFrom(s Socket) string {
	if s.Loopback() {
		return FromNobody
	}
	if !s.Address.IsUnspecified() {
		return e.through(door{s.Protocol, s.Family, s.Port, way{cmp.Or(s.Interface, e.site.interfaceOf(s.Address)), s.Address}})
	}
	ways := e.site.ways(s.Family)
	if s.Interface != "" {
		ways = slices.DeleteFunc(ways, func(w way) bool { return w.in != s.Interface })
	}
	if len(ways) == 0 {
		ways = []way{{in: s.Interface}}
	}
	best := FromNobody
	for _, w := range ways {
		found := e.through(door{s.Protocol, s.Family, s.Port, w})
		// The world comes by the uplink; who comes by another interface is in a network there.
		if uplink := e.site.Uplinks[s.Family]; found == FromWorld && uplink != "" && w.in != uplink {
			found = FromSome
		}
		if degree(found) > degree(best) {
			best = found
		}
	}
	return best
}

func degree(from string) int {
	return slices.Index([]string{FromNobody, FromUnknown, FromSome, FromWorld}, from)
}

// through says who gets through a door.
func (e *Exposure) through(d door) string {
	if found, ok := e.known[d]; ok {
		return found
	}
	q := Question{Protocol: d.protocol, Port: d.port, Family: d.family, Destination: d.way.to, In: d.way.in}
	reach := e.tracer.Reachable(e.rules, iptables.Query{Packet: q.packet(d.family), Conversation: true})
	found := FromNobody
	switch {
	case MostOf(d.family, reach.Accepted):
		found = FromWorld
	case len(iptables.Without(d.family, reach.Accepted, impossible[d.family])) > 0:
		found = FromSome
	case len(iptables.Without(d.family, reach.Unknown, impossible[d.family])) > 0:
		found = FromUnknown
	}
	e.known[d] = found
	return found
}

// impossible are sources that no packet from another machine has, or none that can be answered (RFC 1122,
// section 3.2.1.3; RFC 4291, section 2.5.3 and 2.7). Rules that accept them let nobody in.
var impossible = map[iptables.Family][]netip.Prefix{
	iptables.IPv4: {netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/3")},
	iptables.IPv6: {netip.MustParsePrefix("::/127"), netip.MustParsePrefix("ff00::/8")},
}

// public are the addresses of the Internet. Of those of IPv6 only 2000::/3 are given out.
var public = map[iptables.Family][]netip.Prefix{
	iptables.IPv4: iptables.Without(iptables.IPv4, []netip.Prefix{iptables.Everyone(iptables.IPv4)}, append([]netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	}, impossible[iptables.IPv4]...)),
	iptables.IPv6: {netip.MustParsePrefix("2000::/3")},
}

// MostOf reports whether the prefixes hold more than half of the public addresses.
func MostOf(f iptables.Family, prefixes []netip.Prefix) bool {
	return share(iptables.Shared(f, public[f], prefixes)) > share(public[f])/2
}

// share is the part of all addresses that the prefixes hold, which do not overlap.
func share(prefixes []netip.Prefix) float64 {
	sum := 0.0
	for _, p := range prefixes {
		part := 1.0
		for range p.Bits() {
			part /= 2
		}
		sum += part
	}
	return sum
}

// A Silent port is one that rules accept and on which nothing listens.
type Silent struct {
	Protocol      string
	Family        iptables.Family
	From, To      int
	ReachableFrom string // by the first port of the range
	Line          Line   // the first that accepts it
}

// Ports are the port or the range as services write it: "8080/tcp", "9000-9100/udp".
func (s Silent) Ports() string { return Port{s.From, s.To, s.Protocol}.String() }

// Silent lists the ports that accepting lines name, in INPUT of table filter and in the chains to which it
// leads, that somebody gets to, and on which nothing listens. Lines that name no port are not asked.
func (e *Exposure) Silent(sockets []Socket) []Silent {
	var all []Silent
	seen := map[door]bool{}
	for _, f := range iptables.Families {
		for _, l := range inputLines(e.rules, f) {
			if l.Rule.Target.Name != "ACCEPT" {
				continue
			}
			for _, s := range accepts(l) {
				id := door{protocol: s.Ports(), family: f}
				if seen[id] || answers(sockets, s) {
					continue
				}
				seen[id] = true
				anywhere := Socket{Protocol: s.Protocol, Family: f, Port: s.From, Address: netip.IPv4Unspecified()}
				if f == iptables.IPv6 {
					anywhere.Address = netip.IPv6Unspecified()
				}
				if s.ReachableFrom = e.ReachableFrom(anywhere); s.ReachableFrom != FromNobody {
					all = append(all, s)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Silent) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Family, b.Family))
	})
	return all
}

// answers reports whether something listens on a port of the range, for others than the host itself.
func answers(sockets []Socket, s Silent) bool {
	return slices.ContainsFunc(sockets, func(o Socket) bool {
		return o.Protocol == s.Protocol && o.Family == s.Family && s.From <= o.Port && o.Port <= s.To && !o.Loopback()
	})
}

// accepts are the destination ports of TCP or UDP that a line names.
func accepts(l Line) []Silent {
	if l.Rule.Protocol.Negated || l.Rule.Protocol.Number != iptables.TCP && l.Rule.Protocol.Number != iptables.UDP {
		return nil
	}
	var all []Silent
	for _, ports := range l.Apart(iptables.Reference).DestinationPorts {
		first, last, isRange := strings.Cut(ports, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 == nil && err2 == nil { // not "! 22"
			all = append(all, Silent{Protocol: protocolName(l.Rule.Protocol.Number), Family: l.Chain.Family, From: from, To: to, Line: l})
		}
	}
	return all
}

// inputLines are the lines of INPUT and of the chains to which it leads, each chain once.
func inputLines(rs iptables.Ruleset, f iptables.Family) Lines {
	var all Lines
	todo := []string{"INPUT"}
	for i := 0; i < len(todo); i++ {
		id := iptables.ChainID{Family: f, Table: "filter", Name: todo[i]}
		chain, _ := rs.Chain(id)
		for _, r := range chain.Rules {
			all = append(all, Line{id, r})
			next := iptables.ChainID{Family: f, Table: "filter", Name: r.Target.Name}
			if _, there := rs.Chain(next); there && !slices.Contains(todo, next.Name) {
				todo = append(todo, next.Name)
			}
		}
	}
	return all
}
