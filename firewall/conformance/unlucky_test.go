package conformance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A change fails after its timer has fired: the timer waits for the script, and the script does not wait for the timer.
func TestTheTimerFiresBeforeAChangeFails(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "simple"}, {Name: "systemd", Init: fleet.Systemd}}})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			shell(t, h, "iptables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -i lo -j ACCEPT")
			before := seen(t, h)
			shell(t, h, pretend("iptables-restore", `[ -e /run/hung ] || {
				: >/run/hung
				until ls /run/terraform-provider-iptables/*/undoing 2>/dev/null; do sleep 0.1; done
				exit 1
			}
			exec "$real" "$@"`))
			// systemd gives a service 90 seconds to end, and the script holds the lock meanwhile.
			host := open(t, f, h, firewall.Options{RollbackTimeout: time.Second, AnswerTimeout: 25 * time.Second})
			failure := failed(t, host, adding(t, web), firewall.Unchanged)
			var rejected *firewall.RejectedError
			if !errors.As(failure, &rejected) {
				t.Errorf("%v, want what iptables said", failure)
			}
			wantSame(t, h, before)
			nothingLeft(t, h)
		})
	}
}

// Power has failed while a change was in /var/lib, and what was written last never reached the disk.
func TestFilesThatPowerHasEmptied(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, `cd /run; mkdir -m 700 terraform-provider-iptables; cd terraform-provider-iptables; : >lock; mkdir x; : >x/armed; : >x/undo.sh`)
	host := open(t, f, h, firewall.Options{LockTimeout: 20 * time.Second})
	apply(t, host, adding(t, web))
	wantLine(t, h, strings.TrimPrefix(web, "iptables "))
}

// Others are at work while a change is not confirmed: somebody saves it, through a link. The undo puts the file back, and the link stays one.
// Under SELinux, which is pretended, files get the context of those that they replace.
func TestAnUndoFollowsLinks(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, `mount -t tmpfs pretended /sys/fs; mkdir /sys/fs/selinux; : >/sys/fs/selinux/enforce; echo '# old' >/etc/iptables/rules.v4
		printf '#!/bin/sh\necho "$*" >>/root/contexts\n' >/usr/local/sbin/chcon; chmod 755 /usr/local/sbin/chcon`)
	host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 4 * time.Second})
	shell(t, h, "iptables -A INPUT -s 192.0.2.1 -j DROP; iptables -A INPUT -s 192.0.2.2 -j DROP")
	apply(t, host, adding(t, sshRule))
	shell(t, h, `iptables -A INPUT -s 192.0.2.3 -m comment --comment "$(printf 'a\tb')" -j ACCEPT`)
	shell(t, h, "mkdir /etc/elsewhere; mv /etc/iptables/rules.v4 /etc/elsewhere; ln -s ../elsewhere/rules.v4 /etc/iptables")
	before := shell(t, h, "readlink /etc/iptables/rules.v4; cat /etc/elsewhere/rules.v4")
	done := shutForGood(t, h, host)
	shell(t, h, "iptables-save >/etc/iptables/rules.v4; grep -q 'INPUT DROP' /etc/elsewhere/rules.v4")
	// What stands below the line that comes back has a tab in it, and what stood above is gone.
	shell(t, h, "iptables -D INPUT 1; iptables -D INPUT 1")
	if err := <-done; err == nil {
		t.Error("a change that shuts the host was confirmed")
	}
	if got, want := shell(t, h, "iptables -S INPUT"), "-P INPUT ACCEPT\n"+strings.TrimPrefix(sshRule, "iptables ")+"\n-A INPUT -s 192.0.2.3/32 -m comment --comment \"a\tb\" -j ACCEPT\n"; got != want {
		t.Errorf("it lists\n%s\nwant\n%s", got, want)
	}
	if got := shell(t, h, "readlink /etc/iptables/rules.v4; cat /etc/elsewhere/rules.v4"); got != before {
		t.Errorf("the file:\n%s\nbefore:\n%s", got, before)
	}
	got := shell(t, h, "sed 's/new-[0-9]*/new-N/' /root/contexts")
	for _, file := range []string{"/etc/iptables/rules.v4 /etc/iptables/rules.v4.new-N\n", "/etc/elsewhere/rules.v4 /etc/elsewhere/rules.v4.new\n"} {
		if !strings.Contains(got, "--reference="+file) {
			t.Errorf("contexts were set of\n%s\nand not of %s", got, file)
		}
	}
	nothingLeft(t, h)
}
