package firewall

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func chainRules(tb testing.TB, c *CustomChain) PolicyRules {
	tb.Helper()
	if c == nil {
		return PolicyRules{}
	}
	rules, err := c.PolicyRules()
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

func TestCustomChain(t *testing.T) {
	web := func(change func(*CustomChain)) *CustomChain {
		c := &CustomChain{Name: "WEB", Families: onlyV4, Rules: []string{"-p tcp --dport 80 -j ACCEPT", "-j DROP"}, JumpFrom: &JumpFrom{Chain: "INPUT"}}
		change(c)
		return c
	}
	as := func(*CustomChain) {}
	const hostWithWeb = `
		-N WEB
		-A INPUT -s 192.0.2.1/32 -j ACCEPT
		-A INPUT -j WEB
		-A INPUT -j DROP
		-A WEB -p tcp -m tcp --dport 80 -j ACCEPT
		-A WEB -j DROP`
	for name, c := range map[string]struct {
		had, wanted *CustomChain
		host, after string
	}{
		"new, in front of the catch-all": {
			wanted: web(as),
			host:   "-A INPUT -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -j DROP",
			after:  hostWithWeb,
		},
		"again": {had: web(as), wanted: web(as), host: hostWithWeb, after: hostWithWeb},
		"both families, each with its addresses": {
			wanted: &CustomChain{Name: "T", Rules: []string{"-s 10.0.0.0/8 -j DROP", "-s 2001:db8::/32 -j DROP", "-6 -p ipv6-icmp -j ACCEPT", "-j RETURN"}},
			host:   "# empty",
			after: `
				-N T
				-A T -s 10.0.0.0/8 -j DROP
				-A T -j RETURN
				ip6tables -N T
				ip6tables -A T -s 2001:db8::/32 -j DROP
				ip6tables -A T -p ipv6-icmp -j ACCEPT
				ip6tables -A T -j RETURN`,
		},
		"first, a number, last": {
			wanted: &CustomChain{Name: "A", Families: onlyV4, JumpFrom: &JumpFrom{Chain: "INPUT", Position: "first", Spec: "-i eth0"}},
			host:   "-A INPUT -i lo -j ACCEPT",
			after:  "-N A\n-A INPUT -i eth0 -j A\n-A INPUT -i lo -j ACCEPT",
		},
		"at a number": {
			wanted: &CustomChain{Name: "A", Families: onlyV4, JumpFrom: &JumpFrom{Chain: "INPUT", Position: "2"}},
			host:   "-A INPUT -i lo -j ACCEPT\n-A INPUT -i eth0 -j ACCEPT",
			after:  "-N A\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j A\n-A INPUT -i eth0 -j ACCEPT",
		},
		"at a number beyond the end": {
			wanted: &CustomChain{Name: "A", Families: onlyV4, JumpFrom: &JumpFrom{Chain: "INPUT", Position: "99999999999999999999"}},
			host:   "-A INPUT -i lo -j ACCEPT",
			after:  "-N A\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j A",
		},
		"last": {
			wanted: &CustomChain{Name: "A", Families: onlyV4, JumpFrom: &JumpFrom{Chain: "INPUT", Position: "last", Spec: "-p tcp --dport 1"}},
			host:   "-A INPUT -i eth0 -j ACCEPT\n-A INPUT -j DROP",
			after:  "-N A\n-A INPUT -i eth0 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 1 -j A\n-A INPUT -j DROP",
		},
		"first, moved by hand": {
			had:    web(func(c *CustomChain) { c.JumpFrom.Position = "first" }),
			wanted: web(func(c *CustomChain) { c.JumpFrom.Position = "first" }),
			host:   hostWithWeb,
			after: `
				-N WEB
				-A INPUT -j WEB
				-A INPUT -s 192.0.2.1/32 -j ACCEPT
				-A INPUT -j DROP
				-A WEB -p tcp -m tcp --dport 80 -j ACCEPT
				-A WEB -j DROP`,
		},
		"the jump behind the catch-all comes in front": {
			had: web(as), wanted: web(as),
			host:  strings.Replace(hostWithWeb, "-A INPUT -j WEB\n\t\t-A INPUT -j DROP", "-A INPUT -j DROP\n\t\t-A INPUT -j WEB", 1),
			after: hostWithWeb,
		},
		"another jump, in the old one's place": {
			had: web(as), wanted: web(func(c *CustomChain) { c.JumpFrom.Spec = "-m comment --comment web" }),
			host:  hostWithWeb,
			after: strings.Replace(hostWithWeb, "-A INPUT -j WEB", "-A INPUT -m comment --comment web -j WEB", 1),
		},
		"a line by hand, one deleted, two swapped": {
			had:    web(func(c *CustomChain) { c.Rules = append(c.Rules, "-p udp -j LOG") }),
			wanted: web(func(c *CustomChain) { c.Rules = append(c.Rules, "-p udp -j LOG") }),
			host: `
				-N WEB
				-A INPUT -j WEB
				-A WEB -p udp -j LOG
				-A WEB -p tcp -m tcp --dport 8080 -j ACCEPT
				-A WEB -p tcp -m tcp --dport 80 -j ACCEPT`,
			after: `
				-N WEB
				-A INPUT -j WEB
				-A WEB -p tcp -m tcp --dport 80 -j ACCEPT
				-A WEB -j DROP
				-A WEB -p udp -j LOG`,
		},
		"renamed, with the jumps of others": {
			had: web(as), wanted: web(func(c *CustomChain) { c.Name = "WWW" }),
			host: hostWithWeb + "\n-A FORWARD -i eth1 -g WEB",
			after: `
				-N WWW
				-A INPUT -s 192.0.2.1/32 -j ACCEPT
				-A INPUT -j WWW
				-A INPUT -j DROP
				-A FORWARD -i eth1 -g WWW
				-A WWW -p tcp -m tcp --dport 80 -j ACCEPT
				-A WWW -j DROP`,
		},
		"renamed, with fail2ban's jump in it": {
			had: web(as), wanted: web(func(c *CustomChain) { c.Name = "WWW" }),
			host: strings.Replace(hostWithWeb, "-A WEB -p tcp", "-N f2b-http\n-A WEB -j f2b-http\n-A WEB -p tcp", 1),
			after: `
				-N WWW
				-N f2b-http
				-A INPUT -s 192.0.2.1/32 -j ACCEPT
				-A INPUT -j WWW
				-A INPUT -j DROP
				-A WWW -j f2b-http
				-A WWW -p tcp -m tcp --dport 80 -j ACCEPT
				-A WWW -j DROP`,
		},
		"to another table": {
			had: web(as), wanted: &CustomChain{Table: "nat", Name: "WEB", Families: onlyV4, Rules: []string{"-j RETURN"}},
			host:  hostWithWeb,
			after: "-A INPUT -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -j DROP\n-t nat -N WEB\n-t nat -A WEB -j RETURN",
		},
		"destroyed": {had: web(as), host: hostWithWeb, after: "-A INPUT -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -j DROP"},
		"destroyed with what others wrote into it": {
			had: web(as), host: hostWithWeb + "\n-A WEB -p udp -j DROP", after: "-A INPUT -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -j DROP",
		},
		"built-in, beside Docker and fail2ban": {
			wanted: &CustomChain{Name: "FORWARD", Families: onlyV4, Rules: []string{"-i lan -j ACCEPT", "-j LOG"}, Policy: "DROP", Ignore: []string{"-A FORWARD -i vpn*"}},
			host: `
				-N DOCKER
				-N DOCKER-USER
				-N f2b-x
				-A FORWARD -j DOCKER-USER
				-A FORWARD -o docker0 -j DOCKER
				-A FORWARD -i wan -j ACCEPT
				-A FORWARD -i lan -j ACCEPT
				-A FORWARD -i vpn0 -j ACCEPT
				-A FORWARD -j f2b-x`,
			after: `
				-N DOCKER
				-N DOCKER-USER
				-N f2b-x
				-P FORWARD DROP
				-A FORWARD -j DOCKER-USER
				-A FORWARD -o docker0 -j DOCKER
				-A FORWARD -i lan -j ACCEPT
				-A FORWARD -i vpn0 -j ACCEPT
				-A FORWARD -j f2b-x
				-A FORWARD -j LOG`,
		},
		"DOCKER-USER, whose RETURN stays last": {
			wanted: &CustomChain{Name: "DOCKER-USER", Families: onlyV4, Rules: []string{"-s 192.0.2.0/24 -j DROP"}},
			host:   "-N DOCKER-USER\n-A DOCKER-USER -j RETURN",
			after:  "-N DOCKER-USER\n-A DOCKER-USER -s 192.0.2.0/24 -j DROP\n-A DOCKER-USER -j RETURN",
		},
		"built-in, destroyed": {
			had:   &CustomChain{Name: "OUTPUT", Families: onlyV4, Rules: []string{"-o lo -j ACCEPT"}, Policy: "DROP"},
			host:  "-P OUTPUT DROP\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -j LOG",
			after: "-A OUTPUT -j LOG",
		},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := chainRules(t, c.wanted)
			found := Policies{{Family: iptables.IPv4, Table: "filter", Name: "OUTPUT"}: "ACCEPT"}
			edit := wanted.Replace(chainRules(t, c.had), found)
			after := applied(t, onHost(t, c.host), edit)
			if diff := cmp.Diff(printed(onHost(t, inOrder(c.after))), printed(after)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if present := wanted.Present(after); !present.Same(wanted) {
				t.Errorf("present is\n%s", strings.Join(present.Print(Reference), "\n"))
			}
			if again := applied(t, after, edit); printed(again) != printed(after) {
				t.Errorf("a second time it becomes\n%s", printed(again))
			}
		})
	}
}

