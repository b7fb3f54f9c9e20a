package acceptance

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/command"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// grownByHand is a firewall as people type it over the years.
const grownByHand = `
for f in iptables ip6tables; do
  $f -A INPUT -i lo -j ACCEPT
  $f -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  $f -A INPUT -p tcp --dport 22 -j ACCEPT
  $f -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT
done
iptables -N TEAM
iptables -A INPUT -p tcp --dport 9000:9100 -j TEAM
iptables -A TEAM -s 203.0.113.0/24 -j ACCEPT
iptables -A TEAM -s 198.51.100.0/24 -m comment --comment 'odd ${var.x} %{if} "quoted"' -j ACCEPT
iptables -A INPUT -s 192.0.2.1 -p udp --dport 161 -j ACCEPT
iptables -A INPUT -s 192.0.2.2 -p udp --dport 161 -j ACCEPT
iptables -A INPUT -s 192.0.2.3 -p udp --dport 161 -j ACCEPT
iptables -A INPUT -p tcp -m multiport --dports 80,8080 -j ACCEPT
iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE
iptables -N f2b-sshd
iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
iptables -A f2b-sshd -s 198.51.100.66 -j REJECT
iptables -A f2b-sshd -j RETURN
ipset create office hash:net comment
ipset add office 203.0.113.0/24 comment 'head ${office}'
ipset create sixes hash:ip family inet6 maxelem 1000
ipset create f2b-web hash:ip timeout 600
iptables -A INPUT -p tcp --dport 5432 -m set --match-set office src -j ACCEPT
iptables -P INPUT DROP
`

// adopt runs the subcommand for a fleet's hosts, and returns what it said.
func (s *stage) adopt(args ...string) (said string, status int) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"adopt", "--private-key-file", s.Key, "--known-hosts-files", s.KnownHosts, "--timeout", "20s"}, args...)
	status = command.Run(s.t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	return stderr.String(), status
}

// adopted is a folder with what was adopted, ready for Terraform.
func (s *stage) adopted(hosts ...string) (c *cli, said string, status int) {
	s.t.Helper()
	c = s.newCLI("")
	if err := os.Remove(filepath.Join(c.folder, "main.tf")); err != nil {
		s.t.Fatal(err)
	}
	args := append([]string{"--out", c.folder}, hosts...)
	if !tools.Has(s.t, tools.ImportForEach) {
		args = append([]string{"--plain-imports"}, args...)
	}
	said, status = s.adopt(args...)
	return c, said, status
}

// Hosts are adopted over one login each, checked by a plan, imported, and not changed on the way.
func TestAdopt(t *testing.T) {
	t.Parallel()
	// Names of their own: tests run beside each other.
	s := newStage(t, fleet.HostOptions{Name: "adopt1"}, fleet.HostOptions{Name: "adopt2", Backend: fleet.Legacy},
		fleet.HostOptions{Name: "adopt3"}, fleet.HostOptions{Name: "adopt4"})
	var names []string
	before := map[string]fleet.Saved{}
	for i, h := range s.Hosts() {
		script := grownByHand
		if i == 2 {
			script += "iptables -A INPUT -p tcp --dport 3306 -m comment --comment mysql -j ACCEPT\n"
		}
		if _, err := h.Shell(t.Context(), script); err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		before[h.Name] = saved(t, h)
		if err := h.ResetSSHCounts(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Hosts()[3].CutLink(); err != nil { // it must not hold up the others, nor be forgotten
		t.Fatal(err)
	}
	c, said, status := s.adopted(names...)
	if status != 1 {
		t.Errorf("exit status %d with a host that is cut off", status)
	}
	says(t, said, "FAILED adopt4: ", "no answer", "adopted 52 of 61 lines of 3 hosts as 13 resources; 9 belong to other software", "MISSING, not read: adopt4")
	for _, h := range s.Hosts()[:3] {
		if n, err := h.SSHCounts(); err != nil || n.Logins != 1 {
			t.Errorf("%s: %d logins (%v)", h.Name, n.Logins, err)
		}
		says(t, said, "/4 "+h.Name+": ")
	}
	summary := c.ok("plan")
	says(t, summary, "to import, 0 to add, 0 to change, 0 to destroy")
	c.ok("apply", "-auto-approve")
	c.empty()
	for _, h := range s.Hosts()[:3] {
		if diff := cmp.Diff(before[h.Name], saved(t, h)); diff != "" {
			t.Errorf("adopting changed %s (-before +after):\n%s", h.Name, diff)
		}
	}
	shared, err := os.ReadFile(filepath.Join(c.folder, "services.tf"))
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(shared), `"https"`, "for_each = local.hosts", "host = each.key", `"mysql"`, `host     = "adopt3"`)

	said, status = s.adopt(append([]string{"--check", "--terraform", os.Getenv("TF_ACC_TERRAFORM_PATH"), "--plain-imports"}, names[:3]...)...)
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	says(t, said, "checked by ", " plan: ", " imports, nothing to add, change or destroy")
}

func saved(t *testing.T, h *fleet.Host) fleet.Saved {
	t.Helper()
	saved, err := h.Save(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return saved
}
