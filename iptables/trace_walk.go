package iptables

import "slices"

// maxSteps bounds the rules that one question may look at (about a second of work), where a call counts
// as many. The longest real rule sets have some 100,000 rules; only chains that call each other in a
// cascade reach it.
const (
	maxSteps  = 1 << 24
	callSteps = 1 << 6
)

// maxCalls bounds the calls whose outcome is kept for the next time, and so the memory.
const maxCalls = 1 << 12

// maxStates bounds the packets that differ only in what rules did to them and walk a chain side
// by side. Beyond it they are taken for one packet of which less is known.
const maxStates = 32

// A walk asks one question of a rule set. Packets move through it as states: what is known of
// the packet at a rule, and (for Reachable) for which addresses that holds. An undecided match
// sends a state both ways; ways that come together again with equal facts become one,
// so that the work stays linear in the number of rules.
type walk struct {
	tracer   Tracer
	rules    Ruleset
	family   Family
	universe *universe // nil for Trace, which is about one packet
	steps    int
	problem  string // why no answer can be certain

	hook    hook     // the built-in chain that is being walked
	ended   []state  // what left it by ACCEPT
	calling []string // the user chains on the way to the present one
	called  map[call]result
	sets    map[string][]element // taken apart already

	doubt string      // of the match that was evaluated last: why it is undecided
	among []condition // and the addresses for which it holds

	passed, dropped       *trail // the best way to either end
	passedFor, droppedFor cells
	silent                bool // some way ends in a DROP, not a REJECT
	turned                bool // some packet that passed has another destination
}

// A state is a packet, or packets that differ only in an address, at some place of the rules.
type state struct {
	facts facts
	cells cells
	owned bool // nobody else holds these cells, so they may be changed in place
	trail *trail
}

// A call of a user chain by a packet with these facts, and what came back from it.
type call struct {
	chain string
	facts facts
}

type result struct {
	cells    cells
	returned []state
}

func newWalk(t Tracer, rs Ruleset, f Family, u *universe) *walk {
	return &walk{
		tracer: t, rules: rs, family: f, universe: u, steps: maxSteps,
		passedFor: u.none(), droppedFor: u.none(),
	}
}

// base walks the built-in chain at w.hook and returns what goes on to the next station.
func (w *walk) base(in []state) []state {
	id := ChainID{w.family, w.hook.table, w.hook.chain}
	chain, _ := w.rules.Chain(id)
	w.ended, w.called = nil, map[call]result{}
	left := w.run(id, chain, in)
	out := w.ended
	for _, s := range left {
		switch {
		case chain.Policy == "DROP":
			w.drop(s.step(trail{chain: id, policy: "DROP", outcome: OutcomeDrop}))
		case len(chain.Rules) == 0 && id.Table != "filter": // not worth a line in a path
			out = merge(out, s)
		default:
			out = merge(out, s.step(trail{chain: id, policy: "ACCEPT", outcome: OutcomeAccept}))
		}
	}
	return out
}

// run walks a chain and returns what leaves it by its end or by RETURN.
func (w *walk) run(id ChainID, chain Chain, in []state) (out []state) {
	now := merge(nil, in...)
	for i := range chain.Rules {
		if len(now) == 0 || w.problem != "" {
			return out
		}
		if w.steps -= len(now); w.steps < 0 {
			w.problem = "the chains call each other too often to be followed"
			return nil
		}
		r := &chain.Rules[i]
		moved, emptied := []state(nil), false
		for j := range now {
			t := w.match(r, &now[j].facts)
			if t == no {
				continue
			}
			taken := now[j]
			taken.owned = false
			for _, c := range w.among {
				w.steps -= len(taken.cells.words)
				taken.cells = w.universe.restrict(taken.cells, c)
			}
			if taken.cells.empty() || t == maybe && w.harmless(&r.Target) {
				continue
			}
			if t == yes {
				now[j].leave(taken.cells, len(w.among) == 0)
				emptied = emptied || now[j].cells.empty()
			} else {
				now[j].owned = false
			}
			goOn, returned := w.apply(trail{chain: id, number: i + 1, rule: r, doubt: w.doubt}, taken)
			moved, out = append(moved, goOn...), merge(out, returned...)
		}
		if emptied {
			now = slices.DeleteFunc(now, func(s state) bool { return s.cells.empty() })
		}
		now = merge(now, moved...)
	}
	return merge(out, now...)
}

