package conformance

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A lack is a row of the table of what is missing in the documentation (table_test.go).
type lack struct {
	what    string // what is missing, or in the way
	happens string // as the table says it
	host    string // "nft", "legacy" or "systemd"

	before, after string // make it so, and as it was
	test          func(*testing.T, *fleet.Fleet, *fleet.Host)
}

// works is a host where a change is made all the same.
func works(port int) func(*testing.T, *fleet.Fleet, *fleet.Host) {
	return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
		t.Helper()
		host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
		line := fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", port)
		apply(t, host, adding(t, line))
		wantLine(t, h, strings.TrimPrefix(line, "iptables "))
	}
}

// takesBack is works on a host where also a change that shuts it is taken back.
func takesBack(port int) func(*testing.T, *fleet.Fleet, *fleet.Host) {
	return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
		t.Helper()
		works(port)(t, f, h)
		before := seen(t, h)
		_ = failed(t, open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 2 * time.Second}), shutting(), firewall.RolledBack)
		wantSamePolicies(t, h, before)
		nothingLeft(t, h)
	}
}

// fails is a host where nothing is changed, with an error that has these words.
func fails(line string, words ...string) func(*testing.T, *fleet.Fleet, *fleet.Host) {
	const all = "nft list ruleset | sed 's/packets.*//'; iptables-legacy-save | sed '/^#/d; s/ \\[.*//'"
	return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
		t.Helper()
		before := shell(t, h, all)
		_, err := open(t, f, h, firewall.Options{}).Apply(t.Context(), adding(t, line))
		var failure *firewall.Error
		if !errors.As(err, &failure) || failure.State != firewall.Unchanged {
			t.Fatalf("%v, want that nothing was changed", err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v does not say %q", err, w)
			}
		}
		if after := shell(t, h, all); after != before {
			t.Errorf("changed:\n%s\nbefore:\n%s", after, before)
		}
	}
}

// away moves a program out of the way, and back makes that undone.
func away(tool string) string {
	return "mv $(readlink -f $(command -v " + tool + ")) /root/" + tool + "-away"
}

func back(tool string) string { return "mv /root/" + tool + "-away /usr/bin/" + tool }

// withoutIPv6 are the programs of a host whose kernel was started with ipv6.disable=1: there is no socket by which
// ip6tables-legacy could ask it anything. (iptables-nft needs none, and works.)
const withoutIPv6 = `cd /usr/local/sbin
	cat >ip6tables <<'END'
#!/bin/sh
[ "$1" != --version ] || { echo 'ip6tables v1.8.9 (legacy)'; exit; }
echo "ip6tables v1.8.9 (legacy): can't initialize ip6tables table 'filter': Address family not supported by protocol" >&2
exit 3
END
	cp ip6tables ip6tables-save; cp ip6tables ip6tables-restore; chmod +x ip6tables*`

// onlyIPv4 is a host whose other family is as if it were not there.
func onlyIPv4(port int) func(*testing.T, *fleet.Fleet, *fleet.Host) {
	return func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
		t.Helper()
		host := open(t, f, h, firewall.Options{})
		apply(t, host, adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", port)))
		if got := shell(t, h, "iptables -S INPUT"); !strings.Contains(got, fmt.Sprint("--dport ", port)) {
			t.Errorf("it has\n%s", got)
		}
		snapshot, err := host.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if families := snapshot.Facts.Families(); len(families) != 1 {
			t.Errorf("families %v, want IPv4 alone", families)
		}
	}
}

// powerless makes root's login that of a container whose root may not change its network.
const powerless = `printf '#!/bin/sh\nexec setpriv --inh-caps -net_admin --bounding-set -net_admin /bin/sh "$@"\n' >/root/powerless
	chmod +x /root/powerless; sed -i '/^root:/s#:[^:]*$#:/root/powerless#' /etc/passwd`

