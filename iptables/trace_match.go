package iptables

import (
	"net/netip"
	"strings"
)

// A matcher is what Trace knows of a match extension. Without holds every packet leaves it
// undecided.
type matcher struct {
	about string // for the documentation, and where it is undecided the reason
	holds func(w *walk, m *Match, f *facts) truth
	// conditions are the addresses that the match tells apart, for one side of the packet.
	conditions func(t Tracer, m *Match, f Family, s side) []condition
}

// match decides whether a rule applies. It leaves in w.doubt why it cannot tell, and in w.among for
// which addresses of the universe the answer holds; to all others the rule does not apply.
func (w *walk) match(r *Rule, f *facts) truth {
	w.doubt, w.among = "", w.among[:0]
	t := w.header(r, f)
	for i := range r.Matches {
		if t == no {
			break
		}
		t = t.and(w.extension(&r.Matches[i], f))
	}
	return t
}

// header decides what stands in a rule in front of its matches.
func (w *walk) header(r *Rule, f *facts) truth {
	p, t := &f.packet, yes
	if r.Protocol.Number != 0 {
		is := unless(r.Protocol.Negated, p.is(r.Protocol.Number))
		t = t.and(w.decide(is, "the protocol is not known"))
	}
	if t != no {
		t = t.and(w.address(f, source, &r.Source))
	}
	if t != no {
		t = t.and(w.address(f, destination, &r.Destination))
	}
	if t != no && r.In.Name != "" {
		is := unless(r.In.Negated, w.arrivesBy(p, r.In.Name))
		t = t.and(w.decide(is, "the incoming interface is not known"))
	}
	if t != no && r.Out.Name != "" {
		is := unless(r.Out.Negated, w.leavesBy(p, r.Out.Name))
		t = t.and(w.decide(is, "the outgoing interface is not known"))
	}
	if t != no && r.Fragment.Set {
		is := unless(r.Fragment.Negated, p.whole(w.hook).not())
		t = t.and(w.decide(is, "whether it is a fragment is not known"))
	}
	return t
}

// decide notes the reason where the answer is open; the first reason stays.
func (w *walk) decide(t truth, reason string) truth {
	if t == maybe && w.doubt == "" {
		w.doubt = reason
	}
	return t
}

func (w *walk) extension(m *Match, f *facts) truth {
	known, ok := matches[m.Name]
	switch {
	case !ok || m.Opaque:
		return w.decide(maybe, "match "+m.Name+" is not understood")
	case known.holds == nil && w.tracer.WithinLimits && withinLimits[m.Name] != nil:
		return w.decide(withinLimits[m.Name](m), "match "+m.Name+": "+known.about)
	case known.holds == nil:
		return w.decide(maybe, "match "+m.Name+": "+known.about)
	}
	t := known.holds(w, m, f)
	if t == maybe && w.doubt == "" {
		w.doubt = "what match " + m.Name + " looks at is not known"
	}
	return t
}

// eachOption is the way of most matches: one holds if each of its options does, and `!` turns an
// option round.
func eachOption(m *Match, f *facts, holds func(o *Option, f *facts) truth) truth {
	t := yes
	for i := range m.Options {
		o := &m.Options[i]
		if t = t.and(unless(o.Negated, holds(o, f))); t == no {
			return no
		}
	}
	return t
}

// arrivesBy compares a name with the interface by which the packet came. On the way out there is
// none, and the kernel compares with the empty name.
func (w *walk) arrivesBy(p *Packet, pattern string) truth {
	switch w.hook.chain {
	case "OUTPUT":
		return no
	case "POSTROUTING":
		if p.Path == Output {
			return no
		}
		return maybe // Linux up to 5.6 does not pass it on
	}
	return p.interfaceIs(p.In, pattern)
}

// leavesBy is the same for the way out: before routing, and on the way to the host, there is none.
func (w *walk) leavesBy(p *Packet, pattern string) truth {
	switch w.hook.chain {
	case "PREROUTING", "INPUT":
		return no
	}
	return p.interfaceIs(p.Out, pattern)
}

func (p *Packet) interfaceIs(name, pattern string) truth {
	start, open := strings.CutSuffix(pattern, "+")
	switch {
	case open && start == "":
		return yes
	case name == "" && pattern == "lo" && p.External:
		return no
	case name == "":
		return maybe
	case open:
		return truthOf(strings.HasPrefix(name, start))
	}
	return truthOf(name == pattern)
}

// address decides -s and -d.
func (w *walk) address(f *facts, s side, a *Address) truth {
	addr := f.packet.end(s)
	switch {
	case a.Prefix.IsValid():
		if addr.IsValid() {
			return truthOf(a.Prefix.Contains(addr) != a.Negated)
		}
	case a.Mask.IsValid():
		if addr.IsValid() {
			return truthOf((and(addr, a.Mask) == a.IP) != a.Negated)
		}
	default:
		return yes
	}
	c, exact := a.condition()
	if exact {
		return w.within(f, s, c)
	}
	t := w.decide(maybe, "a mask with so many gaps is not followed")
	if !a.Negated {
		t = t.and(w.within(f, s, c))
	}
	return t
}

func (p *Packet) end(s side) netip.Addr {
	if s == source {
		return p.Source
	}
	return p.Destination
}

var unknownEnd = [...]string{source: "the source address is not known", destination: "the destination address is not known"}

// within decides a condition on an address. In a universe it holds for some cells, which are noted.
func (w *walk) within(f *facts, s side, c condition) truth {
	addr := f.packet.end(s)
	switch {
	case len(c.intervals) == 0:
		return truthOf(c.negated)
	case addr.IsValid():
		return truthOf(c.holds(addr))
	case w.universe.holds(f, s):
		w.among = append(w.among, c)
		return yes
	}
	return w.decide(maybe, unknownEnd[s])
}

// maxGaps bounds the prefixes that stand for a mask with gaps: 2 to the power of its inner zeros.
const maxGaps = 12

// condition is what -s or -d says about an address. It is not exact where the mask has too many gaps to
// be written as intervals: then it holds for more addresses than those.
func (a *Address) condition() (c condition, exact bool) {
	if a.Prefix.IsValid() {
		return condition{[]interval{prefixInterval(a.Prefix)}, a.Negated}, true
	}
	if list, ok := gapIntervals(a.IP, a.Mask); ok {
		return condition{list, a.Negated}, true
	}
	m, bits := a.Mask.AsSlice(), 0
	for m[bits/8]&(0x80>>(bits%8)) != 0 { // a mask with gaps ends
		bits++
	}
	return condition{intervals: []interval{prefixInterval(netip.PrefixFrom(a.IP, bits))}}, false
}

// gapIntervals lists the addresses that a mask with gaps lets through.
func gapIntervals(ip, mask netip.Addr) ([]interval, bool) {
	m := mask.AsSlice()
	bits := len(m) * 8
	for bits > 0 && m[(bits-1)/8]&(0x80>>((bits-1)%8)) == 0 {
		bits--
	}
	list := []netip.Addr{ip}
	for i := range bits {
		if m[i/8]&(0x80>>(i%8)) != 0 {
			continue
		}
		if len(list) == 1<<maxGaps {
			return nil, false
		}
		for _, a := range list {
			b := a.AsSlice()
			b[i/8] |= 0x80 >> (i % 8)
			set, _ := netip.AddrFromSlice(b)
			list = append(list, set)
		}
	}
	out := make([]interval, len(list))
	for i, a := range list {
		out[i] = prefixInterval(netip.PrefixFrom(a, bits))
	}
	return out, true
}
