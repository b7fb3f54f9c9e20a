package iptables

import (
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

func TestWorked(t *testing.T) {
	id := ChainID{IPv4, "filter", "INPUT"}
	made := 0
	count := func() any { made++; return made }
	rs := Ruleset{}.WithChain(id, Chain{Policy: "DROP"})
	for want, got := range []any{rs.Worked(id, 2, count), rs.Worked(id, 2, count)} {
		if got != nil {
			t.Errorf("question %d: %v", want, got)
		}
	}
	again := rs
	if rs.Worked(id, 2, count) != 1 || again.Worked(id, 2, count) != 1 || made != 1 {
		t.Errorf("made %d times", made)
	}
	if (Ruleset{}).Worked(id, 0, count) != nil {
		t.Error("the zero ruleset remembers")
	}
	if !rs.Is(again) || (Ruleset{}).Is(Ruleset{}) {
		t.Error("a copy is another, or nothing is something")
	}
	for name, changed := range map[string]Ruleset{
		"WithChain":    rs.WithChain(id, Chain{Policy: "ACCEPT"}),
		"WithoutChain": rs.WithoutChain(id),
		"Only":         rs.Only(func(ChainID) bool { return false }),
		"Merge":        rs.Merge(Ruleset{}.WithChain(id, Chain{Policy: "ACCEPT"})),
		"WithSet":      rs.WithSet(ipset.Set{Name: "a"}),
		"WithoutSet":   rs.WithoutSet("a"),
	} {
		if changed.Is(rs) || changed.Worked(id, 0, func() any { return name }) != name {
			t.Errorf("%s: it remembers what was before", name)
		}
	}
}