// leave takes away the cells that a rule took: all of them, or those that its conditions left.
func (s *state) leave(taken cells, all bool) {
	switch {
	case all:
		s.cells, s.owned = cells{}, false
	case s.owned:
		s.cells.subtract(taken)
	default:
		s.cells, s.owned = s.cells.minus(taken), true
	}
}

// enter walks a user chain and returns what comes back from it.
func (w *walk) enter(id ChainID, chain Chain, s state) []state {
	if slices.Contains(w.calling, id.Name) {
		w.problem = "chain " + id.Name + " calls itself, which the kernel refuses"
		return nil
	}
	key := call{id.Name, s.facts}
	if known, ok := w.called[key]; ok && s.cells.minus(known.cells).empty() {
		return known.again(s)
	}
	w.steps -= callSteps
	w.calling = append(w.calling, id.Name)
	returned := w.run(id, chain, []state{s})
	w.calling = w.calling[:len(w.calling)-1]
	if len(w.called) < maxCalls {
		w.called[key] = result{s.cells, returned}
	}
	return returned
}

// again is what comes back when a chain is entered once more with equal facts: what ended in
// it is on record already.
func (r result) again(s state) []state {
	var out []state
	for _, back := range r.returned {
		if back.cells = back.cells.and(s.cells); !back.cells.empty() {
			back.trail = s.trail
			out = append(out, back)
		}
	}
	return out
}

// merge adds states to a list in which no two have equal facts.
func merge(list []state, more ...state) []state {
	for _, s := range more {
		s.owned = false
		i := slices.IndexFunc(list, func(o state) bool { return o.facts == s.facts })
		if i < 0 {
			list = append(list, s)
			continue
		}
		same := &list[i]
		same.trail = better(same.trail, s.trail)
		if same.owned && same.cells.covers(s.cells) {
			same.cells.add(s.cells)
			continue
		}
		same.cells, same.owned = same.cells.or(s.cells), true
	}
	if len(list) <= maxStates {
		return list
	}
	for i := range list {
		list[i].facts.forget()
	}
	return merge(nil, list...)
}

func (w *walk) accept(in []state) {
	for _, s := range in {
		w.passed = better(w.passed, s.trail)
		w.passedFor.add(s.cells)
		w.turned = w.turned || s.facts.redirected
	}
}

func (w *walk) drop(s state) {
	w.dropped = better(w.dropped, s.trail)
	w.droppedFor.add(s.cells)
	if s.trail.outcome != OutcomeReject {
		w.silent = true
	}
}

// A trail is a way through the rules, last step first, so that ways share their beginnings. Its
// root is no step.
type trail struct {
	before  *trail
	chain   ChainID
	number  int
	rule    *Rule
	policy  string
	outcome Outcome
	doubt   string
	doubts  int // on the whole way so far
}

func (s state) step(t trail) state {
	t.before, t.doubts = s.trail, s.trail.doubts
	if t.doubt != "" {
		t.doubts++
	}
	s.trail = &t
	return s
}

// better prefers the way that rests on fewer undecided matches, and of two alike the first.
func better(a, b *trail) *trail {
	if a == nil || b != nil && b.doubts < a.doubts {
		return b
	}
	return a
}

func (t *trail) steps() []TraceStep {
	var out []TraceStep
	for ; t.before != nil; t = t.before { // the first is only the root
		s := TraceStep{Chain: t.chain, Number: t.number, Policy: t.policy, Outcome: t.outcome, Doubt: t.doubt}
		if t.rule != nil {
			s.Rule = *t.rule
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}
