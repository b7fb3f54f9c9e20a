package iptables

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

func setsOf(t *testing.T, text string) Ruleset {
	t.Helper()
	sets, err := ipset.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var rs Ruleset
	for _, s := range sets {
		rs = rs.WithSet(s)
	}
	return rs
}

func TestSetsOfRulesets(t *testing.T) {
	rules, err := ParseSave(IPv4, "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set bad src -j DROP\n"+
		"-A INPUT -j SET --add-set seen src\n-A INPUT -m set ! --match-set good src,dst -m set --match-set bad dst -j DROP\nCOMMIT\n")
	if err != nil {
		t.Fatal(err)
	}
	live := setsOf(t, "create bad hash:ip family inet\nadd bad 10.0.0.1\ncreate gone hash:ip family inet\ncreate all list:set\nadd all bad\n").Merge(rules)
	uses, lists := live.UsersOfSet("bad")
	if len(uses) != 2 || uses[0].Number != 1 || uses[1].Number != 3 || strings.Join(lists, " ") != "all" {
		t.Errorf("users of bad: %v, %v", uses, lists)
	}
	if uses, _ := live.UsersOfSet("seen"); len(uses) != 1 {
		t.Errorf("users of seen: %v", uses)
	}
	bad, _ := live.Set("bad")
	wanted := live.WithoutSet("gone").WithSet(bad.WithEntries([]ipset.Entry{{Element: "10.0.0.2"}})).
		WithSet(ipset.Set{Name: "new", Type: "hash:net", Family: "inet6"})
	if live.Equal(wanted) {
		t.Error("other sets make no difference")
	}
	change := Diff(live, wanted)
	var got []string
	for _, c := range change.Sets() {
		got = append(got, c.Name())
	}
	if strings.Join(got, " ") != "bad gone new" || change.Empty() || len(change.Families()) != 0 {
		t.Errorf("changes: %v", got)
	}
	if found := change.Verify(wanted); len(found) != 0 {
		t.Errorf("as wanted, but: %v", found)
	}
	other, _ := wanted.Set("bad")
	busy := wanted.WithSet(other.WithEntries([]ipset.Entry{{Element: "10.0.0.2"}, {Element: "10.9.9.9"}}))
	if found := change.Verify(busy); len(found) != 0 {
		t.Errorf("others added an entry: %v", found)
	}
	var text []string
	for _, d := range change.Verify(live) {
		text = append(text, d.String())
	}
	const want = "set bad: lacks the entry 10.0.0.2; set bad: still has the entry 10.0.0.1; set gone: is still there; set new: is missing"
	if strings.Join(text, "; ") != want {
		t.Errorf("unchanged: %q", text)
	}
	if !Diff(live, live.WithChain(ChainID{IPv4, "filter", "INPUT"}, Chain{Policy: "ACCEPT", Rules: rules.chains[ChainID{IPv4, "filter", "INPUT"}].Rules})).Empty() {
		t.Error("an edit of a chain changes sets")
	}
}
