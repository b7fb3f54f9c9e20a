package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

const (
	keep        = "iptables_persistence.boot"
	keepDefault = `
resource "iptables_persistence" "boot" {
  host = "HOST"
}
`
	shut = allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}
`
)

// reboot cuts the host's power and boots it, and fails the test unless it lists the same as before.
func (s *stage) reboot() {
	s.t.Helper()
	before4, before6, err := s.host.List(s.t.Context(), "filter")
	if err == nil {
		err = s.host.Reboot(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	after4, after6, err := s.host.List(s.t.Context(), "filter")
	if err != nil {
		s.t.Fatal(err)
	}
	if after4 != before4 || after6 != before6 {
		s.t.Errorf("before the reboot:\n%s%safter it:\n%s%s", before4, before6, after4, after6)
	}
}

// keptKnown are checks that the plan brings everything in order.
func keptKnown(files ...string) []plancheck.PlanCheck {
	checks := []plancheck.PlanCheck{
		plancheck.ExpectKnownValue(keep, tfjsonpath.New("enabled"), knownvalue.Bool(true)),
		plancheck.ExpectKnownValue(keep, tfjsonpath.New("in_sync"), knownvalue.Bool(true)),
	}
	if len(files) > 0 {
		checks = append(checks, plancheck.ExpectKnownValue(keep, tfjsonpath.New("files"), texts(files...)))
	}
	return checks
}

// What the host has is enabled, drift is shown and mended, and a destroy brings back what was there.
func TestPersistence(t *testing.T) {
	for _, init := range []fleet.Init{fleet.Simple, fleet.Systemd} {
		t.Run(string(init), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fleet.HostOptions{Init: init})
			s.do("systemctl disable netfilter-persistent 2>/dev/null; echo '# mine' >/etc/iptables/rules.v4; chmod 640 /etc/iptables/rules.v4")
			files := []string{"/etc/iptables/rules.v4", "/etc/iptables/rules.v6"}
			// It is destroyed first: what is destroyed after it is not saved in the files that came back.
			first := func(more string) string {
				return shut + strings.Replace(keepDefault, "}", "  depends_on = [iptables_service.ssh]\n"+more+"}", 1)
			}
			config := s.config(first(""))
			s.run(
				resource.TestStep{Config: config, ConfigPlanChecks: planned(keep, plancheck.ResourceActionCreate, keptKnown()...)},
				resource.TestStep{PreConfig: s.reboot, Config: config, ConfigPlanChecks: noChange},
				resource.TestStep{
					PreConfig: s.doing("systemctl disable netfilter-persistent 2>/dev/null"), Config: config,
					ConfigPlanChecks: planned(keep, plancheck.ResourceActionUpdate, keptKnown()...),
				},
				resource.TestStep{
					PreConfig: s.doing("echo '-A INPUT -j ACCEPT' >>/etc/iptables/rules.v6"), Config: config,
					ConfigPlanChecks: planned(keep, plancheck.ResourceActionUpdate, keptKnown(files...)...),
				},
				resource.TestStep{PreConfig: s.reboot, Config: config, ConfigPlanChecks: noChange},
				resource.TestStep{ResourceName: keep, ImportState: true, ImportStateId: s.host.Address, ImportStateVerify: true},
				resource.TestStep{ResourceName: keep, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
				resource.TestStep{
					PlanOnly: true, ExpectError: words("iptables_persistence of", s.host.Address, "both want the same", "what it restores at boot", "keep one of them"),
					Config: s.config(first("") + strings.NewReplacer("boot", "twice", "HOST", "LOGIN@HOST", "}", "  backups = 3\n}").Replace(keepDefault)),
				},
				resource.TestStep{
					Config:           s.config(first("  mechanism = \"systemd-unit\"\n")),
					ConfigPlanChecks: planned(keep, plancheck.ResourceActionUpdate, keptKnown()...),
				},
				resource.TestStep{PreConfig: func() {
					if got := s.do("cat /etc/iptables/rules.v4"); got != "# mine\n" {
						t.Errorf("the file of the mechanism that is no more used is not as it was: %q", got)
					}
					s.reboot()
				}, RefreshState: true},
			)
			left := s.do("cat /etc/iptables/rules.v4; stat -c %a /etc/iptables/rules.v4; ls /etc/terraform-provider-iptables 2>/dev/null | grep -v bak || :; " +
				"systemctl is-enabled netfilter-persistent || :; ls /etc/systemd/system/iptables-* /etc/init.d/iptables-* 2>/dev/null || :")
			if left != "# mine\n640\ndisabled\n" {
				t.Errorf("after destroy: %q", left)
			}
		})
	}
}

// A host that has nothing gets a unit, and until then a warning. A file that cannot be restored leaves it closed,
// but within reach.
func TestPersistenceUnit(t *testing.T) {
	for _, init := range []fleet.Init{fleet.Simple, fleet.Systemd} {
		t.Run(string(init), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fleet.HostOptions{Init: init, Port: 2222})
			s.settings = "  hosts = { web = { address = \"" + s.host.Address + "\", port = 2222 } }\n"
			s.do("rm /usr/share/netfilter-persistent/plugins.d/15-ip4tables; systemctl disable netfilter-persistent 2>/dev/null")
			ssh := strings.ReplaceAll(shut, "HOST", "web")
			ssh = strings.Replace(ssh, `name = "ssh"`, "name = \"ssh\"\n  ports = [\"2222/tcp\"]", 1)
			c := s.newCLI(ssh)
			says(t, c.ok("plan"), "comes up without these rules", "iptables_persistence", `persist = "none"`)
			s.settings += "  persist = \"none\"\n"
			c.write("main.tf", required+s.config(ssh))
			if out := c.ok("plan"); strings.Contains(out, "iptables_persistence") {
				t.Errorf("it warns although nothing is to be saved:\n%s", out)
			}
			s.settings = strings.Replace(s.settings, "  persist = \"none\"\n", "", 1)
			c.write("main.tf", required+s.config(ssh+strings.Replace(keepDefault, "HOST", "web", 1)))
			c.ok("apply", "-auto-approve")
			c.empty()
			s.reboot()
			for _, bad := range []string{"echo nonsense >%s", "rm %s", ": >%s", "sed -i 's/^COMMIT/-A INPUT -j NOSUCH\\nCOMMIT/' %s"} {
				s.do(fmt.Sprintf(bad, "/etc/terraform-provider-iptables/rules.v4"))
				if err := s.host.Reboot(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := s.do("iptables -S INPUT")
				for _, want := range []string{"-P INPUT DROP", "-i lo -j ACCEPT", "RELATED,ESTABLISHED -j ACCEPT", "--dport 2222 -j ACCEPT"} {
					if !strings.Contains(got, want) {
						t.Errorf("after %s it has no %q:\n%s", bad, want, got)
					}
				}
				says(t, c.ok("plan"), "in_sync", "false -> true") // over ssh: it can be reached
				s.do("iptables-restore </etc/terraform-provider-iptables/rules.v4.good 2>/dev/null || :")
				c.ok("apply", "-auto-approve")
				s.reboot()
			}
			c.ok("destroy", "-auto-approve")
		})
	}
}
