package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A made is what became of one of several changes that arrived together.
type made struct {
	applied firewall.Applied
	err     error
}

// together applies changes that arrive together.
func together(ctx context.Context, host *firewall.Host, changes ...firewall.Change) <-chan made {
	all := make(chan made, len(changes))
	for _, change := range changes {
		go func() {
			applied, err := host.Apply(ctx, change)
			all <- made{applied, err}
		}()
	}
	return all
}

// opening is three changes: what accepts is kept by the host itself, what refuses by a new login.
func opening(t *testing.T, port int, target string) []firewall.Change {
	t.Helper()
	var changes []firewall.Change
	for i := range 3 {
		changes = append(changes, adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j %s", port+i, target)))
	}
	return changes
}

// slow makes the host's save of the next change wait for the file /root/go.
const slow = `printf '#!/bin/sh\nuntil [ -e /root/go ]; do sleep 0.05; done\nexec /usr/bin/sync "$@"\n' >/usr/local/sbin/sync; chmod 755 /usr/local/sbin/sync`

// What is decided is told before it is saved, to all but one: with that one no apply is over before it is saved.
func TestAllButOneAreAnsweredBeforeTheSave(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		apply(t, host, adding(t, sshRule))
		shell(t, h, slow)
		for port, target := range map[int]string{1000: "ACCEPT", 2000: "DROP"} {
			shell(t, h, "rm -f /root/go")
			all := together(t.Context(), host, opening(t, port, target)...)
			for range 2 {
				if one := <-all; one.err != nil || !strings.Contains(one.applied.Rules.Save(iptables.IPv4, iptables.Reference), fmt.Sprintf("--dport %d", port)) {
					t.Errorf("%s: %v", target, one.err)
				}
			}
			if got := shell(t, h, "iptables -S"); strings.Count(got, fmt.Sprintf("--dport %d", port/1000)) < 3 {
				t.Errorf("%s: told, and not in force:\n%s", target, got)
			}
			select {
			case one := <-all:
				t.Errorf("%s: the last one was answered before the save: %v", target, one.err)
			case <-time.After(500 * time.Millisecond):
			}
			// What is planned meanwhile sees it.
			if planned, err := host.Planned(t.Context()); err != nil || !strings.Contains(planned.Save(iptables.IPv4, iptables.Reference), fmt.Sprintf("--dport %d", port)) {
				t.Errorf("%s: the plan does not see it: %v", target, err)
			}
			shell(t, h, "touch /root/go")
			if one := <-all; one.err != nil || len(one.applied.Warnings) > 0 {
				t.Errorf("%s: %v, %q", target, one.err, one.applied.Warnings)
			}
			if got := shell(t, h, "cat /etc/iptables/rules.v4"); !strings.Contains(got, fmt.Sprintf("--dport %d", port+2)) {
				t.Errorf("%s: not saved:\n%s", target, got)
			}
		}
		nothingLeft(t, h)
	})
}

// Where saving fails, one of all says so.
func TestASaveThatFailsIsToldOnce(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	shell(t, h, `printf '#!/bin/sh\nexit 1\n' >/usr/local/sbin/sync; chmod 755 /usr/local/sbin/sync`)
	all := together(t.Context(), host, opening(t, 1000, "ACCEPT")...)
	warned := 0
	for range 3 {
		one := <-all
		if one.err != nil {
			t.Error(one.err)
		}
		warned += len(one.applied.Warnings)
	}
	if warned != 1 {
		t.Errorf("%d warnings", warned)
	}
	// What is read from the snapshot does not pass for saved.
	snapshot, err := host.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(snapshot.Facts.Boot.Files[iptables.IPv4], "--dport 1000") {
		t.Error("the snapshot says that it was saved")
	}
}

// A connection that is lost during the save takes nothing back.
func TestLostDuringTheSave(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	shell(t, h, slow)
	all := together(t.Context(), host, opening(t, 1000, "ACCEPT")...)
	for range 2 {
		if one := <-all; one.err != nil {
			t.Error(one.err)
		}
	}
	shell(t, h, "pkill -KILL -f '^sshd: root'; touch /root/go")
	one := <-all
	var failure *firewall.Error
	if one.err != nil && (!errors.As(one.err, &failure) || failure.State != firewall.Committed) {
		t.Errorf("the last one: %v", one.err)
	}
	if got := shell(t, h, "iptables -S; cat /etc/iptables/rules.v4"); strings.Count(got, "--dport 100") != 6 {
		t.Errorf("not in force, or not saved:\n%s", got)
	}
	nothingLeft(t, h)
}
