package firewall

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestExclusiveRules(t *testing.T) {
	for name, c := range map[string]struct {
		guard     ExclusiveRules
		host      string
		unmanaged string // as Print writes it
		after     string // the same as host where it is ""
	}{
		"a port by hand": {
			guard: ExclusiveRules{Chain: "INPUT", Rules: []string{
				"iptables -A INPUT -p tcp --dport 22 -j ACCEPT", "iptables -P INPUT DROP", "ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT",
			}},
			host: `
				-P INPUT DROP
				-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT
				-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
				ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
				ip6tables -A INPUT -j ACCEPT`,
			unmanaged: "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT\nip6tables -A INPUT -j ACCEPT\n",
			after: `
				-P INPUT DROP
				-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
				ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT`,
		},
		"one that is not there yet is not made": {
			guard: ExclusiveRules{Chain: "INPUT", Rules: []string{"-A INPUT -p tcp --dport 22 -j ACCEPT"}},
			host:  "-A INPUT -i eth0 -p tcp -m tcp --dport 22 -j ACCEPT", unmanaged: "iptables -A INPUT -i eth0 -p tcp -m tcp --dport 22 -j ACCEPT\n",
			after: "# empty",
		},
		"a second copy": {
			guard:     ExclusiveRules{Chain: "INPUT", Rules: []string{"-A INPUT -p tcp --dport 22 -j ACCEPT"}},
			host:      "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
			unmanaged: "iptables -A INPUT -j DROP\niptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n",
			after:     "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
		},
		"fail2ban, Docker and Tailscale": {
			guard: ExclusiveRules{Chain: "FORWARD"},
			host: `
				-N DOCKER
				-N DOCKER-USER
				-N f2b-sshd
				-N ts-forward
				-N team
				-A FORWARD -j ts-forward
				-A FORWARD -p tcp -m multiport --dports 22 -j f2b-sshd
				-A FORWARD -j DOCKER-USER
				-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
				-A FORWARD -i br-b74b417b331f -j ACCEPT
				-A FORWARD -i br-lan -j ACCEPT
				-A FORWARD -j team`,
			unmanaged: "iptables -A FORWARD -i br-lan -j ACCEPT\niptables -A FORWARD -j team\n",
			after: `
				-N DOCKER
				-N DOCKER-USER
				-N f2b-sshd
				-N team
				-N ts-forward
				-A FORWARD -j ts-forward
				-A FORWARD -p tcp -m multiport --dports 22 -j f2b-sshd
				-A FORWARD -j DOCKER-USER
				-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
				-A FORWARD -i br-b74b417b331f -j ACCEPT`,
		},
		"docker0 without Docker": {
			guard: ExclusiveRules{Chain: "FORWARD"}, host: "-A FORWARD -o docker0 -j ACCEPT", after: "# empty",
			unmanaged: "iptables -A FORWARD -o docker0 -j ACCEPT\n",
		},
		"patterns of lines and chains": {
			guard: ExclusiveRules{Chain: "INPUT", Ignore: []string{"-A INPUT -s 10.*", "team-?", "ip6tables * -j DROP"}},
			host: `
				-N team-a
				-A INPUT -s 10.0.0.0/8 -j ACCEPT
				-A INPUT -p tcp -j team-a
				-A INPUT -j DROP
				ip6tables -A INPUT -j DROP`,
			unmanaged: "iptables -A INPUT -j DROP\n",
			after: `
				-N team-a
				-A INPUT -s 10.0.0.0/8 -j ACCEPT
				-A INPUT -p tcp -j team-a
				ip6tables -A INPUT -j DROP`,
		},
		"forced": {
			guard: ExclusiveRules{Chain: "INPUT", Force: true}, host: "-N f2b-sshd\n-A INPUT -j f2b-sshd",
			unmanaged: "iptables -A INPUT -j f2b-sshd\n", after: "-N f2b-sshd",
		},
		"reported": {
			guard: ExclusiveRules{Chain: "INPUT", Report: true}, host: "-A INPUT -j DROP", unmanaged: "iptables -A INPUT -j DROP\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := c.guard.PolicyRules()
			if err != nil {
				t.Fatal(err)
			}
			rs := onHost(t, c.host)
			if diff := cmp.Diff(c.unmanaged, textOf(rules.Present(rs).Unmanaged)); diff != "" {
				t.Errorf("unmanaged (-want +got):\n%s", diff)
			}
			after := applied(t, rs, rules.Replace(PolicyRules{}, nil))
			want := c.after
			if want == "" {
				want = c.host
			}
			if diff := cmp.Diff(printed(onHost(t, want)), printed(after)); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
			if left := rules.Present(after).Unmanaged; len(left) > 0 && !c.guard.Report {
				t.Errorf("afterwards there is still\n%s", textOf(left))
			}
		})
	}
}

