package fleet

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestUsers(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	key := withFleetKey(t, f)
	for _, user := range []struct {
		name    string
		auth    ssh.AuthMethod
		command string
		want    string
	}{
		{Root, key, "id -un", "root"},
		{Deploy, key, "sudo -n id -un", "root"},
		{Ops, key, "sudo -n id -un", "sudo: a password is required"},
		{Ops, key, "echo " + OpsPassword + " | sudo -S -p '' id -un", "root"},
		{Ops, ssh.Password(OpsPassword), "id -un", "ops"},
		{Admin, ssh.Password(AdminPassword), "echo " + AdminPassword + " | sudo -S -p '' id -un", "root"},
		{Mason, key, "doas -n id -un", "root"},
		{Mason, key, "sudo -n id -un", "sudo: a password is required"},
		{Guest, key, "id -un", "guest"},
		{Guest, key, "sudo -n id -un || doas -n id -un", "sudo: a password is required\ndoas: Operation not permitted"},
	} {
		if got := runAs(t, f, h, user.name, h.Address, user.auth, user.command); got != user.want {
			t.Errorf("%s: %s: %q, want %q", user.name, user.command, got, user.want)
		}
	}
	for user, auth := range map[string]ssh.AuthMethod{
		Root:  ssh.Password(AdminPassword),
		Admin: key,
		Guest: ssh.Password(OpsPassword),
	} {
		if client, err := login(t, f, h, user, h.Address, auth); err == nil {
			client.Close()
			t.Errorf("%s could log in", user)
		}
	}
}

func TestRebootRestoresWhatWasSaved(t *testing.T) {
	t.Parallel()
	for _, kind := range []HostOptions{
		{Name: "nft"},
		{Name: "legacy", Backend: Legacy},
		{Name: "systemd", Init: Systemd},
		{Name: "systemd-legacy", Init: Systemd, Backend: Legacy},
	} {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			f := ForTest(t, Options{ID: "reboot-" + kind.Name, Hosts: N(1, kind)})
			h := f.Hosts()[0]
			if version := shell(t, h, "iptables -V"); !strings.Contains(version, map[Backend]string{
				NFT: "nf_tables", Legacy: "legacy"}[h.Options.Backend]) {
				t.Errorf("iptables of a host with backend %s: %s", h.Options.Backend, version)
			}
			shell(t, h, `iptables -A INPUT -p tcp --dport 22 -j ACCEPT
				iptables -P INPUT DROP
				ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT
				netfilter-persistent save
				iptables -A INPUT -p tcp --dport 80 -j ACCEPT`)
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			ipv4, ipv6, err := h.List(t.Context(), "filter")
			if err != nil {
				t.Fatal(err)
			}
			want4 := "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
			want6 := strings.Replace(want4, "DROP", "ACCEPT", 1)
			if ipv4 != want4 || ipv6 != want6 {
				t.Errorf("after the reboot:\n%s\n%s", ipv4, ipv6)
			}
			if got := run(t, f, h, h.Address, "id -un"); got != Root {
				t.Errorf("login after the reboot: %q", got)
			}

			shell(t, h, "systemctl disable netfilter-persistent")
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			if ipv4, _, _ = h.List(t.Context(), "filter"); strings.Contains(ipv4, "DROP") {
				t.Errorf("a service that was disabled restored rules:\n%s", ipv4)
			}
		})
	}
}

