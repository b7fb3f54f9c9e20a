package conformance

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// asGuest runs a script as the user without rights.
func asGuest(t *testing.T, h *fleet.Host, script string) {
	t.Helper()
	shell(t, h, "runuser -u "+fleet.Guest+" -- /bin/sh <<'EOF'\n"+script+"\nEOF\n")
}

// While a change waits for its confirmation another user tries, again and again, to disarm it, to hold its lock, to
// end its timer and to read it. The change is taken back all the same, and the user has got nowhere.
func TestAnotherUserCannotDisarm(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "simple"}, {Name: "systemd", Init: fleet.Systemd}}})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			shell(t, h, `install -o `+fleet.Guest+` -d /var/tmp/guest; cat >/var/tmp/guest/attack <<'EOF'
cd /var/tmp/guest
base=/run/terraform-provider-iptables
won() { echo "$*" >>won; }
while [ -e /var/tmp/guest ]; do
	ls "$base" && won ls
	cat "$base"/*/* "$base"/outcomes && won cat
	[ -d "$base" ] && rm -rf "$base" && won rm
	mkdir "$base/x" && won mkdir
	(echo 9999999 x >"$base/x/armed") && won armed
	ln -s /etc/passwd "$base/link" && won link
	flock -n "$base/lock" true && won flock
	for p in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$p/cmdline") in
		*expire.sh*) echo >>seen; kill -9 "${p#/proc/}" && won kill; cat "$p/environ" && won environ; ls "$p/fd" && won fd ;;
		*--dport*|*443*) won "rule text among the arguments: $(tr '\0' ' ' <"$p/cmdline")" ;;
		esac
	done
	for u in $(systemctl list-units --plain --no-legend 'iptables-rollback-*' | cut -d ' ' -f 1); do
		systemctl stop "$u" && won systemctl
	done
	sleep 0.1
done 2>/dev/null >/dev/null
EOF
				runuser -u `+fleet.Guest+` -- setsid sh /var/tmp/guest/attack </dev/null >/dev/null 2>&1 &`)
			shell(t, h, "iptables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -i lo -j ACCEPT")
			before := seen(t, h)
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
			shut := firewall.Change{Label: "shut", Edit: firewall.Sequence(shutting().Edit, adding(t, web).Edit)}
			_ = failed(t, host, shut, firewall.RolledBack)
			wantSame(t, h, before)
			nothingLeft(t, h)
			if got := shell(t, h, "cat /var/tmp/guest/won 2>/dev/null || :"); got != "" {
				t.Errorf("the guest has succeeded in\n%s", got)
			}
			if got := shell(t, h, "wc -l </var/tmp/guest/seen || echo 0"); strings.TrimSpace(got) == "0" {
				t.Error("the guest has not seen the timer: the test proves nothing")
			}
			shell(t, h, "rm -rf /var/tmp/guest")
			apply(t, host, adding(t, web))
		})
	}
}

// Where anybody can write in /run, as in some containers, what others have put there is neither trusted nor waited
// for, nor is anything written through it.
func TestPlantedInRun(t *testing.T) {
	const base = "/run/terraform-provider-iptables"
	const armed = "echo 999999999 $(cat /proc/sys/kernel/random/boot_id) >" + base + "/x/armed"
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, "iptables -A INPUT -i lo -j ACCEPT; chmod 1777 /run")
	for name, plant := range map[string]string{
		"a lock that is held":    "mkdir " + base + "; cd " + base + "; setsid flock lock sleep 4321 >/dev/null 2>&1 &",
		"a lock that is a pipe":  "mkdir " + base + "; mkfifo " + base + "/lock",
		"an armed commit":        "mkdir -p " + base + "/x; : >" + base + "/lock; " + armed,
		"a link to a folder":     "mkdir -p /tmp/f/x; : >/tmp/f/lock; ln -s /tmp/f " + base + "; " + armed,
		"a link to root's files": "ln -s /etc " + base,
		"a file":                 "echo no >" + base,
	} {
		t.Run(name, func(t *testing.T) {
			asGuest(t, h, plant)
			etc := shell(t, h, "ls -R /etc | cksum")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			host := open(t, f, h, firewall.Options{LockTimeout: 10 * time.Minute, NoSave: true})
			if _, err := host.Apply(ctx, adding(t, web)); err != nil {
				t.Error(err)
			}
			wantLine(t, h, strings.TrimPrefix(web, "iptables "))
			if after := shell(t, h, "ls -R /etc | cksum"); after != etc {
				t.Error("something was written into /etc")
			}
			shell(t, h, "iptables -D INPUT 2; pkill -f 'sleep 432[1]' || :; rm -rf /tmp/f "+base)
		})
	}
	t.Run("by a group", func(t *testing.T) {
		shell(t, h, "chgrp "+fleet.Guest+" /run; chmod 775 /run")
		asGuest(t, h, "mkdir "+base+"; cd "+base+"; setsid flock lock sleep 4321 >/dev/null 2>&1 &")
		apply(t, open(t, f, h, firewall.Options{LockTimeout: 10 * time.Minute, NoSave: true}), adding(t, web))
		shell(t, h, "chown root "+base+"; chgrp "+fleet.Guest+" "+base+"; chmod 770 "+base+"; chgrp root /run")
		apply(t, open(t, f, h, firewall.Options{LockTimeout: 10 * time.Minute, NoSave: true}), adding(t, sshRule))
		shell(t, h, "pkill -f 'sleep 432[1]'; iptables -F INPUT; rm -rf "+base+"; chmod 1777 /run")
	})
	t.Run("in a folder of root's that all can write", func(t *testing.T) {
		shell(t, h, "mkdir -m 777 "+base)
		asGuest(t, h, "mkdir "+base+"/x; mkfifo "+base+"/lock; "+armed)
		apply(t, open(t, f, h, firewall.Options{LockTimeout: 10 * time.Minute}), adding(t, web))
	})
}

