package firewall

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Claims know which lines the resources of one run want on which host, so that two resources
// with one text are found out: the first to be destroyed would take the other's line away. So
// are resources with lines where another suffers none but its own. The zero Claims are empty and
// ready; they may be used concurrently.
type Claims struct {
	mu    sync.Mutex
	hosts map[string]*claimed
}

// claimed is what is claimed on one host.
type claimed struct {
	holders map[string]Claimant // by line, policy or chain
	claims  []claim
	takers  []claim         // those of them that take lines of others away
	ids     map[string]bool // of the claims' resources
}

type claim struct {
	who   Claimant
	rules PolicyRules
}

// A Claimant is a resource that wants lines.
type Claimant struct {
	// ID tells resources apart: a claim of the same ID replaces the one before. An empty ID
	// stands for a resource that has none yet, and no two of those are the same.
	ID string
	// Label is what messages call it: `iptables_service "https"`.
	Label string
}

// A ClaimError says that another resource wants the same line, or would take it away.
type ClaimError struct {
	Host        string
	What        string // the line, the policy of a chain, or a chain
	Mine, Other Claimant
	// Taker is the one of the two that would take away a line of the other, zero where both want
	// the same. Advice says how they get along.
	Taker  Claimant
	Advice string
}

func (e *ClaimError) Error() string {
	if e.Taker != (Claimant{}) {
		giver := e.Mine
		if e.Taker == e.Mine {
			giver = e.Other
		}
		return fmt.Sprintf("%s would take away what %s wants on host %s:\n\n  %s\n\n%s", e.Taker.Label, giver.Label, e.Host, e.What, e.Advice)
	}
	return fmt.Sprintf("%s and %s both want the same on host %s:\n\n  %s\n\nOne of them would take away the other's when it is destroyed; %s",
		e.Mine.Label, e.Other.Label, e.Host, e.What, cmp.Or(e.Advice, "keep one, or tell them apart by comment"))
}

// Claim takes lines, policies and chains for a resource and gives back what the same resource (by
// ID) claimed there before. rs is what the host has, which decides what is other software's. The
// error is a *ClaimError for the first that another resource has or would take away; then nothing
// is claimed.
func (c *Claims) Claim(host string, rs iptables.Ruleset, who Claimant, rules PolicyRules) error {
	wanted := claimKeys(rules)
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.of(host)
	for _, w := range wanted {
		if other, taken := held.holders[w.key]; taken && !other.is(who) {
			return &ClaimError{Host: host, What: w.text, Mine: who, Other: other}
		}
	}
	others := held.takers
	if rules.takes() {
		others = held.claims
	}
	for _, other := range others {
		if other.who.is(who) {
			continue
		}
		if e := clash(rs, claim{who, rules}, other); e != nil {
			e.Host, e.Mine, e.Other = host, who, other.who
			return e
		}
	}
	held.release(who)
	for _, w := range wanted {
		held.holders[w.key] = who
	}
	held.claims = append(held.claims, claim{who, rules})
	held.ids[who.ID] = true
	if rules.takes() {
		held.takers = append(held.takers, claim{who, rules})
	}
	return nil
}

// ClaimBoot takes what a host restores at boot for a resource, which can be only one: nil, unless
// another one has it.
func (c *Claims) ClaimBoot(host string, who Claimant) *ClaimError {
	const key, what = "boot", "what it restores at boot"
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.of(host)
	if held.another(key, who) {
		return &ClaimError{Host: host, What: what, Mine: who, Other: held.holders[key], Advice: "keep one of them"}
	}
	held.holders[key] = who
	return nil
}

// of is what is claimed on a host; c.mu is held.
func (c *Claims) of(host string) *claimed {
	if c.hosts == nil {
		c.hosts = map[string]*claimed{}
	}
	held := c.hosts[host]
	if held == nil {
		held = &claimed{holders: map[string]Claimant{}, ids: map[string]bool{}}
		c.hosts[host] = held
	}
	return held
}

