package review

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A fate is who gets through to something before the apply, and after it, in one family.
type fate struct{ before, after iptables.Reach }

// differs reports whether others get through after than before.
func (x fate) differs() bool { return !sameReach(x.before, x.after) }

// A row is what becomes of one probe by one way. A family in which that way does not exist has no fate.
type row struct {
	probe probe
	way   string // its label
	fates map[iptables.Family]fate
	// repeats: it is the same by the way that no rule names, where that is said already.
	repeats bool
}

// An effect is something that gets reachable, or stops to be.
type effect struct {
	opens   bool
	certain bool
	because string // where it is not certain: why not
	way     string
	// assuming is the policy "DROP" or "ACCEPT" with which it is so, "" where it is so with either.
	assuming string
	// lasting: what is assumed is so before the apply and after it. Otherwise the plan says what will be.
	lasting bool
	probes  []probe
	// but are the named probes that are no part of it, where it is about all that no rule names.
	but     []probe
	sources Sources
	// shown is what a sentence says instead of the sources, soFar who gets through already: of something that
	// is opened to the world a reader wants to see "anywhere", and not who is no longer alone.
	shown, soFar Sources
}

// key is the same for effects on the same addresses by the same way.
func (e effect) key() string {
	return fmt.Sprint(e.opens, e.certain, e.because, e.way, e.sources, e.shown, e.soFar)
}

// A comparison traces one side of a change and the other.
type comparison struct {
	before, after     iptables.Ruleset
	tracer, tracerNow iptables.Tracer
	same              map[iptables.Family]bool
	survey            *survey
}

func compareWalls(before, after wall, policy string) comparison {
	c := comparison{
		before: before.assuming(policy), after: after.assuming(policy), tracer: before.tracer, tracerNow: after.tracer,
		same: map[iptables.Family]bool{},
	}
	c.survey = surveyOf(c.before, c.after)
	changed := iptables.Diff(c.before, c.after).Families()
	for _, f := range iptables.Families {
		c.same[f] = !slices.Contains(changed, f) && slices.Equal(before.saved, after.saved)
	}
	return c
}

// rows are all answers, by way and probe.
func (c comparison) rows() []row {
	var rows []row
	index := map[string]int{}
	port := c.survey.sourcePort()
	probes := c.survey.probes()
	for _, f := range iptables.Families {
		before, after := c.familyOf(f)
		for _, w := range c.survey.ways(f) {
			for _, p := range probes {
				key := fmt.Sprint(w.label, p)
				i, ok := index[key]
				if !ok {
					i = len(rows)
					index[key] = i
					rows = append(rows, row{probe: p, way: w.label, fates: map[iptables.Family]fate{}})
				}
				q := iptables.Query{Packet: p.packet(f, w, port), Conversation: true}
				one := fate{before: c.tracer.Reachable(before, q)}
				one.after = one.before
				if !c.same[f] {
					one.after = c.tracerNow.Reachable(after, q)
				}
				rows[i].fates[f] = one
			}
		}
	}
	return markRepeats(rows)
}

// markRepeats finds the rows that say no more than the one of the way that no rule names.
func markRepeats(rows []row) []row {
	general := map[probe]map[iptables.Family]fate{}
	for _, r := range rows {
		if r.way == "" {
			general[r.probe] = r.fates
		}
	}
	for i, r := range rows {
		rows[i].repeats = r.way != ""
		for f, x := range r.fates {
			if y, ok := general[r.probe][f]; !ok || !sameReach(x.before, y.before) || !sameReach(x.after, y.after) {
				rows[i].repeats = false
			}
		}
	}
	return rows
}

func sameReach(a, b iptables.Reach) bool {
	return slices.Equal(a.Accepted, b.Accepted) && slices.Equal(a.Dropped, b.Dropped)
}

// familyOf are both rulesets without the other family, which a walk would look at in vain.
func (c comparison) familyOf(f iptables.Family) (before, after iptables.Ruleset) {
	ours := func(id iptables.ChainID) bool { return id.Family == f }
	return c.before.Only(ours), c.after.Only(ours)
}

