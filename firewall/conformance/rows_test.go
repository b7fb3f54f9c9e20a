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

// A row is a line of the table of supported hosts in the README.
type row struct {
	fleet.HostOptions
	mechanism string // that the host has by itself
	always    bool   // cheap enough to be tested each time
}

func rows() []row {
	const debian, alpine, rhel = "netfilter-persistent", "openrc", "iptables-services"
	return []row{
		{fleet.HostOptions{Name: "debian11-nft", Suite: fleet.Bullseye}, debian, false},
		{fleet.HostOptions{Name: "debian11-legacy", Suite: fleet.Bullseye, Backend: fleet.Legacy, Init: fleet.Systemd}, debian, false},
		{fleet.HostOptions{Name: "debian12-nft", Init: fleet.Systemd}, debian, true},
		{fleet.HostOptions{Name: "debian12-legacy", Backend: fleet.Legacy}, debian, false},
		{fleet.HostOptions{Name: "debian13-nft", Suite: fleet.Trixie, Init: fleet.Systemd}, debian, false},
		{fleet.HostOptions{Name: "debian13-legacy", Suite: fleet.Trixie, Backend: fleet.Legacy}, debian, false},
		{fleet.HostOptions{Name: "alpine-nft", Suite: fleet.Alpine}, alpine, true},
		{fleet.HostOptions{Name: "alpine-legacy", Suite: fleet.Alpine, Backend: fleet.Legacy}, alpine, false},
		{fleet.HostOptions{Name: "rhel-nft", Suite: fleet.RHEL}, rhel, true},
		{fleet.HostOptions{Name: "rhel-legacy", Suite: fleet.RHEL, Backend: fleet.Legacy}, rhel, false},
	}
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
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 20 * time.Second})
			persist(t, host, firewall.Keeping{Mechanism: "auto", Backups: 2})
			apply(t, host, adding(t, sshRule, "ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
				"iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "iptables -A INPUT -i lo -j ACCEPT"))
			if got := shell(t, h, ". /etc/terraform-provider-iptables/boot.conf; echo $boot_mechanism"); got != r.mechanism+"\n" {
				t.Errorf("it restores by %s, want %s", strings.TrimSpace(got), r.mechanism)
			}
			before := listed(t, h)
			same := func(what string) {
				t.Helper()
				if got := listed(t, h); got != before {
					t.Errorf("after %s it lists\n%s\nbefore:\n%s", what, got, before)
				}
				reachable(t, f, h)
			}
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			same("a boot")
			shutdownWhileArmed(t, h, host)
			same("a shutdown in the middle of a change")
			done := shutForGood(t, h, host)
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			same("a power cut in the middle of a change")
			if err := <-done; err == nil {
				t.Error("a change that shuts the host was confirmed")
			}
			persist(t, host, firewall.Keeping{Mechanism: firewall.OwnUnit, Backups: 2})
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			same("a boot with the provider's own unit")
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
