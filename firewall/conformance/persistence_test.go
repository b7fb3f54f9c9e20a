package conformance

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// persist sets up what the host restores at boot.
func persist(t *testing.T, host *firewall.Host, k firewall.Keeping) {
	t.Helper()
	snapshot, err := host.Persist(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if p, kept := snapshot.Persisted(); !kept || !p.InSync || !p.Enabled {
		t.Errorf("after setting it up: %+v", p)
	}
}

// Each save keeps the file before it, and no more than so many.
func TestBackups(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	shell(t, h, "echo '# old' >/etc/iptables/rules.v4; chmod 640 /etc/iptables/rules.v4; chown root:mail /etc/iptables/rules.v4")
	persist(t, host, firewall.Keeping{Mechanism: "auto", Backups: 3})
	backups := func(folder string) []string {
		return strings.Fields(shell(t, h, "ls "+folder+" | grep 'rules[.]v4[.]bak-' || :"))
	}
	if got := backups("/etc/iptables"); len(got) != 1 || shell(t, h, "cat /etc/iptables/"+got[0]) != "# old\n" {
		t.Errorf("backups %q", got)
	}
	if got := shell(t, h, "stat -c '%a %U:%G' /etc/iptables/rules.v4"); got != "640 root:mail\n" {
		t.Errorf("the new file is %s", got)
	}
	for i := range 5 {
		apply(t, host, adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 7000+i)))
	}
	got := backups("/etc/iptables")
	if len(got) != 3 {
		t.Errorf("backups %q, want 3", got)
	}
	for _, name := range got {
		if _, err := time.Parse("2006-01-02T150405Z", strings.TrimPrefix(name, "rules.v4.bak-")[:len("2006-01-02T150405Z")]); err != nil {
			t.Error(err)
		}
	}
	// The newest is the one before the last.
	if newest := shell(t, h, "cat /etc/iptables/"+got[len(got)-1]); !strings.Contains(newest, "7003") || strings.Contains(newest, "7004") {
		t.Errorf("the newest backup:\n%s", newest)
	}
	// IPv6 was not changed: the same file is no new save.
	if got := shell(t, h, "ls /etc/iptables | grep -c v6.bak || :"); got != "0\n" {
		t.Errorf("%s backups of a file that was not changed", got)
	}
	// What a clock has dated wrong does not outlive what is saved from now on.
	shell(t, h, "for n in 1 2 3; do echo >/etc/iptables/rules.v4.bak-2199-01-0${n}T000000Z; done")
	for i := range 3 {
		apply(t, host, adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 7010+i)))
	}
	if got := backups("/etc/iptables"); len(got) != 3 || strings.Contains(got[2], "2199") {
		t.Errorf("backups %q, want the last three", got)
	}
	persist(t, host, firewall.Keeping{Mechanism: "auto", Backups: 1, BackupDir: "/var/backups/firewall"})
	apply(t, host, adding(t, "iptables -A INPUT -p tcp -m tcp --dport 7100 -j ACCEPT"))
	apply(t, host, adding(t, "iptables -A INPUT -p tcp -m tcp --dport 7101 -j ACCEPT"))
	if got := backups("/var/backups/firewall"); len(got) != 1 {
		t.Errorf("backups %q, want 1", got)
	}
}

// Two who save at once leave one of the two files, whole.
func TestConcurrentSaves(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	var wg sync.WaitGroup
	for i := range 4 {
		host := open(t, f, h, firewall.Options{})
		wg.Go(func() {
			if i%2 == 0 {
				if _, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: "auto", Backups: 2}); err != nil {
					t.Error(err)
				}
				return
			}
			if _, err := host.Apply(t.Context(), adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 7200+i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	host := open(t, f, h, firewall.Options{})
	snapshot, err := host.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p, kept := snapshot.Persisted(); !kept || !p.InSync {
		t.Errorf("%+v; the file:\n%s", p, shell(t, h, "cat /etc/iptables/rules.v4"))
	}
	if left := shell(t, h, "ls -A /etc/iptables | grep -v -e '^rules.v[46]$' -e bak- || :"); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// A change that waits for its confirmation when the host goes down in good order is gone after the boot, although a
// service saves what is in force when it is stopped.
func TestShutdownTakesBack(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{Init: fleet.Systemd})})
	h := f.Hosts()[0]
	shell(t, h, `mkdir /etc/systemd/system/netfilter-persistent.service.d
		printf '[Service]\nExecStop=/usr/sbin/netfilter-persistent save\nExecStopPost=/bin/touch /var/stopped\n' >/etc/systemd/system/netfilter-persistent.service.d/save.conf
		systemctl daemon-reload`)
	host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 60 * time.Second})
	apply(t, host, adding(t, sshRule))
	shutdownWhileArmed(t, h, host)
	shell(t, h, "test -e /var/stopped") // the service did save
	wantConfirmed(t, h)
	reachable(t, f, h)
}

// shutdownWhileArmed makes a change that cannot be confirmed, and shuts the host down and starts it again meanwhile.
func shutdownWhileArmed(t *testing.T, h *fleet.Host, host *firewall.Host) {
	t.Helper()
	done := shutForGood(t, h, host)
	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var failure *firewall.Error
	if err := <-done; !errors.As(err, &failure) {
		t.Errorf("a change that shuts the host was confirmed: %v", err)
	}
}

// shutForGood makes a change that no login can confirm, and returns when it is in.
func shutForGood(t *testing.T, h *fleet.Host, host *firewall.Host) <-chan error {
	t.Helper()
	change := firewall.Change{Label: "shut", Edit: firewall.Sequence(shutting().Edit, firewall.Replace(lines(t, sshRule), nil))}
	done := make(chan error, 1)
	go func() {
		_, err := host.Apply(t.Context(), change)
		done <- err
	}()
	shell(t, h, "i=0; until iptables -S INPUT | grep -q 'P INPUT DROP'; do sleep 0.1; i=$((i + 1)); [ $i -lt 200 ]; done")
	return done
}

func wantConfirmed(t *testing.T, h *fleet.Host) {
	t.Helper()
	if got := seen(t, h); strings.Contains(got, "INPUT DROP") || !strings.Contains(got, "--comment ssh") {
		t.Errorf("after the boot:\n%s", got)
	}
}

// Where boot.sh is, it needs nobody who was there when the host went down.
func TestBootPutsBackWhatWasNotConfirmed(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 60 * time.Second})
	apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(adding(t, sshRule).Edit, making(t, "bad", "hash:ip family inet", "192.0.2.1"))})
	persist(t, host, firewall.Keeping{Mechanism: "auto", Backups: 1})
	shell(t, h, "mkdir /etc/elsewhere; mv /etc/iptables/rules.v4 /etc/elsewhere; ln -s ../elsewhere/rules.v4 /etc/iptables")
	done := shutForGood(t, h, host)
	shell(t, h, "netfilter-persistent save 2>/dev/null; ipset add bad 192.0.2.66; ipset save >/etc/terraform-provider-iptables/ipsets")
	if err := h.Reboot(t.Context()); err != nil { // by cutting its power
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("a change that shuts the host was confirmed")
	}
	wantConfirmed(t, h)
	wantSets(t, site{t, f, h}, "add bad 192.0.2.1\ncreate bad hash:ip family inet maxelem 65536")
	if got := shell(t, h, "readlink /etc/iptables/rules.v4; cat /etc/elsewhere/rules.v4"); strings.Contains(got, "INPUT DROP") || !strings.HasPrefix(got, "../elsewhere") {
		t.Errorf("the file:\n%s", got)
	}
}
