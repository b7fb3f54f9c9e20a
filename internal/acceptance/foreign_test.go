package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// foreign is what other software and hand-made rules leave on a host.
const foreign = `
iptables -N f2b-sshd
iptables -A f2b-sshd -s 192.0.2.7 -j REJECT --reject-with icmp-port-unreachable
iptables -A f2b-sshd -j RETURN
iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
iptables -N DOCKER
iptables -N DOCKER-USER
iptables -N DOCKER-ISOLATION-STAGE-1
iptables -A DOCKER-USER -j RETURN
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o docker0 -j DOCKER
iptables -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -A INPUT -s 198.51.100.0/24 -p tcp --dport 22 -m comment --comment "it's \"quoted\" \$(here)" -j ACCEPT
iptables -A INPUT -p icmp -j ACCEPT
iptables -A INPUT -m recent --name portscan --rcheck --seconds 86400 -j DROP
ip6tables -N f2b-sshd
ip6tables -A f2b-sshd -j RETURN
ip6tables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
`

// Rules and chains of others are the same to the letter after everything, and stay in their
// order all the time.
func TestForeignRules(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.do(foreign)
		before := s.save()
		undisturbed := func(*terraformState) error { return holds(s.save(), before) }
		s.run(
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "ssh" {
  host    = "HOST"
  name    = "ssh"
  comment = "ours ssh"
}

resource "iptables_rule" "forward" {
  host  = "HOST"
  chain = "DOCKER-USER"
  spec  = "-i eth0 -s 203.0.113.0/24 -m comment --comment \"ours forward\" -j DROP"
}

resource "iptables_rule" "nat" {
  host  = "HOST"
  table = "nat"
  chain = "POSTROUTING"
  spec  = "-s 10.0.0.0/8 -m comment --comment \"ours nat\" -j MASQUERADE"
}

resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}`),
				Check: undisturbed,
			},
			resource.TestStep{
				// fail2ban bans somebody between two applies.
				PreConfig: s.doing("iptables -I f2b-sshd -s 192.0.2.8 -j REJECT"),
				Config: s.config(`
resource "iptables_service" "ssh" {
  host    = "HOST"
  name    = "ssh"
  ports   = ["22/tcp", "2222/tcp"]
  comment = "ours ssh"
}`),
				Check: all(undisturbed, func(*terraformState) error { s.do("iptables -D f2b-sshd -s 192.0.2.8 -j REJECT"); return nil }),
			},
		)
		s.unchanged(before)
	})
}

// holds reports whether the rules of before are all there, in their order, whatever stands between them.
func holds(now, before fleet.Saved) error {
	for _, family := range [][2]string{{now.IPv4, before.IPv4}, {now.IPv6, before.IPv6}} {
		rest := strings.Split(family[0], "\n")
		for _, line := range strings.Split(family[1], "\n") {
			if strings.HasPrefix(line, ":") {
				continue // chains are sorted, and their policies are ours
			}
			at := slices.Index(rest, line)
			if at < 0 {
				return fmt.Errorf("%q is not where it was; the host has:\n%s", line, family[0])
			}
			rest = rest[at+1:]
		}
	}
	return nil
}
