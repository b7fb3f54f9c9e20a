package iptables

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Set is an ipset whose members are known.
type Set struct {
	// Type is as `ipset create` takes it: "hash:ip", "hash:net", "hash:ip,port", "hash:net,port",
	// "bitmap:port", "list:set", ... A set that was made with netmask, bitmask, markmask or
	// wildcard compares otherwise than here and does not belong among the known ones.
	Type string
	// Members are as `ipset save` prints them behind "add NAME": "10.0.0.0/8 nomatch",
	// "10.0.0.1,tcp:80". A member that will time out is one until then.
	Members []string
}

// An element is a member of a set, taken apart.
type element struct {
	parts   []string // one for each dimension of the set
	nomatch bool
	bits    int // the shortest prefix among the parts: the longest element decides
}

func (s Set) dimensions() []string {
	_, list, _ := strings.Cut(s.Type, ":")
	return strings.Split(list, ",")
}

// elements are sorted so that of two that hold an address the later decides.
func (s Set) elements() []element {
	out := make([]element, len(s.Members))
	for i, m := range s.Members {
		words := strings.Fields(m)
		if len(words) == 0 {
			continue
		}
		e := element{parts: strings.Split(words[0], ","), nomatch: slices.Contains(words, "nomatch")}
		if p, err := netip.ParsePrefix(e.parts[0]); err == nil {
			e.bits = p.Bits()
		} else {
			e.bits = 128
		}
		out[i] = e
	}
	slices.SortStableFunc(out, func(a, b element) int { return cmp.Compare(a.bits, b.bits) })
	return out
}

// matchSet decides -m set for sets that the Tracer knows.
func matchSet(w *walk, m *Match, f *facts) truth {
	name, directions, negated, ok := setOption(m)
	if !ok {
		return w.decide(maybe, "the counters of a set are not known")
	}
	if _, known := w.tracer.Sets[name]; !known || f.setsChanged {
		return w.decide(maybe, "the members of set "+name+" are not known")
	}
	in, t := w.inSet(name, directions, f)
	if t == no && len(in) > 0 {
		return w.within(f, w.universe.side, condition{in, negated})
	}
	return w.decide(unless(negated, t), "whether it is in set "+name+" is not known")
}

// setOption reads --match-set NAME src,dst; false where other options look at counters.
func setOption(m *Match) (name string, directions []string, negated, ok bool) {
	for _, o := range m.Options {
		words := strings.Fields(strings.Join(o.Values, " "))
		switch {
		case o.Name == "--match-set" && len(words) == 2:
			name, directions, negated, ok = words[0], strings.Split(words[1], ","), o.Negated, true
		case strings.HasPrefix(o.Name, "--update-"): // only counts
		default:
			return "", nil, false, false
		}
	}
	return name, directions, negated, ok
}

// inSet decides whether the packet is in a set. Where that depends on the address of the universe,
// the answer is for which addresses it is.
func (w *walk) inSet(name string, directions []string, f *facts) ([]interval, truth) {
	set := w.tracer.Sets[name]
	dimensions := set.dimensions()
	if set.Type == "list:set" {
		return w.inAnySet(w.elements(name), directions, f)
	}
	if len(directions) < len(dimensions) { // the kernel finds nothing then
		return nil, no
	}
	var in []interval
	t := no
	for _, e := range w.elements(name) {
		where, holds := w.inElement(e, dimensions, directions, f)
		switch {
		case holds == no:
		case where == nil && e.nomatch:
			t = t.and(holds.not())
		case where == nil:
			t = t.or(holds)
		case holds == maybe || t != no:
			t = maybe
		case e.nomatch:
			in = intersection(w.family, in, complementOf(w.family, []interval{*where}))
		default:
			in = append(in, *where)
		}
	}
	return union(in, nil), t
}

