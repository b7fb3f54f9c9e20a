package conformance

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// spoiled puts programs in front of both families' iptables-restore. They run body in the folder of the commits, with $real the
// program itself, which they become at its end.
func spoiled(body string) string {
	return `iptables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -i lo -j ACCEPT
		cd /usr/local/sbin
		for p in iptables ip6tables; do ln -s /usr/sbin/$p /usr/sbin/$p-save .; done
		cat >iptables-restore <<'EOF'
#!/bin/sh
real=/usr/sbin/${0##*/}
cd /run/terraform-provider-iptables
case "$* $(ls */armed */undoing 2>/dev/null)" in *--test*) exec $real "$@" ;; esac
` + body + `
exec $real "$@"
EOF
		chmod 755 iptables-restore; cp iptables-restore ip6tables-restore`
}

// half lets IPv4's part of a change in, and then nothing any more, until the host is mended.
const half = `if [ ! -e /run/mended ] && { ls */armed || ls */undoing; } >/dev/null 2>&1; then
	[ ! -e /run/half ] || exit 1
	: >/run/half
fi`

const mend = `: >/run/mended; until ! ls /run/terraform-provider-iptables/*/undoing 2>/dev/null; do sleep 0.1; done`

// inBoth is the addition of a line in both families.
func inBoth(t *testing.T, line string) firewall.Change {
	t.Helper()
	return adding(t, line, "ip6"+strings.TrimPrefix(line, "ip"))
}

// A host cannot take a change back that it has half made, since iptables-restore goes on failing. It tries again, and the client waits for it.
func TestTakingBackIsTriedAgain(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "simple"}, {Name: "systemd", Init: fleet.Systemd}}})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			// IPv4's part of the change gets in, and then nothing works any more, until something was to be taken back for two seconds.
			shell(t, h, spoiled(`case $(ls */armed */undoing 2>/dev/null) in
*/armed) [ ! -e /run/half ] || exit 1; : >/run/half ;;
*/undoing) echo try >>/run/tries; find */undoing -newermt '-2 seconds' | grep -q . && exit 1 ;;
esac`))
			before := seen(t, h)
			host := open(t, f, h, firewall.Options{RollbackTimeout: time.Second})
			failure := failed(t, host, inBoth(t, web), firewall.RolledBack)
			var rejected *firewall.RejectedError
			if !errors.As(failure, &rejected) {
				t.Errorf("%v, want what iptables said", failure)
			}
			if tries := strings.Count(shell(t, h, "cat /run/tries"), "try"); tries < 5 { // of one undo there are two, or four
				t.Errorf("it was tried %d times", tries)
			}
			wantSame(t, h, before)
			nothingLeft(t, h)
		})
	}
}

// What became stuck is not given up by those who come next, and nothing of theirs is lost with it.
func TestOthersMeetAStuckChange(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "batch"}, {Name: "reader"}, {Name: "killed"}, {Name: "slow"}}})
	const other = "iptables -A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT"
	for name, play := range map[string]func(*testing.T, *fleet.Host, *firewall.Host){
		// Two edits of one commit: it is not their fault, and they are not tried one by one.
		"batch": func(t *testing.T, _ *fleet.Host, host *firewall.Host) {
			t.Helper()
			var both sync.WaitGroup
			for _, line := range []string{web, other} {
				both.Go(func() {
					var failure *firewall.Error
					if _, err := host.Apply(t.Context(), inBoth(t, line)); !errors.As(err, &failure) || failure.State != firewall.Uncertain {
						t.Errorf("%v, want that it is uncertain", err)
					}
				})
			}
			both.Wait()
		},
		// Lines of the stuck change are there already: they do not stay.
		"reader": func(t *testing.T, h *fleet.Host, host *firewall.Host) {
			t.Helper()
			_ = failed(t, host, inBoth(t, web), firewall.Uncertain)
			second := open(t, f, h, firewall.Options{RollbackTimeout: time.Second, LockTimeout: 4 * time.Second})
			_, err := second.Apply(t.Context(), adding(t, web))
			var busy *firewall.BusyError
			if !errors.As(err, &busy) {
				t.Errorf("%v, want that it waits", err)
			}
		},
		// The undo that a second commit makes is killed: it does not go on.
		"killed": func(t *testing.T, h *fleet.Host, host *firewall.Host) {
			t.Helper()
			_ = failed(t, host, inBoth(t, web), firewall.Uncertain)
			shell(t, h, ": >/run/kill")
			_ = failed(t, open(t, f, h, firewall.Options{LockTimeout: 4 * time.Second}), adding(t, other), firewall.Unchanged)
		},
		// The change lands long after the timer began to wait for it.
		"slow": func(t *testing.T, h *fleet.Host, host *firewall.Host) {
			t.Helper()
			shell(t, h, ": >/run/mended; : >/run/slow")
			_ = failed(t, host, adding(t, strings.Replace(web, "ACCEPT", "DROP", 1)), firewall.RolledBack)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := f.Host(name)
			shell(t, h, spoiled(`[ ! -e /run/kill ] || [ -e /run/mended ] || { kill -9 $PPID; exit 1; }
if [ -e /run/slow ] && ls */armed >/dev/null 2>&1; then rm /run/slow; sleep 35; fi
`+half))
			before := seen(t, h)
			play(t, h, open(t, f, h, firewall.Options{RollbackTimeout: time.Second}))
			shell(t, h, mend)
			wantSame(t, h, before)
			nothingLeft(t, h)
		})
	}
}

// The host is restarted while a change is stuck that shuts it, after somebody has saved it.
func TestBootAfterAStuckChange(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, spoiled(`! ls */undoing >/dev/null 2>&1 || { echo try >>/run/tries; exit 1; }`))
	host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
	apply(t, host, adding(t, sshRule))
	persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
	done := shutForGood(t, h, host)
	shell(t, h, "until [ -e /run/tries ]; do sleep 0.1; done; netfilter-persistent save 2>/dev/null")
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantConfirmed(t, h)
	if err := <-done; err == nil {
		t.Error("a change that shuts the host was confirmed")
	}
}
