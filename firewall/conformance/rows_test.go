package conformance

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A row is a line of the table of supported hosts in the documentation (table_test.go).
type row struct {
	fleet.HostOptions
	is, iptables, init, login string // as the table says it; iptables is its version, and compared with the host's
	mechanism                 string // that the host has by itself
	prepare                   string // makes it what it is
	enable                    string // enables the mechanism
	always                    bool   // cheap enough to be tested each time
}

func rows() []row {
	const debian, alpine, rhel = "netfilter-persistent", "openrc", "iptables-services"
	const openrc = "for s in iptables ip6tables; do ln -s /etc/init.d/$s /etc/runlevels/boot/$s; done"
	const units = "systemctl --quiet enable iptables ip6tables"
	const nothing = "systemctl --quiet disable netfilter-persistent; rm -r /usr/share/netfilter-persistent/plugins.d"
	host := func(name string, suite fleet.Suite, backend fleet.Backend, init fleet.Init) fleet.HostOptions {
		return fleet.HostOptions{Name: name, Suite: suite, Backend: backend, Init: init}
	}
	const systemd, scripts = "systemd", "SysV scripts"
	return []row{
		{host("debian11-nft", fleet.Bullseye, fleet.NFT, fleet.Simple), "Debian 11", "1.8.7", scripts, "OpenSSH 8.4", debian, "", "", false},
		{host("debian11-legacy", fleet.Bullseye, fleet.Legacy, fleet.Systemd), "Debian 11", "1.8.7", systemd, "OpenSSH 8.4", debian, "", "", false},
		{host("debian12-nft", fleet.Bookworm, fleet.NFT, fleet.Systemd), "Debian 12", "1.8.9", systemd, "OpenSSH 9.2", debian, "", "", true},
		{host("debian12-legacy", fleet.Bookworm, fleet.Legacy, fleet.Simple), "Debian 12", "1.8.9", scripts, "OpenSSH 9.2", debian, "", "", false},
		{host("debian13-nft", fleet.Trixie, fleet.NFT, fleet.Systemd), "Debian 13", "1.8.11", systemd, "OpenSSH 10.0", debian, "", "", false},
		{host("debian13-legacy", fleet.Trixie, fleet.Legacy, fleet.Simple), "Debian 13", "1.8.11", scripts, "OpenSSH 10.0", debian, "", "", false},
		{host("alpine-nft", fleet.Alpine, fleet.NFT, fleet.Simple), "like Alpine (1)", "1.8.9", "OpenRC's services", "dropbear", alpine, "", openrc, true},
		{host("alpine-legacy", fleet.Alpine, fleet.Legacy, fleet.Simple), "like Alpine (1)", "1.8.9", "OpenRC's services", "dropbear", alpine, "", openrc, false},
		{host("rhel-nft", fleet.RHEL, fleet.NFT, fleet.Systemd), "like RHEL (2)", "1.8.9", systemd, "OpenSSH 9.2", rhel, "", units, true},
		{host("rhel-legacy", fleet.RHEL, fleet.Legacy, fleet.Systemd), "like RHEL (2)", "1.8.9", systemd, "OpenSSH 9.2", rhel, "", units, false},
		{host("arch-nft", fleet.Bookworm, fleet.NFT, fleet.Systemd), "like Arch (3)", "1.8.9", systemd, "OpenSSH 9.2", rhel, nothing + archUnits, units, false},
		{host("bare-systemd", fleet.Bookworm, fleet.NFT, fleet.Systemd), "nothing that restores rules (4)", "1.8.9", systemd, "OpenSSH 9.2", firewall.OwnUnit, nothing, "", false},
		{host("bare-sysv", fleet.Bookworm, fleet.Legacy, fleet.Simple), "nothing that restores rules (4)", "1.8.9", scripts, "OpenSSH 9.2", firewall.OwnUnit, nothing, "", false},
		{host("old-1.4.21", fleet.Bookworm, fleet.Legacy, fleet.Simple), "like 1.4.21 (5)", "1.4.21", scripts, "OpenSSH 9.2", debian, oldPrograms("1.4.21", "-w[0-9]*|--wait*", "-w*|--wait*"), "", false},
		{host("old-1.6.1", fleet.Bookworm, fleet.Legacy, fleet.Simple), "like 1.6.1 (5)", "1.6.1", scripts, "OpenSSH 9.2", debian, oldPrograms("1.6.1", "nothing", "-w*|--wait*"), "", false},
	}
}