func (w *walk) inAnySet(sets []element, directions []string, f *facts) ([]interval, truth) {
	var in []interval
	t := no
	for _, e := range sets {
		name := e.parts[0]
		if one, known := w.tracer.Sets[name]; !known || one.Type == "list:set" {
			t = t.or(maybe)
			continue
		}
		more, holds := w.inSet(name, directions, f)
		in, t = union(in, more), t.or(holds)
	}
	return in, t
}

// inElement compares each dimension. The interval is the addresses of the universe for which the
// rest of the answer holds; nil where it holds for all.
func (w *walk) inElement(e element, dimensions, directions []string, f *facts) (*interval, truth) {
	if len(e.parts) != len(dimensions) {
		return nil, maybe
	}
	var where *interval
	t := yes
	for i, part := range e.parts {
		s := destination
		if directions[i] == "src" {
			s = source
		}
		switch dimensions[i] {
		case "ip", "net":
			covered, ok := elementInterval(part)
			addr := f.packet.end(s)
			switch {
			case !ok:
				t = t.and(maybe)
			case covered.first.Is4() != (w.family == IPv4):
				t = no
			case !addr.IsValid() && w.universe.holds(f, s) && where == nil:
				where = &covered
			case !addr.IsValid():
				t = t.and(maybe)
			default:
				t = t.and(truthOf(condition{[]interval{covered}, false}.holds(addr)))
			}
		case "port":
			t = t.and(f.packet.elementPort(part, s, w.hook))
		case "mark":
			t = t.and(maskedIs(widen(f.packet.Mark), part, 0xffffffff))
		default: // mac; iface, of which the kernel compares only those of the narrowest network
			t = t.and(maybe)
		}
	}
	return where, t
}

func elementInterval(text string) (interval, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return prefixInterval(p), true
	}
	from, to, ranged := strings.Cut(text, "-")
	first, err := netip.ParseAddr(from)
	if err != nil || !ranged {
		return interval{first, first}, err == nil
	}
	last, err := netip.ParseAddr(to)
	return interval{first, last}, err == nil
}

// elementPort decides "80", which is TCP's or in a bitmap any protocol's, "udp:53" or "icmp:8/0".
func (p *Packet) elementPort(text string, s side, at hook) truth {
	name, number, named := strings.Cut(text, ":")
	protocol, known := map[string]uint8{"tcp": TCP, "udp": UDP, "sctp": SCTP, "udplite": udplite}[name]
	ported := p.is(TCP, UDP, SCTP, udplite)
	if named {
		if !known {
			return p.is(TCP, UDP, SCTP, udplite).not().and(maybe)
		}
		ported = p.is(protocol)
	} else {
		number = name
	}
	port := p.DestinationPort
	if s == source {
		port = p.SourcePort
	}
	if _, err := strconv.ParseUint(number, 10, 16); err != nil {
		return ported.and(maybe)
	}
	return ported.and(p.whole(at)).and(portIn(port, number))
}

// holds reports whether an unknown address of the packet is the one that the universe is about.
func (u *universe) holds(f *facts, s side) bool {
	if u == nil || u.side != s {
		return false
	}
	return s == source && !f.resourced || s == destination && !f.redirected
}

// elements keeps the members of a set taken apart while the walk lasts.
func (w *walk) elements(name string) []element {
	if w.sets == nil {
		w.sets = map[string][]element{}
	}
	if _, ok := w.sets[name]; !ok {
		w.sets[name] = w.tracer.Sets[name].elements()
	}
	return w.sets[name]
}

// setConditions are the addresses of all members, whichever dimension they belong to.
func setConditions(t Tracer, m *Match, f Family, _ side) []condition {
	name, _, _, ok := setOption(m)
	if !ok {
		return nil
	}
	names := []string{name}
	if t.Sets[name].Type == "list:set" {
		names = t.Sets[name].Members
	}
	var out condition
	for _, name := range names {
		for _, e := range t.Sets[strings.Fields(name + " ")[0]].elements() {
			for _, part := range e.parts {
				if i, ok := elementInterval(part); ok && i.first.Is4() == (f == IPv4) {
					out.intervals = append(out.intervals, i)
				}
			}
		}
	}
	return []condition{out}
}
