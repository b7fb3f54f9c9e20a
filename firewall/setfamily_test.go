package firewall

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestApplicable(t *testing.T) {
	rs := readRuleset(t, "create four hash:ip family inet\ncreate six hash:net family inet6\ncreate list list:set\nadd list four\n", "")
	for name, test := range map[string]struct {
		service Service
		want    string // of the lines' families, or after "!" part of the error
	}{
		"a set of IPv4":         {Service{Name: "ssh", Sources: []string{"set:four"}}, "iptables"},
		"a set of IPv6":         {Service{Name: "ssh", Sources: []string{"set:six"}}, "ip6tables"},
		"one of each":           {Service{Name: "ssh", Sources: []string{"set:six", "set:four"}}, "iptables ip6tables"},
		"a list of sets":        {Service{Name: "ssh", Sources: []string{"set:list"}}, "iptables ip6tables"},
		"one that is not there": {Service{Name: "ssh", Sources: []string{"set:none"}}, "iptables ip6tables"},
		"no set":                {Service{Name: "ssh"}, "iptables ip6tables"},
		"the wrong family":      {Service{Name: "ssh", Sources: []string{"set:six"}, Families: onlyV4}, "!the ipset six is of ipv6, and a rule of another family cannot refer to it: iptables -A INPUT"},
	} {
		lines, err := test.service.Lines()
		if err != nil {
			t.Fatal(err)
		}
		rules, err := PolicyRules{Lines: lines}.Applicable(rs)
		var families []string
		for _, l := range rules.Lines {
			families = append(families, l.Chain.Family.Command())
		}
		var mismatch *SetFamilyError
		switch want, fails := strings.CutPrefix(test.want, "!"); {
		case fails && (!errors.As(err, &mismatch) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", name, err)
		case !fails && (err != nil || strings.Join(families, " ") != want):
			t.Errorf("%s: %v, %v", name, families, err)
		}
	}
	// What a rule adds to counts like what it looks into.
	added, err := CustomRule{Chain: "INPUT", Spec: "-j SET --add-set four src"}.Lines()
	if err != nil {
		t.Fatal(err)
	}
	if rules, err := (PolicyRules{Lines: added}).Applicable(rs); err != nil || len(rules.Lines) != 1 {
		t.Errorf("%v, %v", rules.Lines, err)
	}
}

func TestApplicableChain(t *testing.T) {
	rs := readRuleset(t, "create four hash:ip family inet\ncreate six hash:net family inet6\n", "")
	for name, test := range map[string]struct {
		chain CustomChain
		want  []string // the chains as they are printed, or after "!" part of the error
	}{
		"each rule in its family": {
			CustomChain{Name: "OWN", Rules: []string{"-m set --match-set six src -j DROP", "-m set --match-set four src -j DROP", "-j RETURN"}},
			[]string{
				"iptables -N OWN", "iptables -A OWN -m set --match-set four src -j DROP", "iptables -A OWN -j RETURN",
				"ip6tables -N OWN", "ip6tables -A OWN -m set --match-set six src -j DROP", "ip6tables -A OWN -j RETURN",
			},
		},
		"a jump": {
			CustomChain{Name: "OWN", JumpFrom: &JumpFrom{Chain: "INPUT", Spec: "-m set --match-set four src"}},
			[]string{"iptables -N OWN", "iptables -A INPUT -m set --match-set four src -j OWN", "ip6tables -N OWN"},
		},
		"a rule of no family": {
			CustomChain{Name: "OWN", Rules: []string{"-4 -m set --match-set six src -j DROP", "-j RETURN"}},
			[]string{"!the ipset six is of ipv6, and a rule of another family cannot refer to it: iptables -A OWN"},
		},
	} {
		rules, err := test.chain.PolicyRules()
		if err != nil {
			t.Fatal(err)
		}
		rules, err = rules.Applicable(rs)
		var got []string
		for _, own := range rules.Chains {
			got = append(got, own.print(iptables.Reference)...)
		}
		var mismatch *SetFamilyError
		switch want, fails := strings.CutPrefix(test.want[0], "!"); {
		case fails && (!errors.As(err, &mismatch) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", name, err)
		case !fails && (err != nil || !slices.Equal(got, test.want)):
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