// A backup goes into no folder that others own, may write in, or may put another in the place of.
func TestPlantedBackups(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, web))
	shadow := shell(t, h, "cksum </etc/shadow")
	for _, folder := range []string{"/tmp/mine", "/tmp/mine/below", "/tmp/link"} {
		asGuest(t, h, "cd /tmp; rm -rf mine link; mkdir -p mine/below; ln -s mine link; for i in 0 1 2 3 4; do "+
			"ln -s /etc/shadow mine/rules.v4.bak-$(date -u +%Y-%m-%dT%H%M%SZ -d +$i\\ seconds).new; done; chmod 777 mine/below")
		if strings.HasSuffix(folder, "below") {
			shell(t, h, "chown root /tmp/mine/below; chmod 700 /tmp/mine/below")
		}
		shell(t, h, "echo '# old' >>/etc/iptables/rules.v4")
		_, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 2, BackupDir: folder})
		if err == nil || !strings.Contains(err.Error(), "others than root can write in "+folder) {
			t.Errorf("%s: %v", folder, err)
		}
	}
	if _, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 2, BackupDir: "/var/backups/firewall"}); err != nil {
		t.Error(err)
	}
	if after := shell(t, h, "cksum </etc/shadow"); after != shadow {
		t.Error("a link of another user was written through")
	}
}

// What the account that becomes root has in its environment is not run by root, not even where sudo has no
// secure_path.
func TestEnvironmentOfTheLogin(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "dash"}, {Name: "bash"}}})
	shell(t, f.Host("bash"), "ln -sf bash /bin/sh")
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			shell(t, h, "echo 'Defaults !secure_path' >/etc/sudoers.d/zz-path; chmod 440 /etc/sudoers.d/zz-path")
			asGuest(t, h, `mkdir -m 755 /tmp/evil; cd /tmp/evil; : >ran; chmod 666 ran
				for p in iptables iptables-save iptables-restore ip6tables ip6tables-save flock awk cat mv unshare sh env tail cmp ls setsid iptables-nft; do
					printf '#!/bin/sh\n/usr/bin/id -u >>/tmp/evil/ran\nfor d in /usr/sbin /usr/bin; do [ ! -e $d/%s ] || exec $d/%s "$@"; done\n' $p $p >$p
					chmod 755 $p
				done
				echo '/usr/bin/id -u >>/tmp/evil/ran' >env.sh`)
			for _, user := range []string{fleet.Deploy, fleet.Mason} {
				shell(t, h, `cat >/home/`+user+`/.bashrc <<'EOF'
export PATH=/tmp/evil:$PATH ENV=/tmp/evil/env.sh BASH_ENV=/tmp/evil/env.sh TMPDIR=/tmp/evil CDPATH=/tmp/evil
iptables-save() { /usr/bin/id -u >>/tmp/evil/ran; }
awk() { /usr/bin/id -u >>/tmp/evil/ran; }
export -f iptables-save awk
alias cat='/usr/bin/id -u >>/tmp/evil/ran; cat'
EOF
: >/tmp/evil/ran`)
				host := openAs(t, f, h, firewall.Options{}, sshexec.Config{User: user})
				apply(t, host, adding(t, web))
				wantLine(t, h, strings.TrimPrefix(web, "iptables "))
				switch ran := strings.Fields(shell(t, h, "sort -u /tmp/evil/ran; iptables -F INPUT")); {
				case len(ran) == 0:
					t.Errorf("%s: nothing of it was run by anybody: the test proves nothing", user)
				case ran[0] == "0":
					t.Errorf("%s: root has run a program of another user", user)
				}
			}
		})
	}
}