// effects are what changes, each with all that it is so for.
func (c comparison) effects(rows []row) []effect {
	var all []effect
	index := map[string]int{}
	for _, r := range rows {
		if r.repeats {
			continue
		}
		for _, e := range c.effectsOf(r) {
			i, ok := index[e.key()]
			if !ok {
				index[e.key()] = len(all)
				all = append(all, e)
				continue
			}
			all[i].probes = append(all[i].probes, r.probe)
		}
	}
	for i := range all {
		all[i].but = all[i].leftOut(rows)
	}
	return all
}

// leftOut are the ports that rules name and that an effect on all others is not about.
func (e effect) leftOut(rows []row) []probe {
	var but []probe
	for _, r := range rows {
		_, ported := portNames[r.probe.protocol]
		if ported && r.probe.named && !slices.Contains(e.probes, r.probe) && !slices.Contains(but, r.probe) {
			but = append(but, r.probe)
		}
	}
	return but
}

// effectsOf are the effects of one row: what opens and closes, for certain and perhaps.
func (c comparison) effectsOf(r row) []effect {
	var effects [4]effect
	for i := range effects {
		effects[i] = effect{opens: i%2 == 0, certain: i < 2, way: r.way, probes: []probe{r.probe}}
	}
	for f, x := range r.fates {
		if !x.differs() {
			continue
		}
		b, a := offLink(f, x.before), offLink(f, x.after)
		effects[0].sources.set(f, iptables.Shared(f, a.Accepted, b.Dropped))
		if gained := effects[0].sources.of(f); len(gained) > 0 && len(b.Accepted) > 0 && most(f, a.Accepted) && !most(f, b.Accepted) {
			effects[0].shown.set(f, a.Accepted)
			effects[0].soFar.set(f, b.Accepted)
		} else {
			effects[0].shown.set(f, gained)
		}
		effects[1].sources.set(f, iptables.Shared(f, a.Dropped, b.Accepted))
		opens := iptables.Joined(iptables.Shared(f, a.Unknown, b.Dropped), iptables.Shared(f, a.Accepted, b.Unknown))
		closes := iptables.Joined(iptables.Shared(f, a.Dropped, b.Unknown), iptables.Shared(f, a.Unknown, b.Accepted))
		effects[2].sources.set(f, opens)
		effects[3].sources.set(f, closes)
		for i, sources := range [][]netip.Prefix{opens, closes} {
			if len(sources) > 0 && effects[2+i].because == "" {
				effects[2+i].because = c.doubt(r, f, sources[0].Addr())
			}
		}
	}
	var kept []effect
	for i, e := range effects {
		if i > 0 {
			e.shown = e.sources
		}
		if !e.sources.empty() {
			kept = append(kept, e)
		}
	}
	return kept
}

var neighbours = []netip.Prefix{netip.MustParsePrefix("fe80::/10")}

// offLink is who gets through without those on the same link: IPv6 needs them, every default policy lets
// them, and nobody who reviews a plan asks about them.
func offLink(f iptables.Family, r iptables.Reach) iptables.Reach {
	if f == iptables.IPv4 {
		return r
	}
	return iptables.Reach{
		Accepted: iptables.Without(f, r.Accepted, neighbours),
		Dropped:  iptables.Without(f, r.Dropped, neighbours),
		Unknown:  iptables.Without(f, r.Unknown, neighbours),
	}
}

// beyondLink reports whether a network has others than neighbours.
func beyondLink(p netip.Prefix) bool {
	return p.Bits() < neighbours[0].Bits() || !neighbours[0].Contains(p.Addr())
}

// doubt is why it cannot be said whether an address gets through.
func (c comparison) doubt(r row, f iptables.Family, source netip.Addr) string {
	before, after := c.familyOf(f)
	for _, w := range c.survey.ways(f) {
		if w.label != r.way {
			continue
		}
		packet := r.probe.packet(f, w, c.survey.sourcePort())
		packet.Source = source
		for _, p := range packet.Conversation() {
			if v := c.tracerNow.Trace(after, p); v.Answer == iptables.Unknown {
				return printable(v.Because)
			}
			if v := c.tracer.Trace(before, p); v.Answer == iptables.Unknown {
				return printable(v.Because) + ", before the apply"
			}
		}
	}
	return ""
}

