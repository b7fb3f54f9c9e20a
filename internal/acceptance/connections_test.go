package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const shutButForGate = `
resource "iptables_service" "ssh" {
  host    = "web"
  name    = "ssh"
  sources = ["GATE/32"]
}

resource "iptables_default_policy" "input" {
  host       = "web"
  policy     = "DROP"
  families   = ["ipv4"]
  depends_on = [iptables_service.ssh]
}`

// A host that only the bastion may log in to: the guard, the new login and the way back all go through it.
func TestBastion(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{Name: "web.example.com"}, hostOptions{Name: "gate.example.com", Port: 2222})
	gate := s.Hosts()[1]
	shut := replace(shutButForGate, "GATE", gate.Address)
	step := func(settings string) resource.TestStep {
		s.settings = settings
		return resource.TestStep{Config: s.config(shut), Check: s.policy("INPUT", "DROP")}
	}
	before := s.save()
	s.run(step(fmt.Sprintf("  hosts = { web = { address = %q, bastion_host = %q, bastion_port = 2222, bastion_user = \"guest\" } }\n",
		s.host.Address, gate.Address)))
	s.unchanged(before)

	// The same by ssh's own configuration.
	file := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("Host web\n  HostName %s\n  ProxyJump gate\nHost gate\n  HostName %s\n  Port 2222\n  User guest\nHost *\n  User root\n",
		s.host.Address, gate.Address)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(step(fmt.Sprintf("  hosts = { web = { ssh_config = true, ssh_config_file = %q } }\n", file)))
	s.unchanged(before)

	// Without it the guard sees another address come in.
	refused := step(fmt.Sprintf("  hosts = { web = { address = %q } }\n", s.host.Address))
	refused.Check, refused.ExpectError = nil, words("would lock this login out", s.Client)
	s.run(refused)
	s.unchanged(before)
}

// A session that was open before the first rule goes on under a default policy of DROP, although connection
// tracking, which starts with that policy's rules, has not seen how the session began.
func TestOpenSessionGoesOn(t *testing.T) {
	onBackends(t, func(s *stage) {
		session := s.openSession()
		before := s.save()
		s.run(resource.TestStep{
			Config: s.config(allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}`),
			Check: func(*terraformState) error { return session.answers() },
		})
		if err := session.answers(); err != nil {
			s.t.Error(err)
		}
		s.unchanged(before)
	})
}

// Terraform writes the configuration for what is imported, and a plan of it is empty.
func TestGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(`
for i in iptables ip6tables; do
	$i -A INPUT -i lo -j ACCEPT
	$i -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	$i -A INPUT -p tcp --dport 22 -j ACCEPT
	$i -A INPUT -p tcp -m multiport --dports 80,443 -m comment --comment "it's \${the} web" -j ACCEPT
done
iptables -A INPUT -s 203.0.113.0/24 -p udp --dport 161 -m limit --limit 5/min -j ACCEPT
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
iptables -N TEAM
iptables -A TEAM -p tcp --dport 9090 -j ACCEPT
iptables -A FORWARD -i eth1 -j TEAM
iptables -P INPUT DROP`)
	before := s.save()
	c := s.newCLI(`
import {
  to = iptables_service.ssh
  id = "HOST 22/tcp"
}
import {
  to = iptables_default_policy.input
  id = "HOST iptables -P INPUT DROP"
}
import {
  to = iptables_rule.web
  id = "HOST -A INPUT -p tcp -m multiport --dports 80,443 -m comment --comment \"it's $${the} web\" -j ACCEPT"
}
import {
  to = iptables_rule.snmp
  id = "HOST iptables -A INPUT -s 203.0.113.0/24 -p udp -m udp --dport 161 -m limit --limit 5/min -j ACCEPT"
}
import {
  to = iptables_rule.masquerade
  id = "HOST iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE"
}
import {
  to = iptables_chain.team
  id = "HOST -N TEAM"
}
import {
  to = iptables_exclusive_rules.forward
  id = "HOST iptables -S FORWARD"
}`)
	out := c.ok("plan", "-generate-config-out=generated.tf")
	says(t, out, "Plan: 7 to import, 0 to add, 0 to change, 0 to destroy.")
	generated, err := os.ReadFile(filepath.Join(c.folder, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if noise := regexp.MustCompile(`= (""|\[\]|\{\})`).FindAll(generated, -1); len(noise) > 0 {
		t.Errorf("%q in the configuration:\n%s", noise, generated)
	}
	c.ok("apply", "-auto-approve")
	c.empty()
	s.unchanged(before)
}
