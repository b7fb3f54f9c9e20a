package conformance

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/account"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// inGuide returns the blocks of a kind in the guide about security.
func inGuide(t *testing.T, kind string) []string {
	t.Helper()
	blocks, err := account.InGuide(kind)
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

// What the guide allows an account is enough for all that the engine does, and for nothing else.
func TestLeastPrivilege(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "sudo", Init: fleet.Systemd}, {Name: "doas", Backend: fleet.Legacy}, {Name: "root"}, {Name: "gate"},
	}})
	gate := f.Host("gate")
	keys := inGuide(t, "authorized_keys")
	allow := func(h *fleet.Host, user, line string, replace ...string) {
		t.Helper()
		if err := account.AllowKey(t.Context(), f, h, user, line, append(replace, "203.0.113.7", f.Client)...); err != nil {
			t.Fatal(err)
		}
	}
	allow(f.Host("sudo"), account.Name, keys[0])
	if err := account.AllowSudo(t.Context(), f.Host("sudo")); err != nil {
		t.Fatal(err)
	}
	allow(f.Host("doas"), account.Name, keys[0])
	shell(t, f.Host("doas"), "cat >/etc/doas.conf <<'EOF'\n"+inGuide(t, "doas")[0]+"EOF\nchmod 600 /etc/doas.conf")
	allow(f.Host("root"), "root", keys[0])
	shell(t, f.Host("root"), "echo 'PermitRootLogin forced-commands-only' >/etc/ssh/sshd_config.d/least.conf")
	restartSSHD(t, f.Host("root"))
	allow(gate, account.Name, keys[1], "198.51.100.10:22", f.Host("sudo").Address+":22")
	t.Run("gate", func(t *testing.T) {
		t.Parallel()
		if out := sshAs(t, f, gate, account.Name, "-W", f.Host("sudo").Address+":22", gate.Address); !strings.HasPrefix(out, "SSH-2.0-") {
			t.Errorf("through the bastion: %q", out)
		}
		for _, elsewhere := range []string{f.Host("doas").Address + ":22", "127.0.0.1:22"} {
			if out := sshAs(t, f, gate, account.Name, "-W", elsewhere, gate.Address); !strings.Contains(out, "prohibited") {
				t.Errorf("to %s: %q", elsewhere, out)
			}
		}
		if out := sshAs(t, f, gate, account.Name, gate.Address, "cat /etc/passwd"); out != "" {
			t.Errorf("a command: %q", out)
		}
	})
	for _, h := range []*fleet.Host{f.Host("sudo"), f.Host("doas"), f.Host("root")} {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			user := account.Name
			if h.Name == "root" {
				user = fleet.Root
			}
			host := openAs(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 4 * time.Second}, sshexec.Config{User: user})
			everything(t, h, host)
			nothingElse(t, f, h, user)
		})
	}
}

// restartSSHD has sshd read its configuration again: for a moment nobody listens.
func restartSSHD(t *testing.T, h *fleet.Host) {
	t.Helper()
	listening := func() int {
		log, err := h.SSHLog()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(log, "Server listening on ")
	}
	sockets := listening()
	shell(t, h, "pkill -HUP -o -x sshd")
	for range 200 {
		if listening() == 2*sockets {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("sshd does not come back")
}

// everything is each kind of thing that the engine does on a host.
func everything(t *testing.T, h *fleet.Host, host *firewall.Host) {
	t.Helper()
	shell(t, h, "ip6tables -A INPUT -i lo -j ACCEPT")
	apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(
		making(t, "bad", "hash:net family inet", "192.0.2.0/24"), adding(t, web, blockRule).Edit)})
	wantLine(t, h, strings.TrimPrefix(web, "iptables "))
	if _, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 2}); err != nil {
		t.Error(err)
	}
	if _, err := host.Backups(t.Context()); err != nil {
		t.Error(err)
	}
	if sockets, err := host.Sockets(t.Context()); err != nil || len(sockets) == 0 {
		t.Errorf("%d sockets, %v", len(sockets), err)
	}
	before := seen(t, h)
	_ = failed(t, host, shutting(), firewall.RolledBack)
	wantSame(t, h, before)
	nothingLeft(t, h)
}

// sshAs is what ssh prints, whatever becomes of it.
func sshAs(t *testing.T, f *fleet.Fleet, h *fleet.Host, user string, args ...string) string {
	t.Helper()
	args = append([]string{"-F", f.SSHConfig, "-o", "BatchMode=yes", "-p", strconv.Itoa(h.Port), "-l", user}, args...)
	out, _ := exec.CommandContext(t.Context(), "ssh", args...).CombinedOutput()
	return string(out)
}

// nothingElse tries the key for other things, and from elsewhere.
func nothingElse(t *testing.T, f *fleet.Fleet, h *fleet.Host, user string) {
	t.Helper()
	ssh := func(args ...string) string { return sshAs(t, f, h, user, args...) }
	if out := ssh(h.Address, "cat /etc/passwd"); strings.Contains(out, "root:") {
		t.Errorf("another command was run: %s", out)
	}
	if out := ssh("-tt", h.Address); !strings.Contains(out, "PTY allocation request failed") {
		t.Errorf("a terminal: %q", out)
	}
	if out := ssh("-W", "127.0.0.1:22", h.Address); !strings.Contains(out, "prohibited") {
		t.Errorf("a tunnel: %q", out)
	}
	if out := ssh("-b", f.Stranger, h.Address); !strings.Contains(out, "Permission denied") {
		t.Errorf("from elsewhere: %q", out)
	}
	if user == fleet.Root {
		return
	}
	for _, command := range []string{"sudo -n id", "sudo -n /bin/sh -c id", "doas -n id", "sudo -n iptables -S"} {
		if out := shell(t, h, "runuser -u "+user+" -- "+command+" 2>&1 || :"); strings.Contains(out, "uid=0") || strings.Contains(out, "-P INPUT") {
			t.Errorf("%s: %s", command, out)
		}
	}
}