// archUnits are units as those of Arch: one for each family, that restores a file.
const archUnits = `
	printf '*filter\nCOMMIT\n' | tee /etc/iptables/iptables.rules >/etc/iptables/ip6tables.rules
	for p in iptables ip6tables; do
		cat >/usr/lib/systemd/system/$p.service <<END
[Unit]
Description=rules of $p
Before=network-pre.target
Wants=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/$p-restore /etc/iptables/$p.rules
[Install]
WantedBy=multi-user.target
END
	done
	systemctl daemon-reload`

// oldPrograms are iptables-legacy behind what an older version understands: its options are refused that came later,
// by patterns of case. (A number behind -w came with 1.6.0, and -w of iptables-restore with 1.6.2.)
func oldPrograms(version, refused, restoreRefuses string) string {
	return `cd /usr/local/sbin
	for p in iptables ip6tables; do
		cat >$p <<END
#!/bin/sh
case \$1 in --version | -V) echo "$p v` + version + `"; exit ;; esac
for word; do case \$last\$word in ` + refused + `) echo "$p v` + version + `: Bad argument \$word" >&2; exit 2 ;; esac; case \$word in -w) last=-w ;; *) last= ;; esac; done
exec $p-legacy "\$@"
END
		cat >$p-restore <<END
#!/bin/sh
for word; do case \$word in ` + restoreRefuses + `) echo "$p-restore: unrecognized option '\$word'" >&2; exit 1 ;; esac; done
exec $p-legacy-restore "\$@"
END
		printf '#!/bin/sh\nexec %s-legacy-save "$@"\n' "$p" >$p-save
		chmod +x $p $p-save $p-restore
	done`
}

// Every row of the table: what was applied is there after a boot, to the letter; a host that goes down in the middle
// of a change comes up as before it, whether its power is cut or its services save what is in force.
// IPTABLES_TEST_HOSTS=all plays all of them (make test-hosts).
func TestRows(t *testing.T) {
	for _, r := range rows() {
		if !r.always && os.Getenv("IPTABLES_TEST_HOSTS") != "all" {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			f := fleet.ForTest(t, fleet.Options{ID: "rows-" + r.Name, Hosts: []fleet.HostOptions{r.HostOptions}})
			h := f.Hosts()[0]
			shell(t, h, r.prepare+"\n"+r.enable)
			if got := shell(t, h, "iptables --version"); !strings.HasPrefix(got, "iptables v"+r.iptables) || strings.Contains(got, "nf_tables") != (r.Backend != fleet.Legacy) {
				t.Errorf("it has %s, and the table says %s, %s", strings.TrimSpace(got), r.iptables, r.Backend)
			}
			if got := shell(t, h, "dropbear -V 2>&1 || ssh -V 2>&1"); !strings.Contains(strings.ToLower(got), strings.ToLower(strings.ReplaceAll(r.login, " ", "_"))) {
				t.Errorf("its SSH server is %s, and the table says %s", strings.TrimSpace(got), r.login)
			}
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 20 * time.Second})
			var before string
			same := func(what string) {
				t.Helper()
				if got := listed(t, h); got != before {
					t.Errorf("after %s it lists\n%s\nbefore:\n%s", what, got, before)
				}
				reachable(t, f, h)
			}
			reboot := func(what string) {
				t.Helper()
				if err := h.Reboot(t.Context()); err != nil {
					t.Fatal(err)
				}
				same(what)
			}
			apply(t, host, adding(t, sshRule, "ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"))
			if r.mechanism != firewall.OwnUnit {
				before = listed(t, h)
				reboot("a boot with what the host has by itself")
			}
			persist(t, host, firewall.Keeping{Mechanism: "auto", Backups: 2})
			apply(t, host, adding(t, "iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "iptables -A INPUT -i lo -j ACCEPT"))
			if got := shell(t, h, ". /etc/terraform-provider-iptables/boot.conf; echo $boot_mechanism"); got != r.mechanism+"\n" {
				t.Errorf("it restores by %s, want %s", strings.TrimSpace(got), r.mechanism)
			}
			before = listed(t, h)
			reboot("a boot")
			shutdownWhileArmed(t, h, host)
			same("a shutdown in the middle of a change")
			done := shutForGood(t, h, host)
			reboot("a power cut in the middle of a change")
			if err := <-done; err == nil {
				t.Error("a change that shuts the host was confirmed")
			}
			persist(t, host, firewall.Keeping{Mechanism: firewall.OwnUnit, Backups: 2})
			reboot("a boot with the provider's own unit")
		})
	}
}