// inOrder declares the chains of a text before their lines.
func inOrder(text string) string {
	var chains, lines []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "-N ") {
			chains = append(chains, line)
		} else {
			lines = append(lines, line)
		}
	}
	return strings.Join(append(chains, lines...), "\n")
}

func TestCustomChainJumpedTo(t *testing.T) {
	c := CustomChain{Name: "WEB", Families: onlyV4, JumpFrom: &JumpFrom{Chain: "INPUT"}}
	rs := onHost(t, "-N WEB\n-N OTHER\n-A INPUT -j WEB\n-A FORWARD -i eth1 -j WEB\n-A OTHER -g WEB")
	_, err := PolicyRules{}.Replace(chainRules(t, &c), nil)(rs)
	var jumped *JumpedToError
	if !errors.As(err, &jumped) || len(jumped.Jumps) != 2 {
		t.Fatalf("error %v", err)
	}
	for _, line := range []string{"iptables -A FORWARD -i eth1 -j WEB", "iptables -A OTHER -g WEB"} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("%q does not name %s", err, line)
		}
	}
}

func TestCustomChainRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		chain     CustomChain
		attribute string
		words     []string
	}{
		"one family's rule":            {CustomChain{Name: "A", Rules: []string{"-j DROP", "-p icmp --icmp-type 8 -j ACCEPT"}}, "rules", []string{"rule 2", "begin it with -4"}},
		"the other family's address":   {CustomChain{Name: "A", Families: onlyV4, Rules: []string{"-s ::1 -j DROP"}}, "rules", []string{"ipv6"}},
		"a typo":                       {CustomChain{Name: "A", Rules: []string{"-p tcp --dprot 80 -j ACCEPT"}}, "rules", []string{"--dprot", "--dport"}},
		"a policy of one's own chain":  {CustomChain{Name: "A", Policy: "DROP"}, "policy", []string{"-j DROP"}},
		"a policy that there is not":   {CustomChain{Name: "INPUT", Policy: "REJECT"}, "policy", []string{"-j REJECT"}},
		"a jump to a built-in chain":   {CustomChain{Name: "INPUT", JumpFrom: &JumpFrom{Chain: "FORWARD"}}, "jump_from", nil},
		"a jump to itself":             {CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "A"}}, "jump_from.chain", nil},
		"a jump from a bad name":       {CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "a b"}}, "jump_from.chain", nil},
		"a position":                   {CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "INPUT", Position: "0"}}, "jump_from.position", nil},
		"a target in the jump":         {CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "INPUT", Spec: "-j DROP"}}, "jump_from.spec", nil},
		"a jump that the chain cannot": {CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "INPUT", Spec: "-o eth0"}}, "jump_from.spec", []string{"-o"}},
		"a name":                       {CustomChain{Name: "DROP"}, "name", nil},
	} {
		ps := c.chain.Validate()
		if len(ps) != 1 || ps[0].Attribute != c.attribute {
			t.Errorf("%s: problems %v", name, ps)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(ps[0].String(), w) {
				t.Errorf("%s: %q does not say %q", name, ps[0], w)
			}
		}
	}
	foreign := CustomChain{Name: "DOCKER"}
	var refused *ForeignChainError
	if _, err := chainRules(t, &foreign).Replace(PolicyRules{}, nil)(iptables.Ruleset{}); !errors.As(err, &refused) {
		t.Errorf("Docker's chain: %v", err)
	}
	from := CustomChain{Name: "A", JumpFrom: &JumpFrom{Chain: "f2b-x"}}
	if _, err := chainRules(t, &from).Replace(PolicyRules{}, nil)(onHost(t, "-N f2b-x\nip6tables -N f2b-x")); !errors.As(err, &refused) {
		t.Errorf("a jump from fail2ban's chain: %v", err)
	}
}
