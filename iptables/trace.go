package iptables

import (
	"maps"
	"net/netip"
	"slices"
)

// Trace answers what becomes of a packet: it walks the chains that the kernel would walk, in
// the kernel's order, from raw to POSTROUTING. The verdict is certain (Accepted or Dropped) only
// if every way that the packet might take ends so; see Decides for what is decided and what is not.
//
// It judges the rules alone: not routes, sysctls (rp_filter), the packet's time to live, tables of
// the other backend or of other nftables programs. A mark that routes depend on is for the caller, who
// says by Path, In and Out where the packet goes.
func Trace(rs Ruleset, p Packet) Verdict { return Tracer{}.Trace(rs, p) }

// A Tracer is what is known of the host beside its rules. The zero Tracer knows nothing.
type Tracer struct {
	// Sets are the ipsets whose type and members are known, by name. A match on any other
	// set is undecided.
	Sets map[string]Set
	// Addresses are the host's own. They say where a packet goes after a DNAT; nil is unknown.
	Addresses []netip.Addr
	// Networks are those that each interface leads to, by its name. They say by which one a packet
	// leaves after a DNAT; nil is unknown.
	Networks map[string][]netip.Prefix
	// WithinLimits asks about a sender who comes for the first time, while no limit is reached: limit,
	// hashlimit and connlimit are decided so, and recent where it counts hits. Otherwise they are undecided.
	WithinLimits bool
}

// Trace is the function Trace with that knowledge.
func (t Tracer) Trace(rs Ruleset, p Packet) Verdict {
	w := newWalk(t, rs, p.Family, nil)
	w.route(p)
	return w.verdict()
}

// A hook is a built-in chain of a table, as a station of a packet's way.
type hook struct{ table, chain string }

// The stations in the order of their priorities in the kernel (include/uapi/linux/netfilter_ipv4.h):
// raw -300, connection tracking -200, mangle -150, nat's destinations -100, filter 0, security 50,
// nat's sources 100.
var (
	prerouting  = []hook{{"raw", "PREROUTING"}, {"mangle", "PREROUTING"}, {"nat", "PREROUTING"}}
	input       = []hook{{"mangle", "INPUT"}, {"filter", "INPUT"}, {"security", "INPUT"}, {"nat", "INPUT"}}
	forward     = []hook{{"mangle", "FORWARD"}, {"filter", "FORWARD"}, {"security", "FORWARD"}}
	output      = []hook{{"raw", "OUTPUT"}, {"mangle", "OUTPUT"}, {"nat", "OUTPUT"}, {"filter", "OUTPUT"}, {"security", "OUTPUT"}}
	postrouting = []hook{{"mangle", "POSTROUTING"}, {"nat", "POSTROUTING"}}
)

func (w *walk) route(p Packet) {
	start := []state{{facts: newFacts(p), cells: w.universe.all(), trail: &trail{}}}
	if p.Path == Output {
		w.accept(w.through(postrouting, w.reroute(w.through(output, start))))
		return
	}
	toHost, toOthers := w.deliver(w.through(prerouting, start))
	w.accept(w.through(input, toHost))
	w.accept(w.through(postrouting, w.through(forward, w.reroute(toOthers))))
}

// reroute sends packets with another destination out by another interface. Those that the host itself
// sends keep their first one as long as they are in chains called OUTPUT, although they were routed
// anew before some of them (nf_hook_state.out is set once for all).
func (w *walk) reroute(in []state) []state {
	for i := range in {
		if f := &in[i].facts; f.redirected {
			f.packet.Out = w.tracer.towards(f.packet.Destination)
		}
	}
	return in
}

// through walks stations one after the other: ACCEPT ends a table's chain, not the packet's way.
func (w *walk) through(hooks []hook, in []state) []state {
	for _, h := range hooks {
		if len(in) == 0 {
			return nil
		}
		w.hook = h
		if h.table != "nat" {
			in = w.base(in)
			continue
		}
		in = w.nat(in)
	}
	return in
}

// nat walks a chain of the nat table, which sees only what opens a connection: everything
// else is translated as the connection's first packet was.
func (w *walk) nat(in []state) []state {
	var out, walking []state
	for _, s := range in {
		s.facts.retrace(true)
		opens := s.facts.opensConnection(w.hook)
		if opens != yes {
			out = merge(out, s)
		}
		if opens != no {
			walking = append(walking, s)
		}
	}
	if len(walking) > 0 {
		out = merge(out, w.base(walking)...)
	}
	for i := range out {
		out[i].facts.retrace(false)
	}
	return merge(nil, out...)
}

// deliver is the routing decision: which packets are for the host, which for others.
func (w *walk) deliver(in []state) (toHost, toOthers []state) {
	for _, s := range in {
		path := s.facts.packet.Path
		local := truthOf(path == Input)
		if s.facts.redirected {
			local = w.ownAddress(&s.facts.packet)
		}
		if local != no {
			host := s
			host.facts.packet.Path, host.facts.packet.Out = Input, ""
			toHost = append(toHost, host)
		}
		if local != yes {
			s.facts.packet.Path = Forward
			if ttl := &s.facts.packet.TTL; ttl.Known && ttl.Value > 0 {
				ttl.Value-- // before the chains of FORWARD
			}
			toOthers = append(toOthers, s)
		}
	}
	return toHost, toOthers
}

// towards is the interface that leads to an address: of those with a network that holds it the one
// with the narrowest. "" is unknown.
func (t Tracer) towards(a netip.Addr) string {
	name, bits := "", -1
	for _, wire := range slices.Sorted(maps.Keys(t.Networks)) {
		for _, network := range t.Networks[wire] {
			if network.Contains(a) && network.Bits() > bits {
				name, bits = wire, network.Bits()
			}
		}
	}
	return name
}

// ownAddress decides whether a rewritten destination is one of the host's addresses.
func (w *walk) ownAddress(p *Packet) truth {
	switch {
	case p.DestinationType == "LOCAL":
		return yes
	case p.DestinationType != "":
		return no
	case !p.Destination.IsValid() || w.tracer.Addresses == nil:
		return maybe
	}
	return truthOf(slices.ContainsFunc(w.tracer.Addresses, func(a netip.Addr) bool { return a.Unmap() == p.Destination }))
}
