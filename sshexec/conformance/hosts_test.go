package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

func TestMain(m *testing.M) { fleet.Main(m) }

// config reaches a host as a user with the fleet's key.
func config(f *fleet.Fleet, h *fleet.Host, user string) sshexec.Config {
	c := sshexec.Config{
		Name: h.Name, Address: h.Address, Port: h.Port, User: user,
		PrivateKeyFile: f.Key, KnownHostsFiles: []string{f.KnownHosts}, Timeout: 20 * time.Second,
	}
	if c.Address == "" {
		c.Address = h.Address6
	}
	return c
}

func client(t *testing.T, c sshexec.Config) *sshexec.Client {
	t.Helper()
	cl := sshexec.New(c)
	t.Cleanup(func() { _ = cl.Close() })
	return cl
}

// console runs a script behind SSH's back.
func console(t *testing.T, h *fleet.Host, script string) string {
	t.Helper()
	out, err := h.Shell(t.Context(), script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A way is a user of the fleet and how that user becomes root.
type way struct {
	user   string
	change func(*sshexec.Config)
}

func ways() map[string]way {
	return map[string]way{
		"root":               {fleet.Root, func(*sshexec.Config) {}},
		"sudo":               {fleet.Deploy, func(*sshexec.Config) {}},
		"sudo, not needed":   {fleet.Deploy, func(c *sshexec.Config) { c.SudoPassword = sshexec.NewSecret("not-needed-password") }},
		"sudo with password": {fleet.Ops, func(c *sshexec.Config) { c.SudoPassword = sshexec.NewSecret(fleet.OpsPassword) }},
		"passwords only": {fleet.Admin, func(c *sshexec.Config) {
			c.PrivateKeyFile, c.Password, c.SudoPassword = "", sshexec.NewSecret(fleet.AdminPassword), sshexec.NewSecret(fleet.AdminPassword)
		}},
		"doas": {fleet.Mason, func(*sshexec.Config) {}},
	}
}

// every byte but NUL, as a script's input.
func everyByte() []byte {
	var all []byte
	for i := 1; i < 256; i++ {
		all = append(all, byte(i))
	}
	return append(all, '\n')
}

// Every way to become root works on every system, costs one login and one session a script,
// and shows the passwords to nobody.
func TestEveryWayToBecomeRoot(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "bullseye", Suite: fleet.Bullseye}, {Name: "bookworm"}, {Name: "trixie", Suite: fleet.Trixie},
		{Name: "systemd", Init: fleet.Systemd}, {Name: "bash"}, {Name: "ipv6", IPv6Only: true},
	}})
	console(t, f.Host("bash"), "ln -sf bash /bin/sh")
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			for name, w := range ways() {
				t.Run(name, func(t *testing.T) {
					if err := h.ResetSSHCounts(); err != nil {
						t.Fatal(err)
					}
					c := config(f, h, w.user)
					w.change(&c)
					becomesRoot(t, client(t, c), f)
					counts, err := h.SSHCounts()
					if err != nil || counts.Connections != 1 || counts.Logins != 1 || counts.Sessions != 2 {
						t.Errorf("%+v, %v", counts, err)
					}
				})
			}
		})
	}
}

// becomesRoot runs two scripts and checks what they are given.
func becomesRoot(t *testing.T, c *sshexec.Client, f *fleet.Fleet) {
	t.Helper()
	got, err := c.Run(t.Context(), sshexec.Script{Body: `cat; exit "$status"`, Vars: map[string]string{"status": "7"}, Input: everyByte()})
	if err != nil || string(got.Stdout) != string(everyByte()) || got.Exit != 7 || len(got.Stderr) != 0 {
		t.Errorf("%q, %q, status %d, %v", got.Stdout, got.Stderr, got.Exit, err)
	}
	got, err = c.Run(t.Context(), sshexec.Script{Body: `
		id -u; echo "$LC_ALL"; set -- $SSH_CONNECTION; echo "$# $1"; command -v iptables >/dev/null && echo found
		for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\0' ' ' <"$f" 2>/dev/null; done | grep -c -- '-passwor[d]'`})
	want := fmt.Sprintf("0\nC\n4 %s\nfound\n0\n", f.Client)
	if strings.Contains(string(got.Stdout), ":") {
		want = fmt.Sprintf("0\nC\n4 %s\nfound\n0\n", f.Client6)
	}
	if err != nil || string(got.Stdout) != want {
		t.Errorf("got %q, %q, %v; want %q", got.Stdout, got.Stderr, err, want)
	}
}