// effectsBetween are the effects of a change. Where the lines leave open what becomes of the rest, both answers are
// tried, and an effect says which it holds with.
func effectsBetween(before, after wall) ([]effect, []row) {
	drop := compareWalls(before, after, "DROP")
	rows := drop.rows()
	effects := drop.effects(rows)
	accept := compareWalls(before, after, "ACCEPT")
	if iptables.Diff(drop.before, accept.before).Empty() && iptables.Diff(drop.after, accept.after).Empty() || before.equal(after) {
		return effects, rows
	}
	otherwise := accept.rows()
	// A last line that refuses the rest, or a policy, says what will be.
	lasting := !slices.EqualFunc(rows, otherwise, row.endsAlike)
	return assumed(effects, accept.effects(otherwise), lasting), rows
}

// endsAlike reports whether the same get through after the apply.
func (r row) endsAlike(o row) bool {
	for f, x := range r.fates {
		if !sameReach(x.after, o.fates[f].after) {
			return false
		}
	}
	return true
}

// assumed joins what holds if the rest is dropped and what holds if it is accepted.
func assumed(dropping, accepting []effect, lasting bool) []effect {
	with := map[string]bool{}
	for _, e := range accepting {
		with[bareWay(e)] = true
	}
	var all []effect
	both := map[string]bool{}
	for _, e := range dropping {
		if k := bareWay(e); with[k] {
			both[k] = true
		} else {
			e.assuming, e.lasting = "DROP", lasting
		}
		all = append(all, e)
	}
	for _, e := range accepting {
		if !both[bareWay(e)] {
			e.assuming, e.lasting = "ACCEPT", lasting
			all = append(all, e)
		}
	}
	return all
}

func bareWay(e effect) string { return e.key() + fmt.Sprint(e.probes) }

// Levels of who reaches something.
const (
	nobody    = "nobody"
	some      = "some"
	world     = "world"
	uncertain = "unknown"
)

// levelOf is how wide something is open in a family.
func levelOf(f iptables.Family, r iptables.Reach) string {
	switch {
	case most(f, r.Accepted):
		return world
	case slices.ContainsFunc(r.Accepted, beyondLink):
		return some
	case slices.ContainsFunc(r.Unknown, beyondLink):
		return uncertain
	}
	return nobody
}

// maxBut bounds the ports that "all ports but" lists.
const maxBut = 6

// subject names what an effect is about: "HTTP (80/tcp) and HTTPS (443/tcp)", "ping", "all ports but 22/tcp".
// but are ports that rules name and that are no part of it.
func subject(probes, but []probe) string {
	rest := map[uint8]bool{}
	for _, p := range probes {
		rest[p.protocol] = rest[p.protocol] || !p.named && p.protocol != ping
	}
	var named []string
	for _, p := range probes {
		if !rest[p.protocol] {
			named = append(named, p.String())
		}
	}
	words := serviceNames(named)
	if rest[iptables.TCP] && rest[iptables.UDP] {
		words = append(words, "all ports"+besides(but, iptables.TCP, iptables.UDP))
		rest[iptables.TCP], rest[iptables.UDP] = false, false
	}
	for _, n := range slices.Sorted(maps.Keys(rest)) {
		if rest[n] {
			words = append(words, "all "+strings.ToUpper(portNames[n])+" ports"+besides(but, n))
		}
	}
	return conjunction(words)
}

// besides is " but 22/tcp and 53/udp".
func besides(but []probe, protocols ...uint8) string {
	var names []string
	for _, p := range but {
		if slices.Contains(protocols, p.protocol) {
			names = append(names, p.String())
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > maxBut:
		return fmt.Sprintf(" but %d", len(names))
	}
	return " but " + conjunction(names)
}
