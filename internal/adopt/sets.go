package adopt

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// sets takes the ipsets that no other software makes.
func (a *adoption) sets() {
	for _, name := range a.rules.Sets() {
		if software, others := firewall.SetOwner(name); others {
			i := slices.IndexFunc(a.left, func(l Left) bool { return l.Software == software })
			if i < 0 {
				i = len(a.left)
				a.left = append(a.left, Left{Software: software})
			}
			a.left[i].Sets = append(a.left[i].Sets, name)
			continue
		}
		if reason := a.set(name); reason != "" {
			a.left = append(a.left, Left{Reason: reason, Sets: []string{name}})
		}
	}
}

// set takes one set, or says why not.
func (a *adoption) set(name string) (reason string) {
	s, err := firewall.SetByID(a.rules, firewall.SetID(name))
	if err != nil {
		return err.Error()
	}
	rules := firewall.PolicyRules{Sets: []firewall.IPSet{s}}
	after, err := rules.Replace(rules, nil)(a.rules)
	if err != nil {
		return err.Error()
	}
	before, _ := a.rules.Set(name)
	if now, there := after.Set(name); !there || !now.Equal(before) || slices.ContainsFunc(s.Entries, func(e string) bool { return !portable(e) }) || !portable(name) {
		return "it cannot be written as a resource"
	}
	a.resources = append(a.resources, Resource{Model: s, ID: firewall.SetID(name)})
	return ""
}
