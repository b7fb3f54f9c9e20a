package iptables

import (
	"net/netip"
	"slices"
	"strings"
)

func matchIPRange(w *walk, m *Match, f *facts) truth {
	t := yes
	for i := range m.Options {
		o := &m.Options[i]
		c, ok := rangeCondition(o)
		if !ok {
			return w.decide(maybe, "its range is not understood")
		}
		if t = t.and(w.within(f, sideOf(o.Name), c)); t == no {
			return no
		}
	}
	return t
}

// sideOf tells --src-range from --dst-range, and --src-type from --dst-type.
func sideOf(option string) side {
	if strings.HasPrefix(option, "--src") {
		return source
	}
	return destination
}

func rangeCondition(o *Option) (condition, bool) {
	from, to, _ := strings.Cut(o.Value(), "-")
	first, err1 := netip.ParseAddr(from)
	last, err2 := netip.ParseAddr(to)
	return condition{[]interval{{first, last}}, o.Negated}, err1 == nil && err2 == nil
}

func rangeConditions(_ Tracer, m *Match, _ Family, s side) []condition {
	var out []condition
	for i := range m.Options {
		if c, ok := rangeCondition(&m.Options[i]); ok && sideOf(m.Options[i].Name) == s {
			out = append(out, c)
		}
	}
	return out
}

// A class is addresses whose type follows from the address alone.
type class struct {
	interval
	kind string
}

// The classes of Linux: __inet_dev_addr_type for IPv4, ipv6_addr_type for IPv6.
var classes = map[Family][]class{
	IPv4: {
		{everyAddress("0.0.0.0/32"), "BROADCAST"}, {everyAddress("127.0.0.0/8"), "LOCAL"},
		{everyAddress("224.0.0.0/4"), "MULTICAST"}, {everyAddress("255.255.255.255/32"), "BROADCAST"},
	},
	IPv6: {
		{everyAddress("::/128"), "UNSPEC"}, {everyAddress("::1/128"), "LOCAL"},
		{everyAddress("ff00::/8"), "MULTICAST"},
	},
}

func everyAddress(prefix string) interval { return prefixInterval(netip.MustParsePrefix(prefix)) }

// matchAddressType decides --src-type and --dst-type by class of address, so that the answer can
// be different for the cells of a universe.
func matchAddressType(w *walk, m *Match, f *facts) truth {
	t := yes
	for i := range m.Options {
		o := &m.Options[i]
		if !strings.HasSuffix(o.Name, "-type") { // --limit-iface-in, --limit-iface-out
			t = t.and(w.decide(maybe, "which interface has an address is not known"))
			continue
		}
		if t = t.and(w.addressType(o, f)); t == no {
			return no
		}
	}
	return t
}

func (w *walk) addressType(o *Option, f *facts) truth {
	s, wanted := sideOf(o.Name), strings.Split(o.Value(), ",")
	addr, stated := f.packet.end(s), f.packet.stated(s)
	if stated != "" {
		return w.decide(unless(o.Negated, w.typeIn(stated, wanted)), "its type among those is not known")
	}
	open := false          // whether the answer is open for a class
	inside := condition{}  // the classes of which the answer is yes
	outside := condition{} // and those of which it is no
	for _, c := range classes[w.family] {
		if c.kind == "LOCAL" && f.packet.External && f.packet.usual(s) == "UNICAST" {
			continue // not an address of another machine
		}
		t := w.typeIn(c.kind, wanted)
		if t == maybe && s == source && c.kind == "MULTICAST" {
			t = no // the kernel takes no packet from such an address
		}
		switch {
		case addr.IsValid() && condition{[]interval{c.interval}, false}.holds(addr):
			return w.decide(unless(o.Negated, t), "its type among those is not known")
		case t == yes:
			inside.intervals = append(inside.intervals, c.interval)
		case t == no:
			outside.intervals = append(outside.intervals, c.interval)
		default:
			open = true
		}
	}
	others := w.typeIn(f.packet.usual(s), wanted)
	if open && !addr.IsValid() {
		others = maybe
	}
	switch {
	case addr.IsValid(), others == maybe:
		return w.decide(unless(o.Negated, others), "whether the address is one of the host's is not known")
	case others == yes:
		outside.negated = !o.Negated
		return w.within(f, s, outside)
	}
	inside.negated = o.Negated
	return w.within(f, s, inside)
}

// stated is the type that the caller knows; TCP is neither broadcast nor multicast, so that an
// unknown address of it has a known type too.
func (p *Packet) stated(s side) string {
	kind := p.SourceType
	if s == destination {
		kind = p.DestinationType
	}
	if kind == "" && !p.end(s).IsValid() && p.Protocol == TCP && s == destination && p.Path == Input {
		return "LOCAL"
	}
	return kind
}

// usual is the type of an address that is in no class; "" is not known.
func (p *Packet) usual(s side) string {
	switch {
	case p.Path == Input && s == destination, p.Path == Output && s == source:
		return "LOCAL"
	case p.Path == Forward && s == destination, p.External:
		return "UNICAST"
	}
	return ""
}

// typeIn decides whether an address of a type is of one of those wanted. IPv4 looks the address up;
// IPv6 asks for the address's form first (all of MULTICAST, UNICAST and UNSPEC that are wanted
// must be true of it) and looks it up only for LOCAL, ANYCAST and UNREACHABLE (match_type6).
func (w *walk) typeIn(kind string, wanted []string) truth {
	if w.family != IPv6 {
		if kind == "" {
			return maybe
		}
		return truthOf(slices.Contains(wanted, kind))
	}
	t, found, lookup := yes, no, false
	for _, want := range wanted {
		switch want {
		case "MULTICAST", "UNSPEC":
			t = t.and(truthOf(kind == want))
		case "UNICAST":
			t = t.and(truthOf(kind != "MULTICAST" && kind != "UNSPEC"))
		case "LOCAL":
			lookup = true
			switch kind {
			case "LOCAL":
				found = yes
			case "", "MULTICAST":
				found = found.or(maybe)
			}
		default:
			lookup, found = true, found.or(maybe)
		}
	}
	if lookup {
		t = t.and(found)
	}
	return t
}

func addressTypeConditions(_ Tracer, _ *Match, f Family, _ side) []condition {
	var out condition
	for _, c := range classes[f] {
		out.intervals = append(out.intervals, c.interval)
	}
	return []condition{out}
}