// The services of a distribution restore rules by plain iptables-restore: they are of no use for the other backend.
func TestTheOtherBackendOverAReboot(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy}}})
	for _, c := range []struct {
		host    string
		backend fleet.Backend
	}{{"nft", fleet.Legacy}, {"legacy", fleet.NFT}} {
		t.Run(string(c.backend)+" on "+c.host, func(t *testing.T) {
			t.Parallel()
			h := f.Host(c.host)
			host := open(t, f, h, firewall.Options{Backend: string(c.backend)})
			shell(t, h, "iptables -A INPUT -p tcp -m tcp --dport 25 -j DROP") // in the backend that is the host's own
			snapshot, err := host.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			warnings := strings.Join(host.Warnings(snapshot.Facts), "\n")
			if !strings.Contains(warnings, "two firewalls at once") || !strings.Contains(warnings, "iptables_persistence") {
				t.Errorf("warnings: %s", warnings)
			}
			persist(t, host, firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1})
			apply(t, host, adding(t, sshRule))
			before := shell(t, h, "iptables-"+string(c.backend)+" -S")
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := shell(t, h, "iptables-"+string(c.backend)+" -S"); got != before || !strings.Contains(got, "--comment ssh") {
				t.Errorf("after the boot it lists\n%s\nbefore:\n%s", got, before)
			}
			if got := shell(t, h, "iptables -S"); strings.Contains(got, "--comment ssh") {
				t.Errorf("the host's own backend has\n%s", got)
			}
		})
	}
}

// listed is what iptables -S prints of both families.
func listed(t *testing.T, h *fleet.Host) string {
	t.Helper()
	ipv4, ipv6, err := h.List(t.Context(), "filter")
	if err != nil {
		t.Fatal(err)
	}
	return ipv4 + ipv6
}

// Whatever the login shell is, and with nothing but busybox besides.
func TestLoginShells(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Suite: fleet.Alpine}}})
	h := f.Hosts()[0]
	for i, login := range []string{"/bin/sh", "/bin/ash", "/bin/bash", "/bin/dash", "/usr/bin/fish", "/bin/tcsh"} {
		t.Run(login, func(t *testing.T) {
			shell(t, h, "test -x "+login+"; sed -i 's#^\\(root\\|mason\\)\\(:.*\\):[^:]*$#\\1\\2:"+login+"#' /etc/passwd; grep -q '^root.*:"+login+"$' /etc/passwd")
			for j, user := range []string{fleet.Root, fleet.Mason} {
				host := openAs(t, f, h, firewall.Options{}, sshexec.Config{User: user})
				apply(t, host, adding(t, "iptables -A INPUT -p tcp -m tcp --dport "+string(rune('1'+i))+string(rune('0'+j))+"00 -j ACCEPT"))
			}
			nothingLeft(t, h)
		})
	}
}
