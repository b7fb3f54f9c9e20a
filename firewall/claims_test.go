package firewall

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestClaims(t *testing.T) {
	ssh := PolicyRules{Lines: linesOf(t, "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT")}
	sshTyped := PolicyRules{Lines: linesOf(t, "-A INPUT -p tcp --dport ssh -j ACCEPT")}
	web := PolicyRules{Lines: linesOf(t, "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT")}
	drop := PolicyRules{Policies: Policies{{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}: "DROP"}}
	accept := PolicyRules{Policies: Policies{{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}: "ACCEPT"}}
	a, b := Claimant{"a", `iptables_service "ssh"`}, Claimant{"b", `iptables_rule "-p tcp --dport ssh"`}
	unknown := Claimant{"", `iptables_service "new"`}

	var c Claims
	steps := []struct {
		what  string
		host  string
		who   Claimant
		rules PolicyRules
		clash string // the other's label
	}{
		{"the first", "web1", a, ssh, ""},
		{"the same again", "web1", a, ssh, ""},
		{"another, spelled otherwise", "web1", b, sshTyped, a.Label},
		{"another host", "web2", b, sshTyped, ""},
		{"one without ID", "web1", unknown, ssh, a.Label},
		{"something else", "web1", unknown, web, ""},
		{"nobody is the same without ID", "web1", unknown, web, unknown.Label},
		{"the first wants something else", "web1", a, drop, ""},
		{"so the other can have it", "web1", b, ssh, ""},
		{"a policy, whatever it is", "web1", b, accept, a.Label},
	}
	for _, step := range steps {
		err := c.Claim(step.host, iptables.Ruleset{}, step.who, step.rules)
		var clash *ClaimError
		switch {
		case step.clash == "" && err != nil:
			t.Errorf("%s: %v", step.what, err)
		case step.clash != "" && (!errors.As(err, &clash) || clash.Other.Label != step.clash):
			t.Errorf("%s: error %v, want a clash with %s", step.what, err, step.clash)
		case step.clash != "" && (!strings.Contains(err.Error(), step.who.Label) || !strings.Contains(err.Error(), step.clash)):
			t.Errorf("%s: %q does not name both", step.what, err)
		}
	}
	// A claim that failed leaves what its resource had.
	if got := c.Others("web1", a, ssh.Lines); len(got) != 1 {
		t.Errorf("what b claims on web1: %v", textOf(got))
	}
	if got := c.Others("web1", b, ssh.Lines); len(got) != 0 {
		t.Errorf("b's own lines are another's: %v", textOf(got))
	}
	c.Release("web1", b)
	if err := c.Claim("web1", iptables.Ruleset{}, a, ssh); err != nil {
		t.Errorf("after b gave it back: %v", err)
	}
}

func TestClaimsAtOnce(t *testing.T) {
	lines := PolicyRules{Lines: linesOf(t, "-A INPUT -j DROP")}
	var c Claims
	var wait sync.WaitGroup
	won := make(chan int, 50)
	for i := range 50 {
		wait.Go(func() {
			if c.Claim("web1", iptables.Ruleset{}, Claimant{fmt.Sprint(i), "x"}, lines) == nil {
				won <- i
			}
		})
	}
	wait.Wait()
	if len(won) != 1 {
		t.Errorf("%d resources have the same line", len(won))
	}
}

// Who owns a chain, or says what it holds, and who has a line there, are found out whoever comes first.
func TestClaimsOfChains(t *testing.T) {
	chain := chainRules(t, &CustomChain{Name: "WEB", Rules: []string{"-j DROP"}, JumpFrom: &JumpFrom{Chain: "INPUT"}})
	guard := func(rules ...string) PolicyRules {
		e, err := ExclusiveRules{Chain: "INPUT", Rules: rules}.PolicyRules()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	lines := func(text string) PolicyRules { return PolicyRules{Lines: linesOf(t, text)} }
	const jumps = "iptables -A INPUT -j WEB\nip6tables -A INPUT -j WEB"
	for name, c := range map[string]struct {
		a, b  PolicyRules
		words string // "" where both get along
	}{
		"a line in a chain of another":  {chain, lines("-A WEB -p tcp -m tcp --dport 80 -j ACCEPT"), "a would take away what b wants"},
		"the same line":                 {chain, lines("-A WEB -j DROP"), "both want the same"},
		"a line elsewhere":              {chain, lines("-A INPUT -j DROP"), ""},
		"fail2ban's jump in it":         {chain, lines("-A WEB -j f2b-web"), ""},
		"the jump under a guard":        {chain, guard("-A INPUT -j DROP"), "b would take away what a wants"},
		"the jump, known to the guard":  {chain, guard(strings.Split(jumps, "\n")...), ""},
		"a service, unknown to a guard": {guard(), lines("-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT"), "Name it among"},
		"two guards of one chain":       {guard("-A INPUT -j DROP"), guard("-A INPUT -j DROP"), "holds nothing else"},
		"two owners":                    {chain, chain, "as a whole"},
	} {
		for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
			var claims Claims
			var err error
			for _, who := range order {
				rules := map[string]PolicyRules{"a": c.a, "b": c.b}[who]
				if name == "two owners" && who == "b" {
					rules.Chains = nil
					for _, own := range c.b.Chains {
						own.Rules, own.Jump = nil, nil
						rules.Chains = append(rules.Chains, own)
					}
				}
				err = errors.Join(err, claims.Claim("web1", iptables.Ruleset{}, Claimant{who, who}, rules))
			}
			if (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
				t.Errorf("%s, %s first: %v", name, order[0], err)
			}
		}
	}
}

// A policy that another resource sets by now is left alone by the one that set it before.
func TestClaimsOfPolicies(t *testing.T) {
	input := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
	forward := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "FORWARD"}
	rules := PolicyRules{Policies: Policies{input: "DROP", forward: "DROP"}}
	var claims Claims
	if err := claims.Claim("web1", iptables.Ruleset{}, Claimant{"new", "new"}, PolicyRules{Policies: Policies{input: "DROP"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Policies{forward: "DROP"}, claims.Mine("web1", Claimant{"old", "old"}, rules).Policies); diff != "" {
		t.Errorf("old has (-want +got):\n%s", diff)
	}
	if len(rules.Policies) != 2 || len(claims.Mine("web1", Claimant{"new", "new"}, rules).Policies) != 2 {
		t.Errorf("new lost a policy of %v", rules.Policies)
	}
}

// What a host restores at boot belongs to one resource, which may be planned again.
func TestClaimBoot(t *testing.T) {
	var c Claims
	a, b := Claimant{ID: "a", Label: `iptables_persistence of "web"`}, Claimant{Label: `iptables_persistence of "203.0.113.1"`}
	for _, claim := range []struct {
		host    string
		who     Claimant
		refused bool
	}{{"h", a, false}, {"h", a, false}, {"h", b, true}, {"other", b, false}, {"other", b, true}} {
		err := c.ClaimBoot(claim.host, claim.who)
		if (err != nil) != claim.refused {
			t.Errorf("%+v: %v", claim, err)
		}
		if err != nil && (!strings.Contains(err.Error(), claim.who.Label) || !strings.Contains(err.Error(), "keep one of them")) {
			t.Errorf("%v", err)
		}
	}
}
