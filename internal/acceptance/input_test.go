package acceptance

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Bad input is an error of the plan that says what is wrong, shows the line, and changes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	for _, c := range []struct {
		name, config string
		want         []string
	}{
		{"port 0", service(`ports = ["0/tcp"]`), []string{"ports", "there is no port 0"}},
		{"port 65536", service(`ports = ["65536/tcp"]`), []string{"ports", "there is no port 65536", "1 to 65535"}},
		{"no protocol", service(`ports = ["22"]`), []string{"ports", "has no protocol", `"22/tcp"`}},
		{"range reversed", service(`ports = ["9100-9000/tcp"]`), []string{"ports", `"9000-9100/tcp"`}},
		{"unknown protocol", service(`ports = ["22/tpc"]`), []string{"ports", `no protocol`, `did you mean "tcp"`}},
		{"no ports", service(`ports = []`), []string{"ports", "empty"}},
		{"unknown name", replace(service(``), `= "app"`, `= "htps"`), []string{`unknown service "htps"`, "name", `did you mean "https"`}},
		{"host bits", service(`ports = ["1/tcp"]` + "\n  " + `sources = ["203.0.113.7/24"]`), []string{"sources", "203.0.113.0/24", "203.0.113.7/32"}},
		{"a v6 source for v4", service(`ports = ["1/tcp"]` + "\n  " + `families = ["ipv4"]` + "\n  " + `sources = ["2001:db8::/32"]`), []string{"wrong family", "sources", "IPv4 only"}},
		{"no sources", service(`ports = ["1/tcp"]` + "\n  " + `sources = []`), []string{"sources", "empty"}},
		{"a name as source", service(`ports = ["1/tcp"]` + "\n  " + `sources = ["office.example.com"]`), []string{"sources", "is a name"}},
		{"long chain", service(`ports = ["1/tcp"]` + "\n  " + `chain = "` + strings.Repeat("C", 29) + `"`), []string{"chain", "too long", "29 bytes"}},
		{"long comment", service(`ports = ["1/tcp"]` + "\n  " + `comment = "` + strings.Repeat("c", 256) + `"`), []string{"comment", "256 bytes", "255"}},
		{"newline in a comment", service(`ports = ["1/tcp"]` + "\n  " + `comment = "a\n-A INPUT -j ACCEPT"`), []string{"comment", "control character"}},
		{"escape in a name", replace(service(`ports = ["1/tcp"]`), `= "app"`, `= "a\u001b[2J"`), []string{"name", "control character"}},
		{"long log prefix", service(`ports = ["1/tcp"]` + "\n  " + `log = { prefix = "` + strings.Repeat("p", 30) + `" }`), []string{"log", "30 bytes", "29"}},
		{"bad rate", service(`ports = ["1/tcp"]` + "\n  " + `rate_limit = { rate = "10" }`), []string{"rate_limit.rate", "not a rate", `rate_limit = { rate = "10" }`, "no unit"}},
		{"bad action", service(`ports = ["1/tcp"]` + "\n  " + `action = "allow"`), []string{"action", `"allow"`, "accept"}},
		{"bad family", service(`ports = ["1/tcp"]` + "\n  " + `families = ["inet"]`), []string{"families", "ipv4"}},
		{"bad priority", service(`ports = ["1/tcp"]` + "\n  " + `priority = 10000`), []string{"priority", "9999"}},
		{"two things wrong", service(`ports = ["0/tcp", "22"]`), []string{"there is no port 0", "has no protocol"}},
		{"no such chain", service(`ports = ["1/tcp"]` + "\n  " + `chain = "NOWHERE"`), []string{"Could not plan", "chain", "there is no chain NOWHERE"}},

		{"bad policy", policy(`policy = "DENY"`), []string{"policy", `"DENY"`, "DROP"}},
		{"policy of another chain", policy(`policy = "DROP"` + "\n  " + `chain = "PREROUTING"`), []string{"chain", "INPUT, FORWARD, OUTPUT"}},
		{"rate without ping", policy(`policy = "DROP"` + "\n  " + `ping_rate = "1/second"`), []string{"ping_rate", `icmp = "ping"`}},

		{"unknown option", rule("INPUT", "-p tcp --dprot 22 -j ACCEPT"), []string{"spec", "--dprot", `did you mean "--dport"`}},
		{"port without protocol", rule("INPUT", "--dport 22 -j ACCEPT"), []string{"spec", "--dport"}},
		{"spec of one family", rule("INPUT", "-p icmp --icmp-type echo-request -m addrtype --src-type LOCAL -j REJECT --reject-with icmp-host-prohibited"), []string{"spec", "ipv4"}},
		{"command in a spec", rule("INPUT", "-A INPUT -p tcp -j ACCEPT"), []string{"spec", "-A"}},
		{"newline in a spec", rule("INPUT", `-j ACCEPT\n-A INPUT -j ACCEPT`), []string{"spec"}},
		{"rule of no chain", rule("NOWHERE", "-j ACCEPT"), []string{"Could not plan", "chain", "there is no chain NOWHERE"}},
		{"rule of no table", replace(rule("INPUT", "-j ACCEPT"), `chain`, "table = \"fliter\"\n  chain"), []string{"table", `"fliter"`, "filter"}},
		{"rule of no set", rule("INPUT", "-m set --match-set nowhere src -j ACCEPT"), []string{"Could not plan", "The host has no ipset nowhere"}},
		// What only the host can know: its kernel has no such counter.
		{"refused by the host", rule("INPUT", "-m nfacct --nfacct-name nowhere -j ACCEPT"), []string{"Could not create", "nowhere", "firewall is unchanged"}},

		{"no host", replace(service(`ports = ["1/tcp"]`), "HOST", ""), []string{"Not a host", "host ="}},
		{"host with a blank", replace(service(`ports = ["1/tcp"]`), "HOST", "web 1"), []string{"Not a host", "host ="}},
		{"port of the host", replace(service(`ports = ["1/tcp"]`), "HOST", "web:ssh"), []string{"host", `"ssh" is not a port`}},
		{"host that does not resolve", replace(service(`ports = ["1/tcp"]`), "HOST", "nowhere.invalid"), []string{"Could not plan", "host", "nowhere.invalid", "check the spelling"}},
		{"port that refuses", replace(service(`ports = ["1/tcp"]`), "HOST", "HOST:23"), []string{"Could not plan", "host", "nothing listens"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.run(resource.TestStep{Config: s.config(c.config), ExpectError: words(c.want...)})
		})
	}
	s.t = t
	s.unchanged(before)
}

