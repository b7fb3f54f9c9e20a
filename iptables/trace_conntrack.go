package iptables

import (
	"net/netip"
	"slices"
	"strings"
)

var stateNames = [...]string{"", "NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"}

// String is the state as iptables writes it, "" where it is unknown.
func (s State) String() string { return stateNames[s] }

// hasConnection reports whether the packet belongs to a connection.
func (f *facts) hasConnection(at hook) truth {
	switch f.tracked(at) {
	case 0:
		return maybe
	case StateInvalid, StateUntracked:
		return no
	}
	return yes
}

func matchState(w *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth { return w.stateIn(o, f) })
}

// stateIn decides a list of states.
func (w *walk) stateIn(o *Option, f *facts) truth {
	list := strings.Split(o.Value(), ",")
	s, t := f.tracked(w.hook), no
	if s != 0 {
		t = truthOf(slices.Contains(list, s.String()))
	} else {
		listed := 0
		for _, name := range stateNames[1:] {
			if slices.Contains(list, name) {
				listed++
			}
		}
		if listed > 0 {
			t = maybe
		}
		if listed == len(stateNames)-1 {
			t = yes
		}
	}
	connected := f.hasConnection(w.hook)
	if slices.Contains(list, "DNAT") {
		t = t.or(connected.and(factTruth(f.translated)))
	}
	if slices.Contains(list, "SNAT") {
		rewritten := maybe
		if s == StateNew { // sources are translated last of all
			rewritten = no
		}
		t = t.or(connected.and(rewritten))
	}
	return t
}

func factTruth(f Fact[bool]) truth {
	if !f.Known {
		return maybe
	}
	return truthOf(f.Value)
}

// matchConntrack follows xt_conntrack: a packet without a connection is asked for its state only,
// and without --ctstate it never matches, whatever is negated.
func matchConntrack(w *walk, m *Match, f *facts) truth {
	state, rest, asked := yes, yes, false
	for i := range m.Options {
		o := &m.Options[i]
		if o.Name == "--ctstate" {
			state, asked = unless(o.Negated, w.stateIn(o, f)), true
			continue
		}
		rest = rest.and(w.conntrackOption(o, f))
	}
	without := truthOf(asked).and(state)
	with := state.and(rest)
	switch f.hasConnection(w.hook) {
	case yes:
		return with
	case no:
		return without
	}
	if with == without {
		return with
	}
	return maybe
}

func (w *walk) conntrackOption(o *Option, f *facts) truth {
	p, s := &f.packet, f.tracked(w.hook)
	ordinary := s == StateNew || s == StateEstablished
	switch o.Name {
	case "--ctdir":
		if !p.Reply.Known || s == 0 {
			return maybe
		}
		return unless(o.Negated, truthOf(p.Reply.Value == (o.Value() == "REPLY")))
	case "--ctstatus":
		return unless(o.Negated, statusIn(o.Value(), s))
	case "--ctproto":
		if !ordinary || p.Protocol == 0 {
			return maybe
		}
		return unless(o.Negated, numberIn(Known(uint64(p.Protocol)), o.Value()))
	case "--ctorigsrc":
		c, ok := originCondition(o)
		if !ok || !ordinary || !p.forward() {
			return maybe
		}
		return w.within(f, source, c)
	case "--ctorigsrcport":
		if !ordinary || !p.forward() || p.is(TCP, UDP, udplite, SCTP, dccp) != yes {
			return maybe
		}
		return unless(o.Negated, portIn(p.SourcePort, o.Value()))
	case "--ctorigdst":
		c, ok := originCondition(o)
		switch {
		case !ok || s != StateNew:
			return maybe
		case f.openedTo.IsValid():
			return truthOf(c.holds(f.openedTo))
		case f.redirected:
			return maybe
		}
		return w.within(f, destination, c)
	case "--ctorigdstport":
		if s != StateNew || p.is(TCP, UDP, udplite, SCTP, dccp) != yes {
			return maybe
		}
		return unless(o.Negated, portIn(f.openedToPort, o.Value()))
	}
	return maybe
}

// forward: it runs in the direction in which its connection was opened, so that its source is the
// connection's (sources are translated last of all).
func (p *Packet) forward() bool { return p.Reply.Known && !p.Reply.Value }

// statusIn decides what follows from the state: a new connection was not answered yet.
func statusIn(list string, s State) truth {
	t := no
	for name := range strings.SplitSeq(list, ",") {
		bit := maybe
		switch {
		case name == "NONE": // stands for no bit at all
			bit = no
		case s == StateNew && name != "CONFIRMED":
			bit = no
		case s == StateEstablished && (name == "SEEN_REPLY" || name == "CONFIRMED"):
			bit = yes
		}
		t = t.or(bit)
	}
	return t
}

// originCondition reads "1.2.3.4" or "10.0.0.0/8". conntrack masks the packet's address but not the
// rule's own, so that one with host bits never matches; it is left undecided.
func originCondition(o *Option) (condition, bool) {
	text := o.Value()
	if p, err := netip.ParsePrefix(text); err == nil {
		return condition{[]interval{prefixInterval(p)}, o.Negated}, p == p.Masked()
	}
	a, err := netip.ParseAddr(text)
	return condition{[]interval{{a, a}}, o.Negated}, err == nil
}

func conntrackConditions(_ Tracer, m *Match, _ Family, s side) []condition {
	name := "--ctorigsrc"
	if s == destination {
		name = "--ctorigdst"
	}
	if o, ok := m.Option(name); ok {
		if c, ok := originCondition(&o); ok {
			return []condition{c}
		}
	}
	return nil
}

func matchConnmark(w *walk, m *Match, f *facts) truth {
	return f.hasConnection(w.hook).and(eachOption(m, f, func(o *Option, f *facts) truth {
		return maskedIs(widen(f.packet.ConnMark), o.Value(), 0xffffffff)
	}))
}
