package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// guarded is a host with rules, banned addresses and programs that listen.
const guarded = `
	iptables -N f2b-sshd
	iptables -A f2b-sshd -s 198.51.100.66/32 -j REJECT --reject-with icmp-port-unreachable
	iptables -A f2b-sshd -j RETURN
	iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
	for ipt in iptables ip6tables; do
		$ipt -A INPUT -i lo -j ACCEPT
		$ipt -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
		$ipt -A INPUT -p tcp --dport 22 -j ACCEPT
		$ipt -A INPUT -p tcp --dport 8080 -j ACCEPT
		$ipt -A INPUT -p ipv6-icmp -j ACCEPT
	done
	iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 3306 -j ACCEPT
	iptables -P INPUT DROP
	ip6tables -P INPUT DROP
	for address in 0.0.0.0:3306 0.0.0.0:6379 127.0.0.1:9000; do
		setsid perl -MIO::Socket::INET -e '
			$0 = "answerer"; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => shift) or die; sleep 600' $address </dev/null >/dev/null 2>&1 &
	done
	for second in 1 2 3 4 5 6 7 8 9 10; do
		if [ "$(ss -lnt | grep -c -e :3306 -e :6379 -e :9000)" = 3 ]; then exit; fi
		sleep 1
	done
	echo "the programs do not listen" >&2
	exit 1`

const sources = `
data "iptables_host" "h" {
  host = "HOST"
}

data "iptables_rules" "hand" {
  host      = "HOST"
  unmanaged = true
  managed   = ["iptables -A INPUT -p tcp --dport ssh -j ACCEPT", "iptables -P INPUT DROP"]
  chain     = "INPUT"
  family    = "ipv4"
  text      = "-p tcp"
}

data "iptables_rules" "counted" {
  host     = "HOST"
  target   = "f2b-sshd"
  counters = true
}

data "iptables_listening_sockets" "l" {
  host = "HOST"
}

data "iptables_reachability" "mysql" {
  host = "HOST"
  port = 3306
}

data "iptables_reachability" "strangers" {
  host   = "HOST"
  port   = 3306
  family = "ipv4"
  except = ["203.0.113.0/25", "203.0.113.128/25"]
}
`

func TestSources(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.do(guarded)
		before := s.save()
		attribute := resource.TestCheckResourceAttr
		socket := func(port, family, from string) resource.TestCheckFunc {
			return resource.TestCheckTypeSetElemNestedAttrs("data.iptables_listening_sockets.l", "sockets.*",
				map[string]string{"port": port, "family": family, "protocol": "tcp", "reachable_from": from})
		}
		silent := map[string]string{"ports": "8080/tcp", "family": "ipv6", "reachable_from": "world", "rule": "ip6tables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"}
		const host, hand, counted = "data.iptables_host.h", "data.iptables_rules.hand", "data.iptables_rules.counted"
		s.run(resource.TestStep{
			Config: s.config(sources),
			Check: all(
				attribute(host, "distribution", "debian"), attribute(host, "distribution_version", "12"),
				attribute(host, "iptables_version", "1.8.9"), attribute(host, "backend", string(s.backend())),
				attribute(host, "boot_mechanism", "netfilter-persistent"), attribute(host, "boot_files.ipv6", "/etc/iptables/rules.v6"),
				attribute(host, "boot_enabled", "true"),
				attribute(host, "software.#", "1"), attribute(host, "software.0", "fail2ban"),
				attribute(host, "other_backend_rules.#", "0"), attribute(host, "families.#", "2"),
				attribute(host, "login.client_address", s.Client), attribute(host, "login.server_address", s.host.Address),
				attribute(host, "login.server_port", "22"), resource.TestCheckResourceAttrSet(host, "login.interface"),

				attribute(hand, "rules.#", "2"),
				attribute(hand, "rules.0", "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"),
				attribute(hand, "parsed.1.source", "203.0.113.0/24"), attribute(hand, "parsed.1.number", "7"),
				attribute(hand, "parsed.1.destination_ports.0", "3306"), resource.TestCheckNoResourceAttr(hand, "parsed.1.packets"),
				attribute(hand, "policies.0", "iptables -P INPUT DROP"),
				attribute(counted, "rules.#", "1"), attribute(counted, "parsed.0.software", "fail2ban"),
				resource.TestMatchResourceAttr(counted, "parsed.0.packets", words("")), resource.TestCheckResourceAttrSet(counted, "parsed.0.bytes"),

				socket("22", "ipv4", "world"), socket("22", "ipv6", "world"), socket("3306", "ipv4", "some"),
				socket("6379", "ipv4", "none"), socket("9000", "ipv4", "none"),
				resource.TestCheckTypeSetElemNestedAttrs("data.iptables_listening_sockets.l", "sockets.*", map[string]string{"port": "22", "process": "sshd"}),
				resource.TestCheckTypeSetElemNestedAttrs("data.iptables_listening_sockets.l", "silent_ports.*", silent),

				attribute("data.iptables_reachability.mysql", "verdict", "some"),
				attribute("data.iptables_reachability.mysql", "sources.0", "203.0.113.0/24"),
				attribute("data.iptables_reachability.mysql", "path.0", "iptables -A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT"),
				attribute("data.iptables_reachability.strangers", "verdict", "dropped"),
				attribute("data.iptables_reachability.strangers", "because", "policy of INPUT is DROP"),
			),
		})
		s.unchanged(before)
	})
}