func service(more string) string {
	return fmt.Sprintf("resource \"iptables_service\" \"app\" {\n  host = \"HOST\"\n  name = \"app\"\n  %s\n}", more)
}

func policy(more string) string {
	return fmt.Sprintf("resource \"iptables_default_policy\" \"p\" {\n  host = \"HOST\"\n  %s\n}", more)
}

func rule(chain, spec string) string {
	// The spec is put in as it is, escapes and all.
	return replace(fmt.Sprintf("resource \"iptables_rule\" \"r\" {\n  host  = \"HOST\"\n  chain = %q\n  spec  = \"SPEC\"\n}", chain), "SPEC", spec)
}

func TestHostWithAnotherKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	key := strings.TrimSpace(s.do("ssh-keygen -q -t ed25519 -N '' -f /tmp/other && cut -d ' ' -f 1,2 /tmp/other.pub"))
	s.settings = fmt.Sprintf("  hosts = { web = { address = %q, host_key = %q } }\n", s.host.Address, key)
	s.run(resource.TestStep{
		Config:      s.config(replace(service(`ports = ["1/tcp"]`), "HOST", "web")),
		ExpectError: words("Could not plan", "on host web", "the host offers the key", "but known is", "(host_key)"),
	})
}

func TestDeadHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.settings = fmt.Sprintf("  hosts = { web = { address = %q, timeout = \"2s\" } }\n", s.host.Address)
	if err := s.host.CutLink(); err != nil {
		t.Fatal(err)
	}
	s.run(resource.TestStep{
		Config:      s.config(replace(service(`ports = ["1/tcp"]`), "HOST", "web")),
		ExpectError: words("Could not plan", "on host web", "no answer", "a firewall drops the packets"),
	})
}

func TestHostWithoutIptables(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do("for p in /usr/sbin/*iptables* /usr/sbin/*ip6tables*; do mv $p /root/; done")
	s.run(resource.TestStep{
		Config:      s.config(service(`ports = ["1/tcp"]`)),
		ExpectError: words("Could not plan", "iptables"),
	})
	// Without ip6tables only, what is for both families is for IPv4.
	if _, err := s.host.Shell(context.Background(), "for p in /root/*iptables*; do mv $p /usr/sbin/; done"); err != nil {
		t.Fatal(err)
	}
	s.run(
		resource.TestStep{
			Config: s.config(service(`ports = ["1/tcp"]`)),
			Check:  resource.TestCheckResourceAttr("iptables_service.app", "rules.#", "1"),
		},
		resource.TestStep{
			Config:      s.config(service(`ports = ["1/tcp"]` + "\n  " + `families = ["ipv6"]`)),
			ExpectError: words("the host has no ip6tables"),
		},
	)
}
