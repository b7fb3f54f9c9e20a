package iptables

// An effect is what a target does to the packet.
type effect struct {
	about string // for the documentation
	ends  endings
	does  func(w *walk, t *Target, f *facts) // what it changes; nil: nothing that a rule can see
}

// endings says how a target may end a packet's walk through a table, as a set.
type endings uint8

const (
	continues endings = 1 << iota
	accepts
	drops
	rejects
	returns
)

// effects has every target of iptables that is not a chain. A target that is not here is
// not understood, and may do anything.
var effects = map[string]effect{
	"ACCEPT": {"accepts", accepts, nil},
	"DROP":   {"drops", drops, nil},
	"REJECT": {"drops, and tells the sender", rejects, nil},
	"RETURN": {"goes back to the calling chain; at the top to the policy", returns, nil},

	"AUDIT":       {"goes on", continues, nil},
	"CHECKSUM":    {"goes on", continues, nil},
	"CLASSIFY":    {"goes on", continues, nil},
	"CONNMARK":    {"goes on with another mark", continues, (*walk).connmark},
	"CONNSECMARK": {"goes on", continues, nil},
	"CT":          {"goes on; `--notrack` makes it untracked", continues, (*walk).ct},
	"DSCP":        {"goes on with another TOS byte", continues, (*walk).setTOS},
	"ECN":         {"goes on", continues, nil},
	"HL":          {"goes on with another hop limit", continues, (*walk).setTTL},
	"HMARK":       {"goes on with a mark that is unknown", continues, (*walk).blurMark},
	"IDLETIMER":   {"goes on", continues, nil},
	"LED":         {"goes on", continues, nil},
	"LOG":         {"goes on", continues, nil},
	"MARK":        {"goes on with another mark", continues, (*walk).mark},
	"NFLOG":       {"goes on", continues, nil},
	"NOTRACK":     {"goes on untracked", continues, (*walk).notrack},
	"RATEEST":     {"goes on", continues, nil},
	"SECMARK":     {"goes on", continues, nil},
	"SET":         {"goes on; matches on sets are undecided from there on", continues, (*walk).set},
	"TCPMSS":      {"goes on", continues, nil},
	"TCPOPTSTRIP": {"goes on", continues, nil},
	"TEE":         {"goes on; the copy is not followed", continues, nil},
	"TOS":         {"goes on with another TOS byte", continues, (*walk).setTOS},
	"TRACE":       {"goes on", continues, nil},
	"TTL":         {"goes on with another TTL", continues, (*walk).setTTL},
	"ULOG":        {"goes on", continues, nil},

	"DNAT":       {"accepts in table nat, with another destination", accepts, (*walk).dnat},
	"MASQUERADE": {"accepts in table nat", accepts, nil},
	"NETMAP":     {"accepts in table nat, with another destination", accepts, (*walk).netmap},
	"REDIRECT":   {"accepts in table nat, with the host itself as destination", accepts, (*walk).toHost},
	"SNAT":       {"accepts in table nat", accepts, nil},
	"DNPT":       {"goes on with a destination that is unknown", continues, (*walk).dnpt},
	"SNPT":       {"goes on with a source that is unknown", continues, (*walk).snpt},

	"CLUSTERIP": {"each node of the cluster takes other packets", continues | drops, nil},
	"NFQUEUE":   {"a program on the host accepts or drops it", accepts | drops, (*walk).blurMark},
	"QUEUE":     {"a program on the host accepts or drops it", accepts | drops, (*walk).blurMark},
	"SYNPROXY":  {"it answers in the server's place", accepts | continues | drops, nil},
	"TPROXY":    {"accepts where a program listens, else drops", accepts | drops, (*walk).blurMark},
}

var notUnderstood = effect{"it is not understood", accepts | continues | drops, (*walk).blurMark}

// effectOf also answers false for a jump to a chain.
func (w *walk) effectOf(t *Target) (effect, bool) {
	if t.Name == "" {
		return effect{ends: continues}, true
	}
	if !t.Goto {
		if e, ok := effects[t.Name]; ok {
			return e, true
		}
	}
	return effect{}, false
}

// harmless: the packet goes on after this target as if nothing had been.
func (w *walk) harmless(t *Target) bool {
	e, ok := w.effectOf(t)
	return ok && e.ends == continues && e.does == nil
}

// apply lets a rule's target act on the packets that the rule took. It returns those that go on
// behind the rule and those that leave the chain as by RETURN.
func (w *walk) apply(at trail, s state) (goOn, returned []state) {
	t := &at.rule.Target
	e, ok := w.effectOf(t)
	if !ok {
		id := ChainID{w.family, w.hook.table, t.Name}
		if chain, found := w.rules.Chain(id); found && !id.BuiltIn() {
			return w.call(at, id, chain, s)
		}
		if t.Goto {
			w.problem = "there is no chain " + t.Name + " in table " + w.hook.table
			return nil, nil
		}
		e = notUnderstood
	}
	if e.ends&(e.ends-1) != 0 && at.doubt == "" { // several ends: any may come
		at.doubt = "target " + t.Name + ": " + e.about
	}
	if e.does != nil {
		e.does(w, t, &s.facts)
	}
	end := func(o Outcome) state { at.outcome = o; return s.step(at) }
	if e.ends&drops != 0 {
		w.drop(end(OutcomeDrop))
	}
	if e.ends&rejects != 0 {
		w.drop(end(OutcomeReject))
	}
	if e.ends&accepts != 0 {
		w.ended = merge(w.ended, end(OutcomeAccept))
	}
	if e.ends&continues != 0 {
		goOn = []state{end(OutcomeContinue)}
	}
	if e.ends&returns != 0 {
		returned = []state{end(OutcomeReturn)}
	}
	return goOn, returned
}

// call is a jump or a goto. A goto leaves no place to come back to, so that what returns from its
// chain returns from this one too.
func (w *walk) call(at trail, id ChainID, chain Chain, s state) (goOn, returned []state) {
	at.outcome = OutcomeJump
	if at.rule.Target.Goto {
		at.outcome = OutcomeGoto
		return nil, w.enter(id, chain, s.step(at))
	}
	return w.enter(id, chain, s.step(at)), nil
}