// is reports whether both are the same resource.
func (c Claimant) is(o Claimant) bool { return c.ID == o.ID && c.ID != "" }

// clash finds a line of one that the other would take away.
func clash(rs iptables.Ruleset, a, b claim) *ClaimError {
	for _, pair := range [][2]claim{{a, b}, {b, a}} {
		taker, giver := pair[0], pair[1]
		if !taker.rules.takes() {
			continue
		}
		for _, t := range taker.rules.Tables {
			for _, own := range giver.rules.Chains {
				if t.ownsChain(rs, own.Chain) {
					return &ClaimError{What: "the chain " + own.Chain.Name, Taker: taker.who, Advice: adviceOnTable}
				}
			}
			for id := range giver.rules.Policies {
				if t.ownsChain(rs, id) {
					return &ClaimError{What: "the policy of the chain " + id.Name, Taker: taker.who, Advice: adviceOnTable}
				}
			}
		}
		for _, l := range giver.rules.All() {
			if advice := taker.rules.wouldTake(rs, l); advice != "" {
				return &ClaimError{What: l.Text(iptables.Reference), Taker: taker.who, Advice: advice}
			}
		}
	}
	return nil
}

// takes reports whether it takes away lines of others at all.
func (r PolicyRules) takes() bool { return len(r.Chains)+len(r.Tables)+len(r.Exclusive) > 0 }

// wouldTake says how a line can be kept that would be taken away, "" for one that stays.
func (r PolicyRules) wouldTake(rs iptables.Ruleset, l Line) string {
	for _, own := range r.Chains {
		if own.owns(rs, l) {
			return "A chain is owned whole: put the line into its list of rules, or into another chain"
		}
	}
	for _, t := range r.Tables {
		if t.owns(rs, l) {
			return adviceOnTable
		}
	}
	for _, e := range r.Exclusive {
		if e.owns(rs, l) {
			return "Name it among what may be there (`rules`, or `services` of an iptables_firewall), or spare it by a pattern in `ignore`"
		}
	}
	return ""
}

const adviceOnTable = "A table of a ruleset is owned whole: put it into the ruleset, spare it with `ignore`, or leave the table out of the text"

// Release gives back what a resource claimed on a host.
func (c *Claims) Release(host string, who Claimant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held := c.hosts[host]; held != nil {
		held.release(who)
	}
}

func (held *claimed) release(who Claimant) {
	if who.ID == "" || !held.ids[who.ID] {
		return
	}
	delete(held.ids, who.ID)
	mine := func(c claim) bool { return c.who.is(who) }
	maps.DeleteFunc(held.holders, func(_ string, holder Claimant) bool { return holder.is(who) })
	held.claims, held.takers = slices.DeleteFunc(held.claims, mine), slices.DeleteFunc(held.takers, mine)
}

// Mine are those of the rules that no other resource claims: a resource that is destroyed, or
// no longer wants a line, must leave those of others. All that is in a table which another owns,
// and that this one does not spare, is that one's.
func (c *Claims) Mine(host string, who Claimant, rules PolicyRules) PolicyRules {
	rules.Lines = rules.Lines.Without(c.Others(host, who, rules.Lines))
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.hosts[host]
	rules.Policies = maps.Clone(rules.Policies)
	maps.DeleteFunc(rules.Policies, func(id iptables.ChainID, _ string) bool {
		return held.another(policyKey(id), who) || held.tables(who, func(t OwnTable) bool { return t.ownsChain(iptables.Ruleset{}, id) })
	})
	rules.Chains = slices.DeleteFunc(slices.Clone(rules.Chains), func(own OwnChain) bool {
		return held.another(ownKey(own.Chain), who) || held.tables(who, func(t OwnTable) bool { return t.ownsChain(iptables.Ruleset{}, own.Chain) })
	})
	for i, own := range rules.Chains {
		if own.Chain.BuiltIn() {
			rules.Chains[i].Rules = held.left(own.Chain, own.Rules, who)
		}
	}
	rules.Tables = slices.DeleteFunc(slices.Clone(rules.Tables), func(t OwnTable) bool {
		return held.another(tableKey(t.Family, t.Name), who)
	})
	for i, t := range rules.Tables {
		rules.Tables[i].Wanted = held.leftOf(t.Wanted, who)
	}
	rules.Sets = slices.DeleteFunc(slices.Clone(rules.Sets), func(s IPSet) bool {
		return held.another(setKey(s.Name), who)
	})
	return rules
}

