package conformance

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// Many hosts through one bastion: one login there, one connection for each host, and each is
// checked against its own key.
func TestThroughABastion(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: append([]fleet.HostOptions{{Name: "gate"}}, fleet.N(4, fleet.HostOptions{})...)})
	gate := f.Host("gate")
	pool := sshexec.NewPool(sshexec.Limits{})
	defer func() { _ = pool.Close() }()
	var all sync.WaitGroup
	for _, h := range f.Hosts()[1:] {
		all.Go(func() {
			c, hop := config(f, h, fleet.Deploy), config(f, gate, fleet.Guest)
			c.Bastion, c.Pool = &hop, pool
			got, err := client(t, c).Run(t.Context(), sshexec.Script{Body: "hostname; set -- $SSH_CONNECTION; echo $1"})
			if want := h.Name + "\n" + gate.Address + "\n"; err != nil || string(got.Stdout) != want {
				t.Errorf("%s: %q, %v", h.Name, got.Stdout, err)
			}
		})
	}
	all.Wait()
	if counts, err := gate.SSHCounts(); err != nil || counts.Logins != 1 || counts.Sessions != 0 {
		t.Errorf("at the bastion: %+v, %v", counts, err)
	}
}

// A host that is cut off keeps nobody else waiting, and its own script's outcome is unknown.
func TestHostVanishes(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(2, fleet.HostOptions{})})
	gone, there := f.Hosts()[0], f.Hosts()[1]
	pool := sshexec.NewPool(sshexec.Limits{})
	c, other := config(f, gone, fleet.Root), config(f, there, fleet.Root)
	c.Pool, other.Pool, c.Keepalive, c.Timeout = pool, pool, 200*time.Millisecond, 5*time.Second
	cl := client(t, c)
	running := make(chan error, 1)
	go func() {
		_, err := cl.Run(t.Context(), sshexec.Script{Body: "echo >/run/begun; sleep 600"})
		running <- err
	}()
	eventually(t, "the script runs", exists(t, gone, "/run/begun"))
	if err := gone.CutLink(); err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, other).Run(t.Context(), sshexec.Script{Body: "true"}); err != nil {
		t.Error(err)
	}
	if err := <-running; !errors.Is(err, sshexec.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "no sign of life") {
		t.Errorf("%v", err)
	}
	var dial *sshexec.DialError
	if _, err := cl.Login(t.Context()); !errors.As(err, &dial) || dial.Kind != sshexec.TimedOut {
		t.Errorf("%v", err)
	}
	if err := gone.RestoreLink(); err != nil {
		t.Fatal(err)
	}
	second, err := cl.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = second.Close()
}

// A reboot ends the script; the next one finds the host again by itself.
func TestHostReboots(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	c := config(f, h, fleet.Deploy)
	c.Keepalive = 200 * time.Millisecond
	cl := client(t, c)
	running := make(chan error, 1)
	go func() {
		_, err := cl.Run(t.Context(), sshexec.Script{Body: "echo >/run/begun; sleep 600"})
		running <- err
	}()
	eventually(t, "the script runs", exists(t, h, "/run/begun"))
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-running; !errors.Is(err, sshexec.ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	if got, err := cl.Run(t.Context(), sshexec.Script{Body: "echo again"}); err != nil || string(got.Stdout) != "again\n" {
		t.Errorf("%q, %v", got.Stdout, err)
	}
}

// A large script and its output pass a slow and lossy link whole.
func TestLossyLink(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{}), RTT: 40 * time.Millisecond})
	h := f.Hosts()[0]
	f.SetLoss(0.02)
	c := config(f, h, fleet.Deploy)
	c.Address, c.Timeout = h.SlowAddress, time.Minute
	input := strings.Repeat("-A INPUT -s 203.0.113.7/32 -p tcp -j ACCEPT\n", 10_000)
	got, err := client(t, c).Run(t.Context(), sshexec.Script{Body: "cat", Input: []byte(input)})
	if err != nil || string(got.Stdout) != input {
		t.Errorf("%d of %d bytes came back, %v", len(got.Stdout), len(input), err)
	}
}

// Wrong credentials are shown to a host once, however many scripts are waiting: OpenSSH 10
// locks the address out after a few.
func TestWrongCredentialsAreShownOnce(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "trixie", Suite: fleet.Trixie}}})
	h := f.Hosts()[0]
	wrong := config(f, h, fleet.Admin) // who has no key
	wrong.Password = sshexec.NewSecret("wrong")
	cl := client(t, wrong)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			var auth *sshexec.AuthError
			if _, err := cl.Run(t.Context(), sshexec.Script{}); !errors.As(err, &auth) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
	all.Wait()
	counts, err := h.SSHCounts()
	if err != nil || counts.Connections != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
	if _, err := client(t, config(f, h, fleet.Root)).Run(t.Context(), sshexec.Script{}); err != nil {
		t.Errorf("then, with the right key: %v", err)
	}
}

// A deadline ends a script that waits, and the call with it.
func TestDeadline(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := client(t, config(f, f.Hosts()[0], fleet.Root)).Run(ctx, sshexec.Script{Body: "sleep 600"})
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, sshexec.ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
}
