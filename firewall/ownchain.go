package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An OwnChain is a chain that a resource owns whole: it holds these rules in this order, and
// beside them only what Ignore spares.
type OwnChain struct {
	Chain  iptables.ChainID
	Rules  []iptables.Rule
	Ignore Ignore
	Jump   *Jump // nil: none of its own
}

// A Jump is the line by which packets get into a chain.
type Jump struct {
	Line Line
	// Position says where the line is put: "first", "last" (in front of the catch-all), a number
	// as `iptables -I` counts, or "": where place.go says.
	Position string
}

// A JumpedToError says that a chain cannot be deleted because lines of others jump to it.
type JumpedToError struct {
	Chain iptables.ChainID
	Jumps []iptables.Jump
}

func (e *JumpedToError) Error() string {
	lines := make([]string, len(e.Jumps))
	for i, j := range e.Jumps {
		lines[i] = Line{j.Chain, j.Rule}.Text(iptables.Reference)
	}
	return fmt.Sprintf("other lines still jump to the %s chain %s:\n  %s", e.Chain.Family, e.Chain.Name, strings.Join(lines, "\n  "))
}

// replaceChains is the edit from the chains that a resource had to those that it wants. A chain
// that it had and no longer wants goes away; where one of the same family and table is wanted
// instead that was not there, the jumps of others follow, as with `iptables -E`.
//
// The error is a *NoChainError (a built-in chain's name misspelled, or no chain to jump from), a
// *ForeignChainError or a *JumpedToError.
func replaceChains(previous, wanted []OwnChain) Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, own := range wanted {
			var had *OwnChain
			if i := slices.IndexFunc(previous, func(p OwnChain) bool { return sameTable(p.Chain, own.Chain) }); i >= 0 {
				had = &previous[i]
			}
			var err error
			if rs, err = own.put(rs, had); err != nil {
				return rs, err
			}
		}
		for _, had := range previous {
			if slices.ContainsFunc(wanted, func(own OwnChain) bool { return own.Chain == had.Chain }) {
				continue
			}
			var err error
			if rs, err = had.takeAway(rs); err != nil {
				return rs, err
			}
		}
		return rs, nil
	}
}

func sameTable(a, b iptables.ChainID) bool { return a.Family == b.Family && a.Table == b.Table }

// put makes the chain hold what it should, and its jump stand.
func (own OwnChain) put(rs iptables.Ruleset, had *OwnChain) (iptables.Ruleset, error) {
	if err := own.Ignore.refuse(rs, own.Chain); err != nil {
		return rs, err
	}
	live, there := rs.Chain(own.Chain)
	var jump *Jump
	if had != nil {
		jump = had.Jump
		if had.Chain != own.Chain && !had.Chain.BuiltIn() && !own.Chain.BuiltIn() {
			if !there { // what others put into it comes along
				live, _ = rs.Chain(had.Chain)
			}
			rs = rs.WithChain(own.Chain, live)
			rs = follow(rs, had.Chain, own.Chain)
			jump = jump.to(own.Chain.Name)
		}
	}
	rules := arrange(live.Rules, own.Rules, own.Ignore.others(rs, own.Chain))
	if !there || !slices.EqualFunc(live.Rules, rules, iptables.Rule.Equal) {
		rs = rs.WithChain(own.Chain, iptables.Chain{Policy: live.Policy, Rules: rules})
	}
	return own.seat(rs, jump)
}

// follow makes all jumps to one chain go to another.
func follow(rs iptables.Ruleset, from, to iptables.ChainID) iptables.Ruleset {
	for _, j := range rs.JumpsTo(from) {
		c, _ := rs.Chain(j.Chain)
		c.Rules = slices.Clone(c.Rules)
		c.Rules[j.Number-1].Target.Name = to.Name
		rs = rs.WithChain(j.Chain, c)
	}
	return rs
}

// to is the same jump to another chain.
func (j *Jump) to(chain string) *Jump {
	if j == nil {
		return nil
	}
	moved := *j
	moved.Line.Rule.Target.Name = chain
	return &moved
}

// seat makes the chain's jump stand where it should, in place of the one that it had.
func (own OwnChain) seat(rs iptables.Ruleset, had *Jump) (iptables.Ruleset, error) {
	if own.Jump == nil {
		return had.takeAway(rs)
	}
	want := *own.Jump
	if had != nil && had.Line.Chain != want.Line.Chain {
		var err error
		if rs, err = had.takeAway(rs); err != nil {
			return rs, err
		}
		had = nil
	}
	moved := had != nil && had.Position != want.Position && want.Position != ""
	if want.stands(rs) && !moved {
		if had != nil && had.Line.Key() != want.Line.Key() {
			return had.takeAway(rs)
		}
		return rs, nil
	}
	if err := own.Ignore.refuse(rs, want.Line.Chain); err != nil {
		return rs, err
	}
	var before Lines
	if had != nil {
		before = Lines{had.Line}
	}
	if want.Position == "" {
		return Replace(before, Lines{want.Line})(rs)
	}
	return want.insert(rs, before)
}

