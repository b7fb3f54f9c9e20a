package firewall

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// whole is an answer with every part that a host may give.
const whole = `Welcome to this host
M facts
uid=0
ssh_connection=192.0.2.1 50000 198.51.100.1 22
kernel=Linux 6.1.0
system=debian 12
ipv6=yes
tool=flock
software=docker
route4=1.1.1.1 via 198.51.100.254 dev eth0 src 198.51.100.1 uid 0
M addresses
2: eth0@if3    inet 198.51.100.1/24 brd 198.51.100.255 scope global eth0
3: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0
M facts
boot=netfilter-persistent
boot_file4=/etc/iptables/rules.v4
boot_backups=5
boot_ports=22 2222
boot_enabled=yes
M boot4
*filter
:INPUT ACCEPT [0:0]
COMMIT
M save4
*filter
:INPUT DROP [1:2]
:X - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "a b" -j ACCEPT
[3:4] -A INPUT -m set --match-set bad src -j X
COMMIT
M facts
program4=/usr/sbin/iptables
version4=iptables v1.8.9 (nf_tables)
status4=0
M sets
create bad hash:net family inet hashsize 1024 maxelem 65536 timeout 60 comment
add bad 192.0.2.0/24 timeout 0 packets 1 bytes 2 comment "status=1"
create all list:set size 8
add all bad
status=0
M other4
*filter
-A INPUT -j ACCEPT
COMMIT
M ss4
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))
M ss6
udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:* users:(("dhclient",pid=1,fd=3)) ino:1 sk:2 v6only:1
M tcp
  0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0 100 0 0 10 0
M descriptors
/proc/12/fd:
lrwx------ 1 0 0 64 Jan  1 00:00 3 -> socket:[1234]
M names
/proc/12/comm:sshd
M backup-4 2026-01-02T030405Z
*filter
:INPUT ACCEPT [0:0]
COMMIT
M current-4 now
*filter
:INPUT DROP [0:0]
COMMIT
M table-4-filter
-P INPUT ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
M set bad
create bad hash:net family inet hashsize 1024 maxelem 65536
add bad 192.0.2.0/24
M errors
no
M unsaved /etc/iptables/rules.v4
M result failed 4:filter
M end
`

// FuzzAnswer: whatever a host answers to whichever script, it is read or refused, and what is read of it can be
// shown, planned upon and compared.
func FuzzAnswer(f *testing.F) {
	f.Add(whole)
	for _, part := range strings.SplitAfter(whole, "\nM ") {
		f.Add("M " + strings.TrimSuffix(part, "M ") + "M end\n")
	}
	mine := linesOf(f, "iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\niptables -A INPUT -j DROP")
	f.Fuzz(func(t *testing.T, text string) {
		answer, err := sections(text, "M", "end")
		if err != nil {
			return
		}
		_ = parseSockets(answer)
		_ = reasonOf(answer)
		_, _ = backupsOf(answer)
		for _, part := range answer {
			_, _ = part.subject(), listedAs(mine[0], part.text)
		}
		snapshot, err := parseSnapshot(answer, "")
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		_, _ = snapshot.Persisted()
		_ = snapshot.Facts.Warnings()
		_ = lastingSets(snapshot.Rules)
		for _, family := range iptables.Families {
			_ = snapshot.lasting(family)
		}
		for _, set := range snapshot.setTexts {
			_ = setListing(set)
		}
		if wanted, err := Replace(nil, mine)(snapshot.Rules); err == nil {
			if change := iptables.Diff(wanted, wanted); !change.Empty() {
				t.Errorf("what was read differs from itself: %v", change)
			}
			_ = iptables.Diff(snapshot.Rules, wanted).Unwritable(iptables.Reference)
		}
		if after, err := snapshot.with(answer, snapshot); err == nil {
			_ = after.Rules.Len()
		}
	})
}