func TestSystemdIsReal(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{Init: Systemd})})
	h := f.Hosts()[0]
	if state, err := h.Console(t.Context(), "systemctl", "is-system-running", "--wait"); err != nil {
		t.Errorf("systemd is %s: %v\n%s", state, err, shell(t, h, "systemctl --failed"))
	}
	// A timer of the host outlives the login that set it.
	run(t, f, h, h.Address, "systemd-run --on-active=1 --timer-property=AccuracySec=1ms touch /run/fired")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := h.Shell(ctx, "until [ -e /run/fired ]; do sleep 0.1; done"); err != nil {
		t.Errorf("a timer of systemd-run did not fire: %v", err)
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Console(t.Context(), "true"); !errors.Is(err, ErrOff) {
		t.Errorf("console of a host that was shut down: %v", err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestShutdownRunsWhatStopsServices(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, `echo FLUSH_ON_STOP=1 >>/etc/default/netfilter-persistent
		printf '#!/bin/sh\n[ "$1" != flush ] || touch /var/stopped\n' >/usr/share/netfilter-persistent/plugins.d/99-witness
		chmod 755 /usr/share/netfilter-persistent/plugins.d/99-witness`)
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := shell(t, h, "ls /var"); strings.Contains(got, "stopped") {
		t.Error("a power cut stopped services in good order")
	}
	if err := errors.Join(h.Shutdown(t.Context()), h.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := shell(t, h, "ls /var"); !strings.Contains(got, "stopped") {
		t.Error("a shutdown did not stop services")
	}
}

func TestStoppedHostIsSilent(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(2, HostOptions{})})
	h := f.Hosts()[0]
	if err := errors.Join(h.Stop(), h.Stop()); err != nil {
		t.Fatal(err)
	}
	expectSilence(t, h, h.Address, h.Address6, h.SlowAddress, h.SlowAddress6)
	if got := run(t, f, f.Hosts()[1], f.Hosts()[1].Address, "hostname"); got != "h2" {
		t.Errorf("the other host: %q", got)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := run(t, f, h, h.Address6, "hostname"); got != "h1" {
		t.Errorf("after starting again: %q", got)
	}
}

// expectSilence expects that nothing answers at the addresses: neither an acceptance nor a refusal.
func expectSilence(t *testing.T, h *Host, addresses ...string) {
	t.Helper()
	for _, address := range addresses {
		// Short: silence is all there is, however long one listens.
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, "22"), 200*time.Millisecond)
		if err == nil {
			conn.Close()
			t.Errorf("%s at %s: connected", h.Name, address)
			continue
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s at %s: %v, want silence", h.Name, address, err)
		}
	}
}

func TestCutLink(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(2, HostOptions{})})
	h := f.Hosts()[0]
	client, err := login(t, f, h, Root, h.Address, withFleetKey(t, f))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := errors.Join(h.CutLink(), h.CutLink()); err != nil {
		t.Fatal(err)
	}
	expectSilence(t, h, h.Address, h.Address6, h.SlowAddress, h.SlowAddress6)
	if got := shell(t, h, "ip -o link show eth0"); !strings.Contains(got, "LOWER_UP") {
		t.Errorf("the host sees that its link is cut: %s", got)
	}
	// Both ways: what the host sends does not get out, either.
	inbox, err := net.ListenPacket("udp", net.JoinHostPort(f.Client, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer inbox.Close()
	_, port, _ := net.SplitHostPort(inbox.LocalAddr().String())
	send := "bash -c 'echo >/dev/udp/" + f.Client + "/" + port + "'"
	shell(t, h, send)
	if err := inbox.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := inbox.ReadFrom(make([]byte, 1)); err == nil {
		t.Errorf("%d byte came over a link that is cut", n)
	}
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectSilence(t, h, h.Address)
	if got := run(t, f, f.Hosts()[1], f.Hosts()[1].Address, "hostname"); got != "h2" {
		t.Errorf("the other host: %q", got)
	}
	if err := errors.Join(h.RestoreLink(), h.RestoreLink()); err != nil {
		t.Fatal(err)
	}
	if got := run(t, f, h, h.Address, "hostname"); got != "h1" {
		t.Errorf("after the link is restored: %q", got)
	}
	shell(t, h, send)
	if err := inbox.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := inbox.ReadFrom(make([]byte, 1)); err != nil {
		t.Errorf("after the link is restored, from the host: %v", err)
	}
}

func TestConnectionOutlivesCut(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	client, err := login(t, f, h, Root, h.Address, withFleetKey(t, f))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := errors.Join(h.CutLink(), h.RestoreLink()); err != nil {
		t.Fatal(err)
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := session.Output("hostname"); err != nil || string(out) != "h1\n" {
		t.Errorf("the connection of before the cut: %q, %v", out, err)
	}
}

func TestConsoleBehindShutFirewall(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	before, err := h.Save(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shell(t, h, "iptables -P INPUT DROP; ip6tables -P INPUT DROP; kill -9 $(cat /run/sshd.pid)")
	expectSilence(t, h, h.Address, h.Address6)
	after, err := h.Save(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "*filter\n:INPUT DROP\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"; after.IPv4 != want || after.IPv6 != want {
		t.Errorf("saved behind a shut firewall: %+v, want %s in both", after, want)
	}
	if before == after {
		t.Error("a changed firewall compares equal")
	}
	if _, err := h.Console(t.Context(), "sh", "-c", "echo reason >&2; exit 3"); err == nil ||
		!strings.Contains(err.Error(), "exit status 3: reason") {
		t.Errorf("the error of a failing program: %v", err)
	}
}

func TestIPv6Only(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{IPv6Only: true})})
	h := f.Hosts()[0]
	if h.Address != "" || h.SlowAddress != "" {
		t.Errorf("IPv4 addresses of an IPv6-only host: %q, %q", h.Address, h.SlowAddress)
	}
	if got := shell(t, h, "ip -4 -o addr show dev eth0; ip -4 route"); got != "" {
		t.Errorf("it has IPv4: %s", got)
	}
	for _, address := range []string{h.Address6, h.SlowAddress6, h.Name} {
		got := run(t, f, h, address, "echo ${SSH_CONNECTION%% *}")
		if !strings.HasPrefix(got, "fd00:") {
			t.Errorf("by %s the client is %s", address, got)
		}
	}
}

func TestNeighborDiscoveryIsReal(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, "ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables -P INPUT DROP; ip -6 neigh flush dev eth0")
	if err := f.router.ns.ip("neigh flush dev h1\n"); err != nil {
		t.Fatal(err)
	}
	if client, err := login(t, f, h, Root, h.Address6, withFleetKey(t, f)); err == nil {
		client.Close()
		t.Error("an IPv6 host that drops neighbor discovery can be reached")
	}
}