// insert puts the jump at its position, whether or not it stands elsewhere.
func (j Jump) insert(rs iptables.Ruleset, before Lines) (iptables.Ruleset, error) {
	id := j.Line.Chain
	c, ok := rs.Chain(id)
	if !ok {
		return rs, &NoChainError{id}
	}
	s := seating{rs: rs, id: id, rules: slices.Clone(c.Rules)}
	for _, r := range append(before, j.Line).in(id) {
		s.remove(r)
	}
	at := j.index(rs, s.rules)
	c.Rules = slices.Insert(s.rules, at, j.Line.Rule)
	return rs.WithChain(id, c), nil
}

// index is where the jump belongs among the chain's other rules.
func (j Jump) index(rs iptables.Ruleset, rules []iptables.Rule) int {
	start, _ := catchAllOf(rs, j.Line.Chain, rules)
	switch j.Position {
	case "first":
		return 0
	case "last":
		return start
	default:
		n := 0
		for _, digit := range j.Position {
			n = min(10*n+int(digit-'0'), len(rules)+1)
		}
		return max(0, n-1)
	}
}

// stands reports whether the jump is in force where it should be. In front of the first, and behind
// the last, there may be other jumps: fail2ban's goes to the top each time that it starts, and
// of two chains that both want to be first one has to wait. A number says where a line is put,
// not where it must stay: lines come and go in front of it.
func (j Jump) stands(rs iptables.Ruleset) bool {
	id := j.Line.Chain
	c, _ := rs.Chain(id)
	at, stands := locate(rs, id, j.Line.Rule)
	if !stands {
		return false
	}
	jumps := func(rules []iptables.Rule) bool {
		return !slices.ContainsFunc(rules, func(r iptables.Rule) bool { return verdictOf(r) != branching })
	}
	switch j.Position {
	case "first":
		return jumps(c.Rules[:at])
	case "last":
		start, _ := catchAllOf(rs, id, c.Rules)
		return at >= start || jumps(c.Rules[at:start])
	}
	return true
}

// takeAway removes the jump, every copy of it.
func (j *Jump) takeAway(rs iptables.Ruleset) (iptables.Ruleset, error) {
	if j == nil {
		return rs, nil
	}
	return Replace(Lines{j.Line}, nil)(rs)
}

// takeAway deletes the chain with its jump; a built-in one loses its rules.
func (own OwnChain) takeAway(rs iptables.Ruleset) (iptables.Ruleset, error) {
	rs, err := own.Jump.takeAway(rs)
	if err != nil {
		return rs, err
	}
	if _, there := rs.Chain(own.Chain); !there {
		return rs, nil
	}
	if own.Chain.BuiltIn() {
		return Replace(own.lines(), nil)(rs)
	}
	if err := own.Ignore.refuse(rs, own.Chain); err != nil {
		return rs, err
	}
	if jumps := rs.JumpsTo(own.Chain); len(jumps) > 0 {
		return rs, &JumpedToError{own.Chain, jumps}
	}
	return rs.WithoutChain(own.Chain), nil
}

// lines are the chain's rules as lines.
func (own OwnChain) lines() Lines {
	lines := make(Lines, len(own.Rules))
	for i, r := range own.Rules {
		lines[i] = Line{own.Chain, r}
	}
	return lines
}

// all are the chain's rules and its jump.
func (own OwnChain) all() Lines {
	lines := own.lines()
	if own.Jump != nil {
		lines = append(lines, own.Jump.Line)
	}
	return lines
}

func (own OwnChain) print(d iptables.Dialect) []string {
	var text []string
	if !own.Chain.BuiltIn() {
		text = append(text, iptables.Line{Chain: own.Chain, Kind: iptables.ChainLine}.String(d))
	}
	for _, l := range own.all() {
		text = append(text, l.Text(d))
	}
	return text
}

// owns reports whether the line would be taken away.
func (own OwnChain) owns(rs iptables.Ruleset, l Line) bool {
	return l.Chain == own.Chain && !own.Ignore.Line(rs, l)
}

// present is the chain as it is, without what is others'; ok is false where it is not there.
func (own OwnChain) present(rs iptables.Ruleset) (is OwnChain, ok bool) {
	live, ok := rs.Chain(own.Chain)
	is = OwnChain{Chain: own.Chain, Ignore: own.Ignore}
	for _, r := range live.Rules {
		if wanted := find(own.Rules, r, 0) >= 0; wanted || !own.Ignore.Line(rs, Line{own.Chain, r}) {
			is.Rules = append(is.Rules, r)
		}
	}
	if own.Jump != nil && own.Jump.stands(rs) {
		is.Jump = own.Jump
	}
	return is, ok
}
