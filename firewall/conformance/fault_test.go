package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

const web = "iptables -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT"

// targets of lines: a new login has to confirm the one, and not the other.
var targets = []string{"DROP", "ACCEPT"}

// While a change is unconfirmed, another engine waits; then it works on what is there.
func TestTwoEnginesOnOneHost(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		var wg sync.WaitGroup
		for e := range 3 {
			host := open(t, f, h, firewall.Options{})
			wg.Go(func() {
				for i := range 4 {
					change := adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j %s", 5000+10*e+i, targets[(e+i)%2]))
					if _, err := host.Apply(t.Context(), change); err != nil {
						t.Errorf("engine %d: %v", e, err)
					}
				}
			})
		}
		wg.Wait()
		if got := strings.Count(shell(t, h, "iptables -S INPUT"), "--dport 50"); got != 12 {
			t.Errorf("%d rules, want 12", got)
		}
		nothingLeft(t, h)
	})
}

func TestCancelledAtAnyMomentIsBeforeOrAfter(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		for step := range 12 {
			target := targets[step/8] // which is over sooner
			host := open(t, f, h, firewall.Options{})
			if _, err := host.Snapshot(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(step%8)*40*time.Millisecond)
			line := fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j %s", 6000+step, target)
			_, err := host.Apply(ctx, adding(t, line, "ip6"+strings.TrimPrefix(line, "ip")))
			cancel()
			want := 2
			var failure *firewall.Error
			if errors.As(err, &failure) {
				want = 0
				if failure.State == firewall.Uncertain {
					t.Errorf("step %d: %v: the state is unknown", step, err)
				}
			}
			if got := strings.Count(seen(t, h), fmt.Sprintf("--dport %d ", 6000+step)); got != want {
				t.Errorf("step %d (%v): the line is there %d times, want %d", step, err, got, want)
			}
		}
		nothingLeft(t, h)
	})
}

func TestACutLinkIsTakenBack(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{RollbackTimeout: 3 * time.Second})
		apply(t, host, adding(t, sshRule))
		before := shell(t, h, "iptables -S")
		// The link goes as soon as the change is in, and comes back when the timer is over.
		cut := make(chan struct{})
		go func() {
			defer close(cut)
			_, _ = h.Shell(t.Context(), "for i in $(seq 200); do iptables -S INPUT | grep -q 'dport 443' && break; sleep 0.01; done")
			_ = h.CutLink()
			time.Sleep(5 * time.Second)
			_ = h.RestoreLink()
		}()
		refused := strings.Replace(web, "ACCEPT", "DROP", 1)
		_, err := host.Apply(t.Context(), adding(t, refused))
		<-cut
		var failure *firewall.Error
		switch {
		case err == nil: // it was confirmed before the link went
			wantLine(t, h, strings.TrimPrefix(refused, "iptables "))
		case errors.As(err, &failure) && failure.State == firewall.RolledBack:
			if got := shell(t, h, "iptables -S"); got != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, got)
			}
		default:
			t.Errorf("%v", err)
		}
		reachable(t, f, h)
		nothingLeft(t, h)
	})
}

// A host that restarts at any moment of a commit comes up as before or as after, and the error says which.
func TestARebootInTheMiddle(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: kinds()[:2]})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 20 * time.Second})
			apply(t, host, adding(t, sshRule))
			for step := range 6 {
				done := make(chan error, 1)
				port := fmt.Sprint(7000 + step)
				go func() {
					_, err := host.Apply(t.Context(), adding(t, "iptables -A INPUT -p tcp -m tcp --dport "+port+" -j "+targets[step%2]))
					done <- err
				}()
				time.Sleep(time.Duration(step) * 75 * time.Millisecond)
				if err := h.Reboot(t.Context()); err != nil {
					t.Fatal(err)
				}
				err := <-done
				var failure *firewall.Error
				want := err == nil || errors.As(err, &failure) && failure.State == firewall.Committed
				if failure != nil && failure.State == firewall.Uncertain {
					t.Errorf("step %d: %v: the state is unknown", step, err)
				}
				got := shell(t, h, "iptables -S")
				if strings.Contains(got, "--dport "+port+" ") != want || !strings.Contains(got, "--comment ssh") {
					t.Errorf("step %d (%v): after the reboot:\n%s", step, err, got)
				}
				reachable(t, f, h)
			}
		})
	}
}

func TestSavedForTheNextBoot(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		shell(t, h, "iptables -N f2b-sshd; iptables -A INPUT -j f2b-sshd; iptables -A f2b-sshd -j RETURN")
		host := open(t, f, h, firewall.Options{})
		applied := apply(t, host, adding(t, sshRule, "ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"))
		if len(applied.Warnings) > 0 {
			t.Error(applied.Warnings)
		}
		if err := h.Reboot(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := seen(t, h)
		if strings.Count(got, "--dport 22") != 2 {
			t.Errorf("after the reboot:\n%s", got)
		}
		// fail2ban makes its own chain again when it starts.
		if strings.Contains(got, "f2b-sshd") {
			t.Errorf("another program's chain was saved:\n%s", got)
		}
	})
}

func TestASaveThatFailsIsAWarning(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	old := shell(t, h, "cat /etc/iptables/rules.v4")
	shell(t, h, "mount -t tmpfs -o size=4k full /mnt; cp /etc/iptables/rules.v4 /mnt/; mount --bind /mnt /etc/iptables; dd if=/dev/zero of=/mnt/fill bs=4k count=9 2>/dev/null || :")
	applied := apply(t, host, adding(t, web))
	if len(applied.Warnings) == 0 || !strings.Contains(applied.Warnings[0], "rules.v4") {
		t.Errorf("warnings %q", applied.Warnings)
	}
	if got := shell(t, h, "cat /etc/iptables/rules.v4"); got != old {
		t.Errorf("the old file was changed:\n%s", got)
	}
	wantLine(t, h, strings.TrimPrefix(web, "iptables "))
}