func lacks() []lack {
	const (
		refuses  = "an error that names it; nothing is changed"
		native   = "an error that names the chain and how to look at it; nothing is changed, nothing is saved"
		fullRoot = "sed -i '/^root:/s#:[^:]*$#:/bin/bash#' /etc/passwd"
	)
	plain := func(backend string) string {
		return "for p in iptables ip6tables; do ln -sf /usr/sbin/$p-" + backend + " /etc/alternatives/$p; done"
	}
	return []lack{
		{"`iptables` and `ip6tables`", refuses, "nft", "rm /etc/alternatives/iptables /etc/alternatives/ip6tables", plain("nft"), fails(web, "iptables", "not installed")},
		{"`ip6tables`", "IPv4 is managed alone; a resource for IPv6 says that it cannot be", "nft", "rm /etc/alternatives/ip6tables", plain("nft"), onlyIPv4(1001)},
		{
			"IPv6 in the kernel (`ipv6.disable=1`)", "as without `ip6tables`; over nft, whose rules need no IPv6, both families are kept", "legacy",
			withoutIPv6, "rm /usr/local/sbin/ip6tables*", onlyIPv4(1002),
		},
		{
			"IPv6 switched off (`net.ipv6.conf.all.disable_ipv6`)", "nothing: both families are managed, and hold when it is switched on", "nft",
			"echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6", "echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6",
			func(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
				t.Helper()
				apply(t, open(t, f, h, firewall.Options{}), adding(t, "iptables -A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT", "ip6tables -A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT"))
			},
		},
		{"`/run` that can be written", "`/var/lib` takes its place", "nft", "rm -r /run/terraform-provider-iptables; mount -o remount,ro /run", "mount -o remount,rw /run", works(1003)},
		{
			"`/run` that can be written, where changes were made before", refuses, "nft",
			"mkdir -m 700 /run/terraform-provider-iptables; touch /run/terraform-provider-iptables/lock; mount -o remount,ro /run", "mount -o remount,rw /run",
			fails(web, "/run/terraform-provider-iptables can no longer be written"),
		},
		{
			"network namespaces (most containers)", "`iptables-restore --test` instead of the trial", "nft",
			"printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/unshare; chmod +x /usr/local/sbin/unshare", "rm /usr/local/sbin/unshare", works(1004),
		},
		{"`timeout`", "nothing: it is not used", "nft", away("timeout"), back("timeout"), works(1005)},
		{"`flock`", refuses, "nft", away("flock"), back("flock"), fails(web, "flock", "missing")},
		{"`awk`", refuses, "nft", away("awk"), "mv /root/awk-away /usr/bin/mawk", fails(web, "awk", "missing")},
		{"`cmp`", refuses, "nft", away("cmp"), back("cmp"), fails(web, "cmp", "missing")},
		{"`sha256sum`", refuses, "nft", away("sha256sum"), back("sha256sum"), fails(web, "sha256sum", "missing")},
		{"`systemd-run`", "`setsid` starts the timer", "systemd", away("systemd-run"), back("systemd-run"), takesBack(1006)},
		{"`setsid`", "`systemd-run` starts the timer", "systemd", away("setsid"), back("setsid"), takesBack(1007)},
		{"both `systemd-run` and `setsid`", refuses, "nft", away("setsid"), back("setsid"), fails(web, "setsid", "systemd-run")},
		{
			"the right to change the network (a container without `CAP_NET_ADMIN`)", "an error that says so; nothing is changed", "nft",
			powerless, fullRoot, fails(web, "CAP_NET_ADMIN"),
		},
		{
			"the same, over legacy", "an error that says so; nothing is changed", "legacy",
			powerless, fullRoot, fails(web, "CAP_NET_ADMIN"),
		},
		{
			"a module of the kernel that a rule needs", "the host's own words, and the lines; nothing is changed", "nft", "", "",
			fails("iptables -A INPUT -p tcp -j LED --led-trigger-id x", "refuses the change", "LED"),
		},
		{
			"a table that iptables can list", "an error that names it and how to look at it; nothing is changed", "nft",
			"nft add rule ip filter INPUT ct state new counter", "nft flush chain ip filter INPUT", fails(web, "table filter", "nft list table ip filter"),
		},
		{
			"a true listing: native rules of nftables with a set among those of iptables", native, "nft",
			"nft add rule ip filter INPUT tcp dport '{ 80, 443 }' counter accept", "nft flush chain ip filter INPUT", fails(web, "chain INPUT", "nft list chain ip filter INPUT"),
		},
		{
			"a true listing: a length among the rules of ip6tables", native, "nft",
			"ip6tables -A FORWARD -j ACCEPT; nft add rule ip6 filter FORWARD udp length '< 100' drop", "ip6tables -F FORWARD",
			fails(web, "chain FORWARD", "ip6tables", "nft list chain ip6 filter FORWARD"),
		},
		{
			"words of iptables for a native rule", "an error that says how to look at it; nothing is changed", "nft",
			"nft add rule ip filter INPUT sctp dport 80 drop", "nft flush chain ip filter INPUT", fails(web, "native rules", "nft list ruleset ip"),
		},
		{
			"nothing: native chains beside those of iptables, and in chains of other software", "they are left alone", "nft",
			`nft add chain ip filter beside '{ type filter hook input priority 10; }'; nft add rule ip filter beside tcp dport '{ 25, 26 }' drop
			iptables -N f2b-native; nft add rule ip filter f2b-native ip saddr '{ 192.0.2.1, 192.0.2.9 }' drop; nft list chain ip filter beside >/root/beside; nft list chain ip filter f2b-native >/root/f2b`,
			"nft list chain ip filter beside | diff /root/beside -; nft list chain ip filter f2b-native | diff /root/f2b -; nft delete chain ip filter beside", works(1008),
		},
	}
}

// What a host lacks is done without, or named before anything is changed.
func TestLacks(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: kinds()})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			// What another program has in nftables stays as it is all the while.
			shell(t, h, "iptables -A INPUT -i lo -j ACCEPT; nft add table inet mine; nft add chain inet mine input '{ type filter hook input priority 5; }'; nft add rule inet mine input tcp dport '{ 25, 26 }' drop")
			beside := shell(t, h, "nft list table inet mine")
			for _, lack := range lacks() {
				if lack.host != h.Name {
					continue
				}
				t.Run(lack.what, func(t *testing.T) {
					shell(t, h, lack.before)
					defer shell(t, h, lack.after)
					lack.test(t, f, h)
				})
			}
			if got := shell(t, h, "nft list table inet mine"); got != beside {
				t.Errorf("the other table is\n%s\nbefore:\n%s", got, beside)
			}
		})
	}
}

// The disk cannot be written: the firewall is right, and the warning says what is not saved.
func TestReadOnlyDisk(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	apply(t, host, adding(t, sshRule))
	old := shell(t, h, "cat /etc/iptables/rules.v4; for d in etc var usr root home srv opt; do mount --bind /$d /$d; mount -o remount,bind,ro /$d; done; mount -t tmpfs log /var/log; ! touch /etc/x /var/x /root/x /usr/x 2>/dev/null")
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
