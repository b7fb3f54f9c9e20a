package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ImportPolicy finds the default policy that a chain has by the given method: by "policy" what
// `iptables -S` prints as "-P INPUT DROP", by "rule" the last line of the chain. What is
// kept alive is read from the lines that are there, so that the policy's own lines are just
// those, and planning it changes nothing; a line that is spelled otherwise is foreign.
//
// The policy is that of the named family, and of both where the other has the same. Missing are
// lines that every policy has and the host has not: IPv6 without neighbour discovery. They are
// what a plan will add. ok is false where the chain has no policy by that method.
func ImportPolicy(rs iptables.Ruleset, chain string, family iptables.Family, method string) (p DefaultPolicy, missing Lines, ok bool) {
	for _, families := range [][]iptables.Family{nil, {family}} {
		p, missing, ok = importPolicy(rs, chain, families, method)
		if ok && len(missing) == 0 {
			return p, nil, true
		}
	}
	return p, missing, ok
}

func importPolicy(rs iptables.Ruleset, chain string, families []iptables.Family, method string) (DefaultPolicy, Lines, bool) {
	p := DefaultPolicy{Chain: chain, Families: families, ICMP: "none"}
	if chain != "INPUT" && chain != "FORWARD" && chain != "OUTPUT" {
		return p, nil, false
	}
	policies := []string{"ACCEPT", "DROP"}
	if method == "rule" {
		policies = []string{"DROP", "REJECT", "ACCEPT"}
		p.Method = method
	}
	found := slices.IndexFunc(policies, func(policy string) bool {
		p.Policy = policy
		return p.decides(rs)
	})
	if found < 0 {
		return p, nil, false
	}
	if p.Policy == "REJECT" {
		p.Method = "" // there is no other
	}
	if p.Policy != "ACCEPT" {
		p.readKept(rs)
	} else {
		// Under ACCEPT these say nothing: what the configuration has anyway makes no diff.
		p.Loopback, p.Established, p.ICMP = true, true, "essential"
	}
	p.DropInvalid = p.whollyThere(rs, func(q *DefaultPolicy) { q.DropInvalid = true })
	p.readLog(rs)
	rules, err := p.Rules()
	if err != nil {
		return p, nil, false
	}
	return p, rules.Lines.Without(Present(rs, rules.Lines)), true
}

// decides reports whether the chain of every family has that policy, by that method.
func (p DefaultPolicy) decides(rs iptables.Ruleset) bool {
	bare := DefaultPolicy{Chain: p.Chain, Policy: p.Policy, Method: p.Method}
	for _, f := range p.families() {
		c, _ := rs.Chain(p.chainOf(f))
		if p.Method != "rule" {
			if c.Policy != p.Policy {
				return false
			}
			continue
		}
		lines, err := bare.linesOf(f)
		last := len(c.Rules) - 1
		if err != nil || last < 0 || !c.Rules[last].Equal(lines[len(lines)-1].Rule) {
			return false
		}
	}
	return true
}

// readKept reads what is kept alive: of ICMP the most that is there.
func (p *DefaultPolicy) readKept(rs iptables.Ruleset) {
	p.Loopback = p.Chain == "FORWARD" || p.whollyThere(rs, func(q *DefaultPolicy) { q.Loopback = true })
	p.Established = p.whollyThere(rs, func(q *DefaultPolicy) { q.Established = true })
	type wish struct{ icmp, rate string }
	wishes := []wish{{"all", ""}, {"ping", ""}}
	if rate, ok := p.pingRate(rs); ok {
		wishes = append(wishes, wish{"ping", rate})
	}
	for _, w := range append(wishes, wish{"essential", ""}) {
		if p.whollyThere(rs, func(q *DefaultPolicy) { q.ICMP, q.PingRate = w.icmp, w.rate }) {
			p.ICMP, p.PingRate = w.icmp, w.rate
			return
		}
	}
	if len(p.families()) == 1 && p.families()[0] == iptables.IPv6 {
		p.ICMP = "essential" // which for IPv6 is no more than what is always kept
	}
}

// whollyThere reports whether the lines that a wish adds to the policy are on the host, and there are any.
func (p DefaultPolicy) whollyThere(rs iptables.Ruleset, wish func(*DefaultPolicy)) bool {
	with := p
	wish(&with)
	before, err := p.Rules()
	after, also := with.Rules()
	if err != nil || also != nil {
		return false
	}
	added := after.Lines.Without(before.Lines)
	return len(added) > 0 && len(added.Without(Present(rs, added))) == 0
}

// pingRate reads the bound of a line that accepts echo requests.
func (p DefaultPolicy) pingRate(rs iptables.Ruleset) (string, bool) {
	for _, f := range p.families() {
		c, _ := rs.Chain(p.chainOf(f))
		for _, r := range c.Rules {
			if kind, ok := preambleKind(r); ok && kind == acceptsPing {
				m, _ := r.Match("limit")
				o, _ := m.Option("--limit")
				return text(o), true
			}
		}
	}
	return "", false
}

// readLog finds the policy's log among the lines of the chain's end.
func (p *DefaultPolicy) readLog(rs iptables.Ruleset) {
	for _, f := range p.families() {
		c, _ := rs.Chain(p.chainOf(f))
		for _, r := range c.Rules {
			m, limited := r.Match("limit")
			log, ok := decodeLog(r)
			if !ok || !limited {
				continue
			}
			rate, _ := m.Option("--limit")
			wish := PolicyLog{Prefix: log.Prefix, Level: log.Level, Rate: text(rate)}
			if wish.Prefix == p.defaultLogPrefix() {
				wish.Prefix = ""
			}
			if period, _ := ratePeriod(wish.Rate); period == defaultLogPeriod {
				wish.Rate = ""
			}
			if p.whollyThere(rs, func(q *DefaultPolicy) { q.Log = &wish }) {
				p.Log = &wish
				return
			}
		}
	}
}

var defaultLogPeriod, _ = ratePeriod(DefaultLogRate)

// Seen is the policy as the host has it now: its policy where somebody changed that by hand on
// every family, all else as it was. The lines that are missing show in `rules`.
func (p DefaultPolicy) Seen(rs iptables.Ruleset) DefaultPolicy {
	if p.method() != "policy" {
		return p
	}
	live := p.LivePolicies(rs)
	for _, policy := range live {
		if policy == p.Policy {
			return p
		}
	}
	for _, policy := range live {
		p.Policy = policy
	}
	return p
}
