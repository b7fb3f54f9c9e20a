package conformance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// What a host lacks is done without, or named before anything is changed.
func TestLacks(t *testing.T) {
	works := func(line string) func(*testing.T, *fleet.Fleet, *fleet.Host) {
		return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
			t.Helper()
			host := open(t, f, h, firewall.Options{RollbackTimeout: 10 * time.Second})
			apply(t, host, adding(t, line))
			wantLine(t, h, strings.TrimPrefix(line, "iptables "))
		}
	}
	fails := func(words ...string) func(*testing.T, *fleet.Fleet, *fleet.Host) {
		return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
			t.Helper()
			before := shell(t, h, "nft list ruleset | sed 's/packets.*//'")
			_, err := open(t, f, h, firewall.Options{}).Apply(t.Context(), adding(t, web))
			var failure *firewall.Error
			if !errors.As(err, &failure) || failure.State != firewall.Unchanged {
				t.Fatalf("%v, want that nothing was changed", err)
			}
			for _, w := range words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v does not say %q", err, w)
				}
			}
			if after := shell(t, h, "nft list ruleset | sed 's/packets.*//'"); after != before {
				t.Errorf("changed:\n%s\nbefore:\n%s", after, before)
			}
		}
	}
	gone := func(tool string) string {
		return "mv $(readlink -f $(command -v " + tool + ")) /root/" + tool + "-away"
	}
	lacks := []struct {
		name, before, after string
		test                func(*testing.T, *fleet.Fleet, *fleet.Host)
	}{
		{"/run cannot be written", "mount -o remount,ro /run", "mount -o remount,rw /run", works("iptables -A INPUT -p tcp -m tcp --dport 1001 -j ACCEPT")},
		{"ip6tables is not there", "rm /etc/alternatives/ip6tables", "ln -s /usr/sbin/ip6tables-nft /etc/alternatives/ip6tables", works("iptables -A INPUT -p tcp -m tcp --dport 1002 -j ACCEPT")},
		{"no namespaces", "printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/unshare; chmod +x /usr/local/sbin/unshare", "rm /usr/local/sbin/unshare", works("iptables -A INPUT -p tcp -m tcp --dport 1003 -j ACCEPT")},
		{"no timeout", gone("timeout"), "mv /root/timeout-away /usr/bin/timeout", works("iptables -A INPUT -p tcp -m tcp --dport 1004 -j ACCEPT")},
		{"no flock", gone("flock"), "mv /root/flock-away /usr/bin/flock", fails("flock", "missing")},
		{"no setsid and no systemd-run", gone("setsid"), "mv /root/setsid-away /usr/bin/setsid", fails("setsid", "systemd-run")},
		{"no iptables", "rm /etc/alternatives/iptables /etc/alternatives/ip6tables", "for p in iptables ip6tables; do ln -s /usr/sbin/$p-nft /etc/alternatives/$p; done", fails("iptables", "not installed")},
		{"a table of nftables' own rules", "nft add rule ip filter INPUT ct state new counter", "nft flush chain ip filter INPUT", fails("table filter", "nft list table ip filter")},
		{"a set of ports among iptables' rules", "nft add rule ip filter INPUT tcp dport '{ 80, 443 }' counter accept", "nft flush chain ip filter INPUT", fails("chain INPUT", "nft list chain ip filter INPUT")},
		{"a length among ip6tables' rules", "ip6tables -A FORWARD -j ACCEPT; nft add rule ip6 filter FORWARD udp length '< 100' drop", "ip6tables -F FORWARD", fails("chain FORWARD", "ip6tables", "nft list chain ip6 filter FORWARD")},
		{"a protocol that iptables cannot spell", "nft add rule ip filter INPUT sctp dport 80 drop", "nft delete rule ip filter INPUT handle $(nft -a list chain ip filter INPUT | sed -n 's/.*sctp.*handle //p')", fails("native rules", "nft list ruleset ip")},
		{"native rules beside iptables' own", `nft add chain ip filter beside '{ type filter hook input priority 10; }'; nft add rule ip filter beside tcp dport '{ 25, 26 }' drop
			iptables -N f2b-native; nft add rule ip filter f2b-native ip saddr '{ 192.0.2.1, 192.0.2.9 }' drop; nft list chain ip filter beside >/root/beside; nft list chain ip filter f2b-native >/root/f2b`,
			"nft list chain ip filter beside | diff /root/beside -; nft list chain ip filter f2b-native | diff /root/f2b -; nft delete chain ip filter beside",
			works("iptables -A INPUT -p tcp -m tcp --dport 1005 -j ACCEPT")},
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	// What another program has in nftables stays as it is all the while.
	shell(t, h, "iptables -A INPUT -i lo -j ACCEPT; nft add table inet mine; nft add chain inet mine input '{ type filter hook input priority 5; }'; nft add rule inet mine input tcp dport '{ 25, 26 }' drop")
	beside := shell(t, h, "nft list table inet mine")
	for _, lack := range lacks {
		t.Run(lack.name, func(t *testing.T) {
			shell(t, h, lack.before)
			defer shell(t, h, lack.after)
			lack.test(t, f, h)
		})
	}
	if got := shell(t, h, "nft list table inet mine"); got != beside {
		t.Errorf("the other table is\n%s\nbefore:\n%s", got, beside)
	}
}

// The disk cannot be written: the firewall is right, and the warning says what is not saved.
func TestReadOnlyDisk(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	old := shell(t, h, "cat /etc/iptables/rules.v4; mount --bind /etc /etc; mount -o remount,bind,ro /etc")
	applied := apply(t, host, adding(t, web))
	wantLine(t, h, strings.TrimPrefix(web, "iptables "))
	if len(applied.Warnings) != 1 || !strings.Contains(applied.Warnings[0], "rules.v4") || !strings.Contains(applied.Warnings[0], "ead-only") {
		t.Errorf("warnings %q", applied.Warnings)
	}
	if got := shell(t, h, "cat /etc/iptables/rules.v4"); got != old {
		t.Errorf("the old file is now\n%s", got)
	}
	_, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: "auto", Backups: 1})
	var saving *firewall.SavingError
	if !errors.As(err, &saving) || !strings.Contains(err.Error(), "ead-only") {
		t.Errorf("setting up what is restored at boot: %v", err)
	}
	reachable(t, f, h)
}
