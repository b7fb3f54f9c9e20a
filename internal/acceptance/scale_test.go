package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// counted runs something and checks what a host's sshd saw of it. A commit is one script on the connection there is,
// and unless the change takes nothing away a new login, whose one script decides.
func (s *stage) counted(host *fleet.Host, what string, f func(), check func(got fleet.SSHCounts) bool) {
	s.t.Helper()
	if err := host.ResetSSHCounts(); err != nil {
		s.t.Fatal(err)
	}
	f()
	got, err := host.SSHCounts()
	if err != nil {
		s.t.Fatal(err)
	}
	if !check(got) {
		s.t.Errorf("%s, host %s: %+v", what, host.Name, got)
	}
}

// A host costs one login to read, and one for each commit that could shut somebody out: however many resources there are
// and under however many names. (A commit is two sessions then; one that has to begin anew has more.)
func TestLogins(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	plan := func(got fleet.SSHCounts) bool { return got == fleet.SSHCounts{Connections: 1, Logins: 1, Sessions: 1} }
	for target, commits := range map[string]func(got fleet.SSHCounts) bool{
		"DROP": func(got fleet.SSHCounts) bool {
			n := got.Logins - 1
			return n >= 1 && n < 30 && got.Connections == got.Logins && got.Sessions >= 1+2*n
		},
		"ACCEPT": func(got fleet.SSHCounts) bool {
			return got.Connections == 1 && got.Logins == 1 && got.Sessions >= 2
		},
	} {
		c := s.newCLI(replace(`
resource "iptables_rule" "r" {
  count = 30
  host  = count.index % 2 == 0 ? "HOST" : "LOGIN@HOST:22"
  chain = "INPUT"
  spec  = "-s 192.0.2.1/32 -p tcp --dport ${3000 + count.index} -j TARGET"
}`, "TARGET", target))
		s.counted(s.host, "a plan", func() { c.ok("plan", "-out", "plan.out") }, plan)
		s.counted(s.host, "an apply of "+target, func() { c.ok("apply", "plan.out") }, commits)
		s.counted(s.host, "an empty plan", c.empty, plan)
		c.ok("destroy", "-auto-approve")
	}
}

// Many hosts behind a bastion whose sshd lets one connection in at a time, and one session in each: all of them share
// one, whose tunnels are no sessions.
func TestManyBehindBastion(t *testing.T) {
	t.Parallel()
	s := newStage(t, append([]fleet.HostOptions{{Name: "gate"}}, fleet.N(6, fleet.HostOptions{})...)...)
	gate, hosts := s.Hosts()[0], s.Hosts()[1:]
	s.do("printf 'MaxStartups 1:100:1\nMaxSessions 1\n' >/etc/ssh/sshd_config.d/few.conf")
	if err := gate.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range hosts {
		names = append(names, fmt.Sprintf("%q", h.Address))
	}
	s.settings = ""
	c := s.newCLI("")
	write := func(settings, port string) {
		s.settings = settings
		config := strings.Replace(s.config(replace(`
resource "iptables_service" "app" {
  for_each = toset([`+strings.Join(names, ", ")+`])
  host     = each.key
  name     = "app"
  ports    = ["PORT/tcp"]
  sources  = ["192.0.2.0/24"]
  action   = "drop"
}`, "PORT", port)), "ssh = {", fmt.Sprintf("ssh = {\n    bastion_user = \"root\"\n    bastion_host = %q", gate.Address), 1)
		c.write("main.tf", required+config)
	}
	once := func(got fleet.SSHCounts) bool { return got == fleet.SSHCounts{Connections: 1, Logins: 1} }
	each := func(what string, logins int, f func()) {
		t.Helper()
		run := func() { s.counted(gate, what, f, once) }
		for _, h := range hosts {
			inner := run
			run = func() {
				s.counted(h, what, inner, func(got fleet.SSHCounts) bool { return got.Connections == logins && got.Logins == logins })
			}
		}
		run()
	}
	write("", "8080")
	each("a plan", 1, func() { c.ok("plan", "-out", "plan.out") })
	each("an apply", 2, func() { c.ok("apply", "plan.out") })

	// With places for fewer than there are, those that are not in use go; the bastion's does not.
	write("  max_connections = 2\n", "8081")
	s.counted(gate, "a plan", func() { c.ok("plan", "-out", "plan.out") }, once)
	s.counted(gate, "an apply", func() { c.ok("apply", "plan.out") }, once)
	for _, h := range hosts {
		if out, err := h.Console(t.Context(), "iptables", "-S", "INPUT"); err != nil || !strings.Contains(out, "--dport 8081 ") {
			t.Errorf("host %s: %s%v", h.Name, out, err)
		}
	}
}
