package firewall

import (
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An index answers where a rule of a chain stands, and whether it is effective there, without
// looking at all the others: thousands of resources ask about one chain in a plan. It says
// what find and effective say, of a chain that does not change.
type index struct {
	rs    iptables.Ruleset
	id    iptables.ChainID
	rules []iptables.Rule

	at map[string][]int // places by key, the first one first
	// Those that can make a rule behind them ineffective, by what effective asks (places, in order):
	hiding  []int                        // hides: what decides and has no rank
	ordered map[verdict][]orderedRule    // overrules: what decides and has a rank
	words   map[verdict]map[string][]int // contradicts: by conditions
}

type orderedRule struct {
	at       int
	rank     rank
	numbered bool
}

const (
	// indexedLength is the number of rules from which on a chain has an index, if it is asked about
	// often. Making one costs about as much as a hundred questions without.
	indexedLength = 64
	indexedAfter  = 24
)

// indexOf is the index of a chain of a ruleset, nil where searching is as good.
func indexOf(rs iptables.Ruleset, id iptables.ChainID) *index {
	c, ok := rs.Chain(id)
	if !ok || len(c.Rules) < indexedLength {
		return nil
	}
	x, _ := rs.Worked(id, indexedAfter, func() any { return newIndex(rs, id, c.Rules) }).(*index)
	return x
}

func newIndex(rs iptables.Ruleset, id iptables.ChainID, rules []iptables.Rule) *index {
	x := &index{
		rs: rs, id: id, rules: rules,
		at: make(map[string][]int, len(rules)), ordered: map[verdict][]orderedRule{}, words: map[verdict]map[string][]int{},
	}
	for i, r := range rules {
		key := r.Key()
		x.at[key] = append(x.at[key], i)
		v := verdictOf(r)
		if v == passing {
			continue
		}
		of, ranked := standing(r)
		if !ranked && (v == branching || broad(r)) {
			x.hiding = append(x.hiding, i)
		}
		if v == branching {
			continue
		}
		if _, numbered := priorityOf(r); ranked {
			x.ordered[v] = append(x.ordered[v], orderedRule{i, of, numbered})
		}
		if x.words[v] == nil {
			x.words[v] = map[string][]int{}
		}
		text := conditions(r)
		x.words[v][text] = append(x.words[v][text], i)
	}
	return x
}

// locate is the function of that name.
func (x *index) locate(r iptables.Rule) (at int, stands bool) {
	places := x.at[r.Key()]
	if len(places) == 0 {
		return -1, false
	}
	for _, i := range places {
		if x.effective(i, r) {
			return i, true
		}
	}
	return places[0], false
}

// effective is the function of that name, for the rule at index end.
func (x *index) effective(end int, r iptables.Rule) bool {
	for _, i := range x.hiding {
		if i >= end {
			break
		}
		if hides(x.rs, x.id, x.rules[i], r) {
			return false
		}
	}
	mine := verdictOf(r)
	return !x.overruled(end, r, mine) && !x.contradicted(end, r, mine)
}

func (x *index) overruled(end int, r iptables.Rule, mine verdict) bool {
	_, numbered := priorityOf(r)
	rank := rankOf(r)
	for v, rules := range x.ordered {
		if v == mine {
			continue
		}
		for _, o := range rules {
			if o.at >= end {
				break
			}
			if (o.numbered || numbered) && o.rank.compare(rank) > 0 && !disjoint(x.rules[o.at], r) {
				return true
			}
		}
	}
	return false
}

func (x *index) contradicted(end int, r iptables.Rule, mine verdict) bool {
	opposite := accepting
	if mine == accepting {
		opposite = refusing
	}
	if mine != accepting && mine != refusing || len(x.words[opposite]) == 0 {
		return false
	}
	for _, i := range x.words[opposite][conditions(r)] {
		if i >= end {
			break
		}
		if contradicts(x.rules[i], r) {
			return true
		}
	}
	return false
}