// What the tools themselves say is told apart.
func TestCannotBecomeRoot(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "bullseye", Suite: fleet.Bullseye}, {Name: "bookworm"}, {Name: "trixie", Suite: fleet.Trixie},
	}})
	password := func(text string) func(*sshexec.Config) {
		return func(c *sshexec.Config) { c.SudoPassword = sshexec.NewSecret(text) }
	}
	for _, h := range f.Hosts() {
		for _, test := range []struct {
			name    string
			user    string
			sudoers string
			change  func(*sshexec.Config)
			reason  sshexec.PrivilegeReason
		}{
			{"no password given", fleet.Ops, "", func(*sshexec.Config) {}, sshexec.PrivilegePassword},
			{"wrong password", fleet.Ops, "", password("wrong"), sshexec.PrivilegeWrong},
			{"not in sudoers", fleet.Guest, "", func(c *sshexec.Config) { c.Privilege = sshexec.Sudo }, sshexec.PrivilegePassword},
			{"not for doas", fleet.Guest, "", func(c *sshexec.Config) { c.Privilege = sshexec.Doas }, sshexec.PrivilegeNotListed},
			{"terminal", fleet.Deploy, "Defaults requiretty", func(*sshexec.Config) {}, sshexec.PrivilegeTerminal},
			{"forgets", fleet.Ops, "Defaults timestamp_timeout=0", password(fleet.OpsPassword), sshexec.PrivilegeForgets},
			{"not root, but another", fleet.Guest, fleet.Guest + " ALL=(games) NOPASSWD: ALL", func(c *sshexec.Config) { c.Privilege = sshexec.Sudo },
				sshexec.PrivilegePassword},
		} {
			t.Run(h.Name+"/"+test.name, func(t *testing.T) {
				console(t, h, "printf '%s\\n' '"+test.sudoers+"' >/etc/sudoers.d/zz-test; chmod 440 /etc/sudoers.d/zz-test")
				c := config(f, h, test.user)
				test.change(&c)
				_, err := client(t, c).Run(t.Context(), sshexec.Script{Body: "echo >/run/ran"})
				var refused *sshexec.PrivilegeError
				if !errors.As(err, &refused) || refused.Reason != test.reason || refused.Said == "" {
					t.Errorf("%T %v", err, err)
				}
				if out := console(t, h, "ls /run/ran 2>/dev/null || echo none"); out != "none\n" {
					t.Errorf("it ran: %s", out)
				}
				console(t, h, "rm /etc/sudoers.d/zz-test")
			})
		}
	}
}

// sudoers need allow nothing but the one command that becomes root.
func TestLeastSudoers(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "bookworm"}, {Name: "trixie", Suite: fleet.Trixie}}})
	for _, h := range f.Hosts() {
		console(t, h, `echo '`+fleet.Guest+` ALL=(root) NOPASSWD: /bin/sh -s -- *' >/etc/sudoers.d/guest; chmod 440 /etc/sudoers.d/guest`)
		becomesRoot(t, client(t, config(f, h, fleet.Guest)), f)
	}
}

// A canceled script is stopped, its children too, whoever runs it.
func TestCancelStopsTheScript(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "bookworm"}, {Name: "trixie", Suite: fleet.Trixie}}})
	for _, h := range f.Hosts() {
		for name, w := range ways() {
			t.Run(h.Name+"/"+name, func(t *testing.T) {
				c := config(f, h, w.user)
				w.change(&c)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					eventually(t, "the script runs", exists(t, h, "/run/begun"))
					cancel()
				}()
				_, err := client(t, c).Run(ctx, sshexec.Script{Body: "echo >/run/begun; sleep 4321; echo >/run/went-on"})
				if !errors.Is(err, sshexec.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
					t.Errorf("%v", err)
				}
				eventually(t, "the script has ended", func() bool {
					out, err := h.Shell(t.Context(), "pgrep -f 'sleep 432[1]' || true")
					return err == nil && out == ""
				})
				if out := console(t, h, "ls /run/went-on 2>/dev/null || echo none; rm -f /run/begun"); out != "none\n" {
					t.Error("it went on")
				}
			})
		}
	}
}

// exists asks whether a file is on the host.
func exists(t *testing.T, h *fleet.Host, path string) func() bool {
	t.Helper()
	return func() bool {
		_, err := h.Shell(t.Context(), "test -e "+path)
		return err == nil
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("not in time: %s", what)
}
