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

// first is the next of them that is answered.
func first(t *testing.T, all <-chan made) made {
	t.Helper()
	select {
	case one := <-all:
		return one
	case <-time.After(30 * time.Second):
		t.Fatal("no answer")
		return made{}
	}
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

// syncs is what the host does where a save syncs its files.
func syncs(script string) string { return inFront("/usr/bin/sync", script) }

// waits lets it wait for the file /root/go.
const waits = `until [ -e /root/go ]; do sleep 0.05; done; exec "$real" "$@"`

// What is decided is told before it is saved, to all but one: with that one no apply is over before it is saved.
func TestAllButOneAreAnsweredBeforeTheSave(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		apply(t, host, adding(t, sshRule))
		shell(t, h, syncs(waits))
		for port, target := range map[int]string{1000: "ACCEPT", 2000: "DROP"} {
			shell(t, h, "rm -f /root/go")
			all := together(t.Context(), host, opening(t, port, target)...)
			for range 2 {
				if one := first(t, all); one.err != nil || !strings.Contains(one.applied.Rules.Save(iptables.IPv4, iptables.Reference), fmt.Sprintf("--dport %d", port)) {
					t.Errorf("%s: %v", target, one.err)
				}
			}
			if got := shell(t, h, "iptables -S"); strings.Count(got, fmt.Sprintf("--dport %d", port/10)) != 3 {
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
			if one := first(t, all); one.err != nil || len(one.applied.Warnings) > 0 {
				t.Errorf("%s: %v, %q", target, one.err, one.applied.Warnings)
			}
			if got := shell(t, h, "cat /etc/iptables/rules.v4"); !strings.Contains(got, fmt.Sprintf("--dport %d", port+2)) {
				t.Errorf("%s: not saved:\n%s", target, got)
			}
		}
		nothingLeft(t, h)
	})
}

// Who waited for the save comes later than the others, and still goes with them.
func TestTheLastOneIsWaitedFor(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	shell(t, h, syncs(`sleep 0.2; exec "$real" "$@"`))
	before := strings.Count(shell(t, h, "cat /run/terraform-provider-iptables/outcomes"), "confirmed")
	if err := h.ResetSSHCounts(); err != nil {
		t.Fatal(err)
	}
	const workers, each = 10, 8
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				if _, err := host.Apply(t.Context(), adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 1000+100*w+i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := strings.Count(shell(t, h, "cat /run/terraform-provider-iptables/outcomes"), "confirmed") - before; n > each {
		t.Errorf("%d commits for %d times %d changes", n, each, workers)
	}
	// And what a commit has made of the host need not be read. One shell waits for a commit that does not come.
	if counts, err := h.SSHCounts(); err != nil || counts.Sessions > each+1 {
		t.Errorf("%+v, %v", counts, err)
	}
}

// Where saving fails, one of all says so.
func TestASaveThatFailsIsToldOnce(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	shell(t, h, syncs("exit 1"))
	all := together(t.Context(), host, opening(t, 1000, "ACCEPT")...)
	warned := 0
	for range 3 {
		one := first(t, all)
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
	shell(t, h, syncs(waits))
	all := together(t.Context(), host, opening(t, 1000, "ACCEPT")...)
	for range 2 {
		if one := first(t, all); one.err != nil {
			t.Error(one.err)
		}
	}
	shell(t, h, "pkill -KILL -f '^sshd: root'; touch /root/go")
	one := first(t, all)
	var failure *firewall.Error
	if !errors.As(one.err, &failure) || failure.State != firewall.Committed {
		t.Errorf("the last one: %v", one.err)
	}
	if got := shell(t, h, "iptables -S; cat /etc/iptables/rules.v4"); strings.Count(got, "--dport 100") != 6 {
		t.Errorf("not in force, or not saved:\n%s", got)
	}
	nothingLeft(t, h)
}