func TestSources(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, "iptables -A INPUT -s "+f.Client+"/24 -j ACCEPT; iptables -P INPUT DROP")
	if got := run(t, f, h, h.Address, "echo ${SSH_CONNECTION%% *}"); got != f.Client {
		t.Errorf("the host sees %s, not %s", got, f.Client)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(f.Stranger)}, Timeout: 200 * time.Millisecond}
	if conn, err := dialer.Dial("tcp", net.JoinHostPort(h.Address, "22")); err == nil {
		conn.Close()
		t.Error("the stranger is in the client's network")
	}
	shell(t, h, "iptables -P INPUT ACCEPT")
	dialer.Timeout = time.Minute
	conn, err := dialer.Dial("tcp", net.JoinHostPort(h.Address, "22"))
	if err != nil {
		t.Fatalf("from %s: %v", f.Stranger, err)
	}
	conn.Close()
}

func TestSSHCounts(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	run(t, f, h, h.Address, "true")
	if err := h.ResetSSHCounts(); err != nil {
		t.Fatal(err)
	}
	client, err := login(t, f, h, Root, h.Address, withFleetKey(t, f))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for range 3 {
		session, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Run("true"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := login(t, f, h, Root, h.Address, ssh.Password("wrong")); err == nil {
		t.Error("root could log in by password")
	}
	got, err := h.SSHCounts()
	if want := (SSHCounts{Connections: 2, Logins: 1, Sessions: 3}); got != want || err != nil {
		t.Errorf("counts: %+v, %v, want %+v", got, err, want)
	}
}

func TestSuites(t *testing.T) {
	want := map[Suite]string{Bullseye: "iptables v1.8.7", Bookworm: "iptables v1.8.9", Trixie: "iptables v1.8.11"}
	var hosts []HostOptions
	for suite := range want {
		hosts = append(hosts, HostOptions{Name: string(suite), Suite: suite},
			HostOptions{Name: string(suite) + "-systemd", Suite: suite, Init: Systemd})
	}
	f := ForTest(t, Options{Hosts: hosts})
	for _, h := range f.Hosts() {
		if got := run(t, f, h, h.Address, "iptables -V"); !strings.HasPrefix(got, want[h.Options.Suite]+" ") {
			t.Errorf("%s: %s, want %s", h.Name, got, want[h.Options.Suite])
		}
	}
}

func TestSSHConfig(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{Port: 2222})})
	for _, name := range []string{"h1", "h1-slow"} {
		out, err := exec.CommandContext(t.Context(), "ssh", "-F", f.SSHConfig, "-o", "BatchMode=yes", name, "hostname").CombinedOutput()
		if err != nil || string(out) != "h1\n" {
			t.Errorf("ssh %s: %s, %v", name, out, err)
		}
	}
}
