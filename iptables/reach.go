package iptables

import "net/netip"

// A Query asks for which addresses of the other end a packet passes: from what sources
// one reaches this host, or through it another; or, on the output path, what destinations this
// host reaches.
type Query struct {
	// Packet is the packet, without the address that is asked for.
	Packet Packet
	// Conversation asks for whole connections: an address counts as accepted only if the
	// answer to the packet and what follows are accepted too (see Packet.Conversation). Where nat
	// gives the packet another destination, the answer is not asked: who sends it is another.
	Conversation bool
}

// A Reach is the answer: every address of the family is in exactly one of the three lists. Each is
// the shortest list of prefixes for its addresses, sorted.
type Reach struct {
	Accepted, Dropped, Unknown []netip.Prefix
}

// Reachable answers a query from the rules alone.
func Reachable(rs Ruleset, q Query) Reach { return Tracer{}.Reachable(rs, q) }

// Reachable is the function Reachable with what the Tracer knows.
func (t Tracer) Reachable(rs Ruleset, q Query) Reach {
	accepted, dropped, turned := t.reach(rs, q.Packet, false)
	if q.Conversation {
		packets := q.Packet.Conversation()
		for i, p := range packets[1:] {
			answer := i == 0
			if answer && turned {
				continue
			}
			if len(complementOf(q.Packet.Family, dropped)) == 0 {
				break // a walk with a large set takes a while
			}
			a, d, _ := t.reach(rs, p, answer)
			accepted, dropped = intersection(q.Packet.Family, accepted, a), union(dropped, d)
		}
	}
	unknown := complementOf(q.Packet.Family, union(accepted, dropped))
	return Reach{prefixesOf(accepted), prefixesOf(dropped), prefixesOf(unknown)}
}

// reach walks the rules once for all addresses of the other end, which an answer goes to. turned says that nat
// gives some packet another destination.
func (t Tracer) reach(rs Ruleset, p Packet, answer bool) (accepted, dropped []interval, turned bool) {
	other := source
	if p.Path == Output || p.Path == Forward && answer {
		other, p.Destination = destination, netip.Addr{}
	} else {
		p.Source = netip.Addr{}
	}
	u := newUniverse(p.Family, other, t.conditions(rs, p.Family, other))
	w := newWalk(t, rs, p.Family, u)
	w.route(p)
	if w.problem != "" {
		return nil, nil, false
	}
	return u.intervals(w.passedFor.minus(w.droppedFor)), u.intervals(w.droppedFor.minus(w.passedFor)), w.turned
}

// conditions are those that any rule sets for the addresses of a side: where they begin and end,
// two neighbours may fare differently.
func (t Tracer) conditions(rs Ruleset, f Family, s side) []condition {
	var out []condition
	for _, id := range rs.Chains() {
		if id.Family != f {
			continue
		}
		chain, _ := rs.Chain(id)
		for i := range chain.Rules {
			out = t.conditionsOf(out, &chain.Rules[i], s)
		}
	}
	return out
}

func (t Tracer) conditionsOf(out []condition, r *Rule, s side) []condition {
	a := &r.Source
	if s == destination {
		a = &r.Destination
	}
	if a.Prefix.IsValid() || a.Mask.IsValid() {
		c, _ := a.condition()
		out = append(out, c)
	}
	for i := range r.Matches {
		if of := matches[r.Matches[i].Name].conditions; of != nil {
			out = append(out, of(t, &r.Matches[i], r.Family, s)...)
		}
	}
	return out
}
