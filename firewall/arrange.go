package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// arrange is what a chain holds that is owned whole: the wanted rules in their order, and of
// the live ones those of others. Each of these stays behind the line of ours that it stood
// behind, as early as that allows: no line of ours that is new comes in front of it. One that
// settles everything at the chain's end stays there.
func arrange(live, wanted []iptables.Rule, others func(iptables.Rule) bool) []iptables.Rule {
	after := make([][]iptables.Rule, len(wanted)+1) // those of others behind the first n wanted
	place := placesOf(wanted)
	last, at := lastOurs(live, place.keys, others), 0
	type stranger struct {
		rule iptables.Rule
		at   int
	}
	var strangers []stranger
	for i, r := range live {
		key := r.Key()
		switch {
		case place.keys[key]:
			if n, ok := place.next(key); ok {
				at = n + 1
			}
		case others(r) && i > last && settles(r):
			strangers = append(strangers, stranger{r, len(wanted)})
		case others(r):
			strangers = append(strangers, stranger{r, at})
		}
	}
	// They keep their order among themselves, even if ours were shuffled.
	for i, lowest := len(strangers)-1, len(wanted); i >= 0; i-- {
		lowest = min(lowest, strangers[i].at)
		strangers[i].at = lowest
	}
	for _, s := range strangers {
		after[s.at] = append(after[s.at], s.rule)
	}
	rules := slices.Clone(after[0])
	for i, r := range wanted {
		rules = append(append(rules, r), after[i+1]...)
	}
	return rules
}

// lastOurs is the index of the last live rule that is wanted or nobody's; -1 where there is none.
func lastOurs(live []iptables.Rule, wanted map[string]bool, others func(iptables.Rule) bool) int {
	for i, r := range slices.Backward(live) {
		if wanted[r.Key()] || !others(r) {
			return i
		}
	}
	return -1
}

// places are where each rule of a list stands, copies one after the other.
type places struct {
	keys map[string]bool
	left map[string][]int
}

func placesOf(rules []iptables.Rule) places {
	p := places{map[string]bool{}, map[string][]int{}}
	for i, r := range rules {
		key := r.Key()
		p.keys[key] = true
		p.left[key] = append(p.left[key], i)
	}
	return p
}

func (p places) next(key string) (int, bool) {
	left := p.left[key]
	if len(left) == 0 {
		return 0, false
	}
	p.left[key] = left[1:]
	return left[0], true
}