// One login and one session tell all but sockets and counters, which take one session more each.
func TestSourcesTakeOneSession(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	sessions := func(want int, body string) {
		t.Helper()
		c := s.newCLI(body)
		if err := s.host.ResetSSHCounts(); err != nil {
			t.Fatal(err)
		}
		c.ok("plan")
		got, err := s.host.SSHCounts()
		if err != nil {
			t.Fatal(err)
		}
		if got.Logins != 1 || got.Sessions != want {
			t.Errorf("%d logins, %d sessions, want 1 and %d:%s", got.Logins, got.Sessions, want, body)
		}
	}
	facts := "\ndata \"iptables_host\" \"h\" {\n  host = \"HOST\"\n}\n\ndata \"iptables_rules\" \"r\" {\n  host = \"LOGIN@HOST\"\n}\n\n" +
		"data \"iptables_reachability\" \"r\" {\n  host = \"HOST\"\n  port = 22\n}\n"
	sessions(1, facts)
	sessions(2, facts+"\ndata \"iptables_listening_sockets\" \"l\" {\n  host = \"HOST\"\n}\n")
	sessions(2, facts+"\ndata \"iptables_rules\" \"c\" {\n  host     = \"HOST\"\n  counters = true\n}\n")
}

// Where there is no ss, the kernel's tables are read with the tools that busybox has.
func TestSocketsWithoutSS(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(guarded)
	s.do(`
	rm "$(command -v ss)"
	ln -sf /bin/busybox /bin/sh
	for tool in ls grep cat; do ln -s /bin/busybox /usr/local/sbin/$tool; done`)
	socket := func(want map[string]string) resource.TestCheckFunc {
		return resource.TestCheckTypeSetElemNestedAttrs("data.iptables_listening_sockets.l", "sockets.*", want)
	}
	s.run(resource.TestStep{
		Config: s.config("data \"iptables_listening_sockets\" \"l\" {\n  host = \"HOST\"\n}\n"),
		Check: all(
			socket(map[string]string{"port": "22", "family": "ipv6", "process": "sshd", "reachable_from": "world"}),
			socket(map[string]string{"port": "3306", "family": "ipv4", "process": "answerer", "reachable_from": "some"}),
			socket(map[string]string{"port": "9000", "address": "127.0.0.1", "loopback": "true", "reachable_from": "none"}),
		),
	})
}

// What can be said of a question or a host that is not there.
func TestSourcesRefuse(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	source := func(name, body string) string { return s.config(fmt.Sprintf("data %q \"x\" {\n%s\n}\n", name, body)) }
	away := strings.Replace(s.host.Address, "10.", "10.255.", 1)
	s.settings = "  hosts = { away = { address = \"" + away + "\", timeout = \"1s\" } }\n"
	fails := func(config string, want ...string) resource.TestStep {
		return resource.TestStep{Config: config, ExpectError: words(want...)}
	}
	s.run(
		fails(source("iptables_reachability", `host = "HOST"`), "a port is needed"),
		fails(source("iptables_reachability", "host = \"HOST\"\nport = 22\nsource = [\"office\"]"), "not an address or network", "office"),
		fails(source("iptables_rules", "host = \"HOST\"\nmanaged = []"), "managed without unmanaged"),
		fails(source("iptables_rules", "host = \"HOST\"\nunmanaged = true\nmanaged = [\"-A INPUT -p\"]"), "not a line of iptables"),
		fails(source("iptables_listening_sockets", `host = "away"`), "Could not read iptables_listening_sockets on host away"),
		// A host that is known only after apply is asked then.
		resource.TestStep{
			Config: s.config("resource \"terraform_data\" \"server\" {\n  input = \"HOST\"\n}\n\n" +
				"data \"iptables_host\" \"h\" {\n  host = terraform_data.server.output\n}\n"),
			Check: resource.TestCheckResourceAttr("data.iptables_host.h", "distribution", "debian"),
		},
	)
}

// backend is that of the first host.
func (s *stage) backend() fleet.Backend {
	if strings.Contains(s.do("iptables --version"), "legacy") {
		return fleet.Legacy
	}
	return fleet.NFT
}
