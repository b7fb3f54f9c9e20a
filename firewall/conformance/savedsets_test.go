package conformance

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A file of sets that differs from what is in force is drift as one of rules is, and mended in the same way.
func TestSavedSetsDrift(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "unit"}, {Name: "alpine", Suite: fleet.Alpine}}})
	for name, c := range map[string]struct{ prepare, file, edit string }{
		"unit":   {"", "/etc/terraform-provider-iptables/ipsets", "sed -i 's/192.0.2.1/192.0.2.9/'"},
		"alpine": {"ln -s /etc/init.d/ipset /etc/runlevels/boot/ipset", "/etc/ipset.d/bad", "echo 192.0.2.9 >>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := site{t, f, f.Host(name)}
			shell(t, on.host, c.prepare+"\nipset create f2b-own hash:ip; ipset add f2b-own 198.51.100.7")
			host := open(t, f, on.host, firewall.Options{})
			persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
			apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(making(t, "bad", "hash:ip family inet", "192.0.2.1"),
				making(t, "all", "list:set", "bad"), firewall.Replace(nil, lines(t, sshRule, blockRule)))})
			inSync := func(want bool) {
				t.Helper()
				snapshot, err := open(t, f, on.host, firewall.Options{}).Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if p, _ := snapshot.Persisted(); p.InSync != want {
					t.Errorf("in sync: %v, want %v; the file:\n%s", p.InSync, want, shell(t, on.host, "cat "+c.file))
				}
			}
			inSync(true)
			shell(t, on.host, c.edit+" "+c.file)
			inSync(false)
			persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
			inSync(true)
			if err := on.host.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantLine(t, on.host, strings.TrimPrefix(blockRule, "iptables "))
			wantSets(t, on, "add all bad\nadd bad 192.0.2.1\ncreate all list:set\ncreate bad hash:ip family inet maxelem 65536")
			// What another service restored before ours does not stay in.
			shell(t, on.host, "ipset add bad 192.0.2.77; [ ! -e /etc/init.d/ipset ] || exit 0; sh /etc/terraform-provider-iptables/boot.sh; ! ipset test bad 192.0.2.77")
			host = open(t, f, on.host, firewall.Options{})
			apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(firewall.Replace(lines(t, blockRule), nil), destroying("all"), destroying("bad"))})
			inSync(true)
			if err := host.Unpersist(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := shell(t, on.host, "ls -A /etc/ipset.d /etc/terraform-provider-iptables/ipsets 2>/dev/null || :"); strings.TrimSpace(strings.TrimPrefix(left, "/etc/ipset.d:")) != "" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// A commit saves where something restores: in the service's folder of sets where that is enabled, and nothing where
// nobody reads it.
func TestSavedWhereItIsRestored(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "debian"}, {Name: "alpine", Suite: fleet.Alpine}}})
	t.Run("a folder of sets", func(t *testing.T) {
		t.Parallel()
		on := site{t, f, f.Host("alpine")}
		shell(t, on.host, "for s in ipset iptables ip6tables; do ln -s /etc/init.d/$s /etc/runlevels/boot/$s; done")
		host := open(t, f, on.host, firewall.Options{})
		applied := apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(
			making(t, "bad", "hash:net family inet comment", `192.0.2.0/24 comment "the first"`), firewall.Replace(nil, lines(t, sshRule, blockRule)))})
		if len(applied.Warnings) > 0 {
			t.Errorf("warnings %q", applied.Warnings)
		}
		if err := on.host.Reboot(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLine(t, on.host, strings.TrimPrefix(blockRule, "iptables "))
		wantSets(t, on, "add bad 192.0.2.0/24 comment \"the first\"\ncreate bad hash:net family inet maxelem 65536 comment")
	})
	t.Run("nothing for nobody", func(t *testing.T) {
		t.Parallel()
		h := f.Host("debian")
		shell(t, h, "systemctl disable netfilter-persistent 2>/dev/null; echo '# mine' >/etc/iptables/rules.v4")
		mine := func(want bool) {
			t.Helper()
			if got := shell(t, h, "cat /etc/iptables/rules.v4") == "# mine\n"; got != want {
				t.Errorf("the file is as it was: %v, want %v", got, want)
			}
		}
		host := open(t, f, h, firewall.Options{})
		apply(t, host, adding(t, sshRule))
		snapshot, err := host.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if w := strings.Join(host.Warnings(snapshot.Facts), "\n"); !strings.Contains(w, "not enabled: nothing is saved") {
			t.Errorf("warnings: %s", w)
		}
		mine(true)
		persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
		mine(false)
		shell(t, h, "mkdir /root/was; cp -p /etc/terraform-provider-iptables/before/* /root/was/")
		if err := host.Unpersist(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Whatever else is destroyed in the same run: the file is the one from before.
		shell(t, h, "systemctl enable netfilter-persistent 2>/dev/null")
		apply(t, host, adding(t, web))
		mine(true)
		// Another run finds a mechanism that is enabled, and saves as everywhere.
		apply(t, open(t, f, h, firewall.Options{}), adding(t, "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"))
		mine(false)
	})
}

// An iptables that is switched to the other backend would show an empty firewall.
func TestTheBackendIsHeld(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
	apply(t, host, adding(t, sshRule))
	shell(t, h, "for p in iptables iptables-save iptables-restore; do ln -sf /usr/sbin/iptables-legacy${p#iptables} /etc/alternatives/$p; "+
		"ln -sf /usr/sbin/ip6tables-legacy${p#iptables} /etc/alternatives/ip6${p#ip}; done; ! iptables -S | grep ssh")
	apply(t, host, adding(t, web)) // of this run
	apply(t, open(t, f, h, firewall.Options{}), adding(t, "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"))
	before := shell(t, h, "iptables-nft -S; ! iptables -S | grep -e '--dport'")
	if strings.Count(before, "--dport") != 3 {
		t.Errorf("it has\n%s", before)
	}
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := shell(t, h, "iptables-nft -S"); got != before {
		t.Errorf("after the boot:\n%s\nbefore:\n%s", got, before)
	}
}