// What a service puts in beside the guard stays, in whatever order the two are applied.
func TestExclusiveBesideService(t *testing.T) {
	lines, err := Service{Name: "https"}.Lines()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := ExclusiveRules{Chain: "INPUT", Rules: lines.Print(Reference)}.PolicyRules()
	if err != nil {
		t.Fatal(err)
	}
	service, exclusive := Replace(nil, lines), guard.Replace(PolicyRules{}, nil)
	host := onHost(t, "-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT")
	want := printed(applied(t, iptables.Ruleset{}, service))
	for name, edit := range map[string]Edit{"service first": Sequence(service, exclusive), "guard first": Sequence(exclusive, service)} {
		if diff := cmp.Diff(want, printed(applied(t, host, edit))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExclusiveRefuses(t *testing.T) {
	rs := onHost(t, "-N DOCKER\n-N DOCKER-USER\n-A DOCKER-USER -j RETURN\n-A DOCKER-USER -j DROP")
	edit := func(chain string, force bool) error {
		rules, err := ExclusiveRules{Chain: chain, Force: force, Families: onlyV4}.PolicyRules()
		if err != nil {
			t.Fatal(err)
		}
		_, err = rules.Replace(PolicyRules{}, nil)(rs)
		return err
	}
	var foreign *ForeignChainError
	if err := edit("DOCKER", false); !errors.As(err, &foreign) {
		t.Errorf("a chain of Docker: %v", err)
	}
	var missing *NoChainError
	if err := edit("nowhere", false); !errors.As(err, &missing) {
		t.Errorf("a chain that is not there: %v", err)
	}
	for _, err := range []error{edit("DOCKER", true), edit("DOCKER-USER", false)} {
		if err != nil {
			t.Error(err)
		}
	}
	for attribute, e := range map[string]ExclusiveRules{
		"rules":    {Chain: "INPUT", Rules: []string{"iptables -A INPUT --dport 22 -j ACCEPT"}},
		"chain":    {},
		"table":    {Chain: "INPUT", Table: "fliter"},
		"ignore":   {Chain: "INPUT", Ignore: []string{"*"}},
		"families": {Chain: "INPUT", Families: []iptables.Family{}},
	} {
		if ps := e.Validate(); len(ps) != 1 || ps[0].Attribute != attribute {
			t.Errorf("%s: problems %v", attribute, ps)
		}
	}
}

func TestExclusiveByID(t *testing.T) {
	rs := onHost(t, "-N f2b-sshd\n-A INPUT -j f2b-sshd\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-N team")
	e, err := ExclusiveByID(rs, "-S INPUT")
	if diff := cmp.Diff(ExclusiveRules{Chain: "INPUT", Rules: []string{"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"}}, e); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if e, err := ExclusiveByID(rs, "-S team"); err != nil || len(e.Families) != 1 {
		t.Errorf("a chain of IPv4: %v %v", e, err)
	}
	for _, id := range []string{"-S nowhere", "ip6tables -S team", "-t nat -S team", "INPUT", "-S INPUT x"} {
		if _, err := ExclusiveByID(rs, id); err == nil {
			t.Errorf("found %s", id)
		}
	}
}
