package conformance

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// honest puts programs in front of the real ones that pass everything on: the engine takes all three from where
// iptables is.
const honest = `cd /usr/local/sbin; rm -f iptables*
	for p in iptables iptables-save iptables-restore; do printf '#!/bin/sh\nexec /usr/sbin/%s "$@"\n' $p >$p; chmod 755 $p; done
`

// pretend puts a program of iptables in front of the real one.
func pretend(program, script string) string { return honest + inFront("/usr/sbin/"+program, script) }

// inFront puts a script in front of a program, which "$real" names in it.
func inFront(program, script string) string {
	return fmt.Sprintf("cat >/usr/local/sbin/%[1]s <<'EOF'\n#!/bin/sh\nreal=%[2]s\n%[3]s\nEOF\nchmod 755 /usr/local/sbin/%[1]s\n", path.Base(program), program, script)
}

// A host that answers with anything but the truth gets a clear error in bounded time, and its firewall stays as it
// is. All of its programs are there: what is not pretended is real.
func TestAHostileHost(t *testing.T) {
	const hangs = "a program hangs there"
	const escapes = `printf '\033[2J\033]0;owned\007\342\200\256' >&2; `
	type lie struct {
		name, prepare string
		says          string
	}
	lies := map[string][]lie{
		"reading": {
			{"garbage", pretend("iptables-save", `head -c 100000 /dev/urandom`), "iptables-save"},
			{"10 MB without a line break", pretend("iptables-save", `head -c 10000000 /dev/zero | tr '\0' x`), "line 1"},
			{"a page of HTML", pretend("iptables-save", `echo '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>'`), "502 Bad Gateway"},
			{"a banner between the rules", pretend("iptables-save", `"$real" "$@" | sed 's/^:INPUT/Property of ACME!\n&/'`), "Property of ACME"},
			{"cut in the middle", pretend("iptables-save", `"$real" "$@" | head -n 4`), ""},
			{"nothing, and success", pretend("iptables-save", `exit 0`), ""},
			{"the rules, and failure", pretend("iptables-save", `"$real" "$@"; exit 3`), "iptables-save failed"},
			{"failure that takes over terminals", pretend("iptables-save", escapes+`exit 1`), "iptables-save failed"},
			{"rules without end", pretend("iptables-save", `echo '*filter'; yes -- '-A INPUT -j ACCEPT'`), "more than 16777216 bytes"},
			{"complaints without end", pretend("iptables-save", `yes no >&2`), ""},
			{"20 MB of rules", pretend("iptables-save", `"$real" "$@"; yes -- '-A INPUT -j ACCEPT' | head -c 20000000`), "more than 16777216 bytes"},
			{"a version that is none", pretend("iptables", `[ "$1" != --version ] || { echo 'busybox v1'; exit 0; }; exec "$real" "$@"`), "version"},
			{"no answer", pretend("iptables-save", `exec sleep 4321`), hangs},
			{"a word now and then", pretend("iptables-save", `while echo '# wait'; do sleep 0.1; done`), hangs},
		},
		"changing": {
			{"refusal that takes over terminals", pretend("iptables-restore", escapes+`exit 2`), "refuses the change"},
			{"success without a change", pretend("iptables-restore", `cat >/dev/null`), "lists something else than was written"},
			{"garbage when it is compared", pretend("iptables", `case " $* " in *" -S"*) head -c 1000 /dev/urandom ;; *) exec "$real" "$@" ;; esac`), "others changed"},
			{"a listing without end when it is compared", pretend("iptables", `case " $* " in *" -S"*) yes ;; *) exec "$real" "$@" ;; esac`), hangs},
			{"no answer to the trial", pretend("iptables-restore", `[ -e /run/hung ] || { : >/run/hung; sleep 4321; }; exec "$real" "$@"`), hangs},
		},
		"login": {
			{"a shell that prints without end", `echo 'yes Welcome' >>/root/.bashrc`, ""},
			{"a shell that prints and ends", `echo "` + `printf '\\033]0;owned\\007Sorry'; exit 1` + `" >>/root/.bashrc`, "Sorry"},
			{"a shell that waits", `echo 'sleep 4321' >>/root/.bashrc`, hangs},
			{"a shell that echoes", `echo 'exec cat' >>/root/.bashrc`, ""},
		},
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "reading"}, {Name: "changing"}, {Name: "login"}}})
	for group, lies := range lies {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			h := f.Host(group)
			shell(t, h, "cp /root/.bashrc /root/bashrc; iptables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -i lo -j ACCEPT")
			before := seen(t, h)
			for _, lie := range lies {
				t.Run(lie.name, func(t *testing.T) {
					shell(t, h, lie.prepare)
					options := firewall.Options{RollbackTimeout: 3 * time.Second, LockTimeout: time.Second}
					if lie.says == hangs {
						options.AnswerTimeout = 2 * time.Second
					}
					_, err := open(t, f, h, options).Apply(t.Context(), adding(t, web))
					shell(t, h, "rm -f /usr/local/sbin/ip*tables* /run/hung; cp /root/bashrc /root/.bashrc; pkill -f 'sleep 432[1]' || :; pkill -x yes || :")
					var failure *firewall.Error
					if !errors.As(err, &failure) || failure.State != firewall.Unchanged && failure.State != firewall.RolledBack {
						t.Fatalf("%v, want that nothing is changed", err)
					}
					if !strings.Contains(err.Error(), lie.says) || len(err.Error()) > 5000 {
						t.Errorf("%d bytes, without %q: %.600v", len(err.Error()), lie.says, err)
					}
					wantSame(t, h, before)
				})
			}
			apply(t, open(t, f, h, firewall.Options{}), adding(t, web))
			wantLine(t, h, strings.TrimPrefix(web, "iptables "))
			nothingLeft(t, h)
		})
	}
}

// Banners of sshd, a message of the day, and a login shell that greets on both outputs: none of it is taken for rules.
func TestAHostThatTalks(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	shell(t, h, `echo '-A INPUT -j DROP' >/etc/motd; cp /etc/motd /etc/issue.net
		for home in /root /home/deploy; do
			printf '%s\n' "printf '*filter\n:INPUT DROP [0:0]\nCOMMIT\nno line break'" "echo '-A INPUT -j DROP' >&2" >$home/.bashrc
		done`)
	for _, user := range []string{fleet.Root, fleet.Deploy} {
		host := openAs(t, f, h, firewall.Options{}, sshexec.Config{User: user})
		apply(t, host, adding(t, web))
		wantLine(t, h, strings.TrimPrefix(web, "iptables "))
		snapshot, err := host.Snapshot(t.Context())
		if err != nil || strings.Contains(snapshot.Rules.Save(4, snapshot.Facts.Dialect(4)), "DROP") {
			t.Errorf("it read\n%s%v", snapshot.Rules.Save(4, snapshot.Facts.Dialect(4)), err)
		}
		shell(t, h, "iptables -F INPUT")
	}
}
