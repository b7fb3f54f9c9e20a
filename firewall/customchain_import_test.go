package firewall

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImportChain(t *testing.T) {
	const hosts = `
		-N A
		-N f2b-x
		-N B
		-N C
		ip6tables -N A
		ip6tables -N B
		ip6tables -N C
		-P FORWARD DROP
		ip6tables -P FORWARD DROP
		-A INPUT -i eth0 -j A
		ip6tables -A INPUT -i eth0 -j A
		-A INPUT -j C
		ip6tables -A FORWARD -j C
		-A A -j f2b-x
		-A A -s 10.0.0.0/8 -j DROP
		-A A -p tcp -m tcp --dport 80 -j ACCEPT
		-A A -p icmp -m icmp --icmp-type 8 -j ACCEPT
		-A A -p tcp -m tcp --dport 80 -j ACCEPT
		-A A -j RETURN
		ip6tables -A A -p ipv6-icmp -j ACCEPT
		ip6tables -A A -s 2001:db8::/32 -j DROP
		ip6tables -A A -p tcp -m tcp --dport 80 -j ACCEPT
		ip6tables -A A -j RETURN
		-A FORWARD -i lan -j ACCEPT`
	rs := onHost(t, hosts)
	for name, want := range map[string]CustomChain{
		"A": {Name: "A", JumpFrom: &JumpFrom{Chain: "INPUT", Spec: "-i eth0"}, Rules: []string{
			"-s 10.0.0.0/8 -j DROP", "-6 -p ipv6-icmp -j ACCEPT", "-s 2001:db8::/32 -j DROP", "-p tcp -m tcp --dport 80 -j ACCEPT",
			"-4 -p icmp -m icmp --icmp-type 8 -j ACCEPT", "-4 -p tcp -m tcp --dport 80 -j ACCEPT", "-j RETURN",
		}},
		"C":       {Name: "C", Rules: []string{}},
		"f2b-x":   {Name: "f2b-x", Families: onlyV4, Rules: []string{}}, // the jump to it is a line of A
		"FORWARD": {Name: "FORWARD", Policy: "DROP", Rules: []string{"-4 -i lan -j ACCEPT", "-6 -j C"}},
	} {
		got, err := ImportChain(rs, "", name, nil)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
	if c, err := ImportChain(rs, "", "B", onlyV4); err != nil || len(c.Families) != 1 {
		t.Errorf("of one family: %v, %v", c, err)
	}
	var missing *NoChainError
	if _, err := ImportChain(rs, "nat", "A", nil); !errors.As(err, &missing) {
		t.Errorf("not there: %v", err)
	}
}

// A chain that is imported alone leaves the jump to it to another resource.
func TestChainAlone(t *testing.T) {
	rs := onHost(t, "-N WEB\n-A INPUT -i eth0 -j WEB\n-A WEB -j RETURN")
	for id, jumps := range map[string]bool{"-N WEB": true, "iptables -N WEB": true, "-N WEB alone": false, "-t filter -N WEB alone": false} {
		c, err := ChainByID(rs, id)
		if err != nil || (c.JumpFrom != nil) != jumps {
			t.Errorf("%s: %+v, %v", id, c, err)
		}
	}
	for _, id := range []string{"-N WEB together", "-N WEB alone x", "-P INPUT alone DROP", "WEB", "-N", "-N WEBB"} {
		if c, err := ChainByID(rs, id); err == nil {
			t.Errorf("%s is taken for a chain: %+v", id, c)
		}
	}
}