// left are those of a chain's rules that nobody else claims.
func (held *claimed) left(id iptables.ChainID, rules []iptables.Rule, who Claimant) []iptables.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r iptables.Rule) bool { return held.another(Line{id, r}.Key(), who) })
}

// leftOf are those chains, policies and rules that nobody else claims.
func (held *claimed) leftOf(rs iptables.Ruleset, who Claimant) iptables.Ruleset {
	rs = rs.Only(func(id iptables.ChainID) bool { return !held.another(ownKey(id), who) })
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		if held.another(policyKey(id), who) {
			c.Policy = ""
		}
		c.Rules = held.left(id, c.Rules, who)
		rs = rs.WithChain(id, c)
	}
	return rs
}

// Others are those of the lines that other resources claim: a resource that is destroyed, or
// no longer wants a line, must leave them.
func (c *Claims) Others(host string, who Claimant, lines Lines) Lines {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.hosts[host]
	return lines.filter(func(l Line) bool {
		return held.another(l.Key(), who) || held.tables(who, func(t OwnTable) bool { return t.owns(iptables.Ruleset{}, l) })
	})
}

// another reports whether somebody else has it.
func (held *claimed) another(key string, who Claimant) bool {
	if held == nil {
		return false
	}
	holder, taken := held.holders[key]
	return taken && !holder.is(who)
}

// tables reports whether something is so of a table that somebody else owns.
func (held *claimed) tables(who Claimant, so func(OwnTable) bool) bool {
	return held != nil && slices.ContainsFunc(held.takers, func(c claim) bool {
		return !c.who.is(who) && slices.ContainsFunc(c.rules.Tables, so)
	})
}

type claimKey struct{ key, text string }

func claimKeys(rules PolicyRules) []claimKey {
	var keys []claimKey
	for _, l := range rules.All() {
		keys = append(keys, claimKey{l.Key(), l.Text(iptables.Reference)})
	}
	for _, own := range rules.Chains {
		keys = append(keys, claimKey{ownKey(own.Chain), fmt.Sprintf("the %s chain %s of table %s, as a whole", own.Chain.Family, own.Chain.Name, own.Chain.Table)})
	}
	for _, t := range rules.Tables {
		keys = append(keys, claimKey{tableKey(t.Family, t.Name), fmt.Sprintf("the %s table %s, as a whole", t.Family, t.Name)})
	}
	for _, e := range rules.Exclusive {
		if e.Report {
			continue
		}
		keys = append(keys, claimKey{
			"exclusive " + e.Chain.PolicyLine(""),
			fmt.Sprintf("that the %s chain %s of table %s holds nothing else", e.Chain.Family, e.Chain.Name, e.Chain.Table),
		})
	}
	for _, s := range rules.Sets {
		keys = append(keys, claimKey{setKey(s.Name), "the ipset " + s.Name})
	}
	for _, id := range rules.Policies.chains() {
		keys = append(keys, claimKey{policyKey(id), fmt.Sprintf("the policy of the %s chain %s", id.Family, id.Name)})
	}
	return keys
}

func setKey(name string) string { return "ipset " + name }

func policyKey(id iptables.ChainID) string { return "policy " + id.PolicyLine("") }

func ownKey(id iptables.ChainID) string { return "whole " + id.PolicyLine("") }

func tableKey(f iptables.Family, table string) string { return "table " + f.Command() + " " + table }
