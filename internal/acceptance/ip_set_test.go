package acceptance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// set checks what `ipset save NAME` prints, in order and without what the kernel chooses; nothing
// for a set that is not there.
func (s *stage) set(name string, want ...string) resource.TestCheckFunc {
	return func(*terraformState) error {
		out, err := s.host.Shell(context.Background(),
			"ipset save "+name+" 2>/dev/null | sed -E 's/ (hashsize|bucketsize|initval|size) [0-9a-fx]+//g; s/^add "+name+" //; s/^create "+name+"/create/' | sort -r")
		if err != nil {
			return err
		}
		got := strings.Fields(strings.ReplaceAll(out, " ", "·"))
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], "·", " ")
		}
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			return fmt.Errorf("ipset %s (-want +got):\n%s", name, diff)
		}
		return nil
	}
}

const blockedBySet = `
resource "iptables_ip_set" "bad" {
  host = "HOST"
  name = "bad"
  type = "hash:net"
  ATTRIBUTES
}

resource "iptables_service" "blocked" {
  host    = "HOST"
  name    = "blocked"
  ports   = ["all"]
  action  = "drop"
  sources = ["set:${iptables_ip_set.bad.name}"]
}`

func TestIPSet(t *testing.T) {
	onBackends(t, func(s *stage) {
		const (
			bad     = "iptables_ip_set.bad"
			blocked = "iptables_service.blocked"
			line    = `-m set --match-set bad src -m comment --comment blocked -j DROP`
		)
		with := func(attributes string) string { return s.config(replace(blockedBySet, "ATTRIBUTES", attributes)) }
		const header = "create hash:net family inet maxelem 65536"
		three := `entries = ["192.0.2.0/24", "192.0.2.7/24 nomatch", "198.51.100.1/32"]`
		two := `entries = ["192.0.2.0/24", "198.51.100.1/32"]`
		s.do("ipset create f2b-sshd hash:ip; ipset add f2b-sshd 192.0.2.66")
		before := s.save()
		// Somebody else's set changes all the time.
		ctx, stop := context.WithCancel(context.Background())
		banned := make(chan struct{})
		go func() {
			defer close(banned)
			for i := 0; ctx.Err() == nil; i++ {
				_, _ = s.host.Shell(context.Background(), fmt.Sprintf("ipset -exist add f2b-sshd 203.0.113.%d; ipset -exist del f2b-sshd 203.0.113.%d", i%250, (i+240)%250))
				time.Sleep(20 * time.Millisecond)
			}
		}()
		s.run(
			resource.TestStep{
				Config:           with(two),
				ConfigPlanChecks: planned(bad, plancheck.ResourceActionCreate),
				// One apply makes the set and the rule, which is for the set's family only.
				Check: all(
					s.set("bad", header, "198.51.100.1", "192.0.2.0/24"),
					s.chain("INPUT", line), s.chain("ip6tables INPUT"),
					resource.TestCheckResourceAttr(bad, "size", "2"),
					resource.TestCheckResourceAttr(bad, "family", "ipv4"),
				),
			},
			resource.TestStep{Config: with(replace(two, "/32", "")), ConfigPlanChecks: noChange},
			resource.TestStep{ResourceName: bad, ImportState: true, ImportStateId: s.host.Address + " create bad", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"entries"}},
			// By hand: an entry more, one less, another maxelem, the set gone with its rule.
			resource.TestStep{
				PreConfig:        s.doing("ipset add bad 203.0.113.0/24; ipset del bad 198.51.100.1"),
				Config:           with(two),
				ConfigPlanChecks: planned(bad, plancheck.ResourceActionUpdate, plancheck.ExpectResourceAction(blocked, plancheck.ResourceActionNoop)),
				Check:            s.set("bad", header, "198.51.100.1", "192.0.2.0/24"),
			},
			resource.TestStep{
				PreConfig:        s.doing("iptables -D INPUT " + line + "; ipset destroy bad"),
				Config:           with(two),
				ConfigPlanChecks: planned(bad, plancheck.ResourceActionCreate, plancheck.ExpectResourceAction(blocked, plancheck.ResourceActionCreate)),
				Check:            all(s.set("bad", header, "198.51.100.1", "192.0.2.0/24"), s.chain("INPUT", line)),
			},
			// Everything in place, under the rule that uses it.
			resource.TestStep{
				Config: with(`
  timeout = 600
  comment = true
  maxelem = 1000
  entries = ["192.0.2.0/24", "192.0.2.128/25 nomatch", "203.0.113.5-203.0.113.6 comment \"two words\""]`),
				ConfigPlanChecks: planned(bad, plancheck.ResourceActionUpdate, plancheck.ExpectResourceAction(blocked, plancheck.ResourceActionNoop)),
				Check: s.set("bad", "create hash:net family inet maxelem 1000 timeout 600 comment", `203.0.113.6 timeout 0 comment "two words"`,
					`203.0.113.5 timeout 0 comment "two words"`, "192.0.2.128/25 timeout 0 nomatch", "192.0.2.0/24 timeout 0"),
			},
			// What runs out is no drift.
			resource.TestStep{
				PreConfig: s.doing("ipset add bad 198.51.100.9"),
				Config: with(`
  timeout = 600
  comment = true
  maxelem = 1000
  entries = ["192.0.2.0/24", "192.0.2.128/25 nomatch", "203.0.113.6 comment \"two words\"", "203.0.113.5 comment \"two words\""]`),
				ConfigPlanChecks: noChange,
			},
			// Without entries they are the business of others.
			resource.TestStep{
				Config:           with(""),
				ConfigPlanChecks: planned(bad, plancheck.ResourceActionUpdate),
				Check:            s.set("bad", header, "203.0.113.6", "203.0.113.5", "192.0.2.128/25 nomatch", "192.0.2.0/24"),
			},
			resource.TestStep{PreConfig: s.doing("ipset add bad 198.51.100.0/24"), Config: with(""), ConfigPlanChecks: noChange},
			// While it is used it cannot be of another type, nor go.
			resource.TestStep{
				Config:      replace(with(three), "hash:net", "hash:ip"),
				ExpectError: words("exceptions"),
			},
			resource.TestStep{
				Config:      replace(with(`entries = ["192.0.2.1"]`), "hash:net", "hash:ip"),
				ExpectError: words("cannot become a hash:ip inet instead of a hash:net inet while it is in use by these rules", line),
			},
			resource.TestStep{
				PreConfig: s.doing("iptables -A FORWARD -m set --match-set bad dst -j DROP"),
				Config:    s.config("# nothing"),
				ExpectError: words("Could not destroy iptables_ip_set", "cannot be destroyed while it is in use by these rules",
					"iptables -A FORWARD -m set --match-set bad dst -j DROP", "is unchanged"),
			},
			resource.TestStep{PreConfig: s.doing("iptables -F FORWARD"), Config: s.config("# nothing"), Check: s.set("bad")},
			// Entries that are not known before the apply: the family of the rules is.
			resource.TestStep{
				Config: with("entries = [terraform_data.later.output]") + "\nresource \"terraform_data\" \"later\" {\n  input = \"192.0.2.0/24\"\n}",
				Check:  all(s.set("bad", header, "192.0.2.0/24"), resource.TestCheckResourceAttr(blocked, "rules.#", "1")),
			},
			resource.TestStep{Config: s.config("# nothing"), Check: s.set("bad")},
			// Wrong families, sets that are not there, names that are others'.
			resource.TestStep{
				Config:      replace(with(`family = "ipv6"`), `ports   = ["all"]`, "ports = [\"all\"]\n  families = [\"ipv4\"]"),
				ExpectError: words("the ipset bad is of ipv6, and a rule of another family cannot refer to it"),
			},
			resource.TestStep{
				Config:      s.config(`resource "iptables_rule" "r" {` + "\n host = \"HOST\"\n chain = \"INPUT\"\n spec = \"-m set --match-set nowhere src -j DROP\"\n}"),
				ExpectError: words("no ipset nowhere, to which this refers", "depends_on"),
			},
			resource.TestStep{Config: replace(with(""), `"bad"`, `"f2b-sshd"`), ExpectError: words("fail2ban")},
		)
		stop()
		<-banned
		s.unchanged(before)
		if err := s.set("f2b-sshd")(nil); err == nil || !strings.Contains(err.Error(), "192.0.2.66") {
			t.Errorf("the set of others: %v", err)
		}
	})
}

// A file of any size, of which the plan shows what changes.
func TestIPSetOfAFile(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	file := filepath.Join(t.TempDir(), "networks.txt")
	write := func(lines ...string) func() {
		return func() {
			if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	const bad = "iptables_ip_set.bad"
	body := replace(blockedBySet, "ATTRIBUTES", fmt.Sprintf("entries_file = %q", file))
	config := s.config(body)
	s.settings = "  lockout_protection = false\n  rollback_timeout = \"2s\"\n"
	reckless := s.config(body)
	const header = "create hash:net family inet maxelem 65536"
	s.run(
		resource.TestStep{
			PreConfig: write("# a list", "192.0.2.0/24 ; SBL1", "", "198.51.100.0/24"),
			Config:    config,
			Check:     all(s.set("bad", header, "198.51.100.0/24", "192.0.2.0/24"), resource.TestCheckResourceAttr(bad, "size", "2")),
		},
		resource.TestStep{
			PreConfig:        write("192.0.2.0/24", "203.0.113.0/24"),
			Config:           config,
			ConfigPlanChecks: planned(bad, plancheck.ResourceActionUpdate),
			Check: all(s.set("bad", header, "203.0.113.0/24", "192.0.2.0/24"),
				resource.TestCheckResourceAttr(bad, "changes.0", "- 198.51.100.0/24"), resource.TestCheckResourceAttr(bad, "changes.1", "+ 203.0.113.0/24")),
		},
		resource.TestStep{
			PreConfig:        s.doing("ipset del bad 192.0.2.0/24"),
			Config:           config,
			ConfigPlanChecks: planned(bad, plancheck.ResourceActionUpdate),
			Check:            s.set("bad", header, "203.0.113.0/24", "192.0.2.0/24"),
		},
		// The whole change is taken back where no login gets through, the entries too.
		resource.TestStep{
			PreConfig:   write(s.Client, "192.0.2.0/24"),
			Config:      config,
			ExpectError: words("would lock this login out", "--match-set bad src"),
		},
		resource.TestStep{
			Config:      reckless,
			ExpectError: words("no new login got through", "rolled back"),
		},
		resource.TestStep{
			PreConfig: write("192.0.2.0/24", "203.0.113.0/24"), Config: config, ConfigPlanChecks: noChange,
			Check: s.set("bad", header, "203.0.113.0/24", "192.0.2.0/24"),
		},
		resource.TestStep{PreConfig: write("192.0.2.0/33"), Config: config, ExpectError: words("192.0.2.0/33", "prefix length")},
		resource.TestStep{
			PreConfig: func() { write("192.0.2.0/24", "203.0.113.0/24")(); s.do("mv /usr/sbin/ipset /usr/sbin/ipset.gone") },
			Config:    config, ExpectError: words("ipset is not installed there (package ipset)"),
		},
		resource.TestStep{PreConfig: s.doing("mv /usr/sbin/ipset.gone /usr/sbin/ipset"), Config: config},
	)
}

// Whatever names a set, by reference or by name with depends_on, is applied together with it, for
// the set's family alone.
func TestIPSetsByName(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	body := `
resource "iptables_ip_set" "office" {
  host    = "HOST"
  name    = "office"
  type    = "hash:net"
  family  = "ipv6"
  entries = ["2001:DB8::/32"]
}

resource "iptables_ip_set" "ports" {
  host    = "HOST"
  name    = "ports"
  type    = "bitmap:port"
  entries = ["http", "8080-8081"]
}

resource "iptables_ip_set" "both" {
  host    = "HOST"
  name    = "both"
  type    = "list:set"
  entries = [iptables_ip_set.office.name, iptables_ip_set.ports.name]
}

resource "iptables_firewall" "host" {
  host     = "HOST"
  services = {
    ssh = { sources = ["set:office", "CLIENT"] }
    web = { ports = ["443/tcp"], sources = ["set:office"] }
  }
  depends_on = [iptables_ip_set.office]
}

resource "iptables_rule" "web" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-p tcp -m set --match-set ports dst -m set ! --match-set office src -j DROP"

  depends_on = [iptables_ip_set.office, iptables_ip_set.ports]
}`
	config := s.config(replace(body, "CLIENT", s.Client))
	s.run(
		resource.TestStep{
			Config: config,
			Check: all(
				s.set("both", "ports", "office", "create list:set"),
				s.set("ports", "create bitmap:port range 0-65535", "8081", "8080", "80"),
				s.chain("INPUT",
					"-s "+s.Client+"/32 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT"),
				s.chain("ip6tables INPUT", "-p tcp -m set --match-set ports dst -m set ! --match-set office src -j DROP",
					"-p tcp -m tcp --dport 22 -m set --match-set office src -m comment --comment ssh -j ACCEPT",
					"-p tcp -m tcp --dport 443 -m set --match-set office src -m comment --comment web -j ACCEPT"),
			),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: noChange},
		// A member of a list does not go.
		resource.TestStep{
			Config:      s.config(replace(replace(replace(body, "CLIENT", s.Client), `resource "iptables_ip_set" "ports"`, `resource "iptables_ip_set" "others"`), `"ports"`, `"others"`)),
			ExpectError: words("iptables_ip_set.ports"),
		},
		resource.TestStep{
			Config: s.config(`
resource "iptables_ip_set" "both" {
  host    = "HOST"
  name    = "both"
  type    = "list:set"
  entries = ["office", "ports"]
}`),
			ExpectError: words("cannot be destroyed while it is in use by the ipsets both"),
		},
	)
	if left := s.do("ipset list -n; iptables -S INPUT; ip6tables -S INPUT"); left != "-P INPUT ACCEPT\n-P INPUT ACCEPT\n" {
		t.Errorf("left behind: %s", left)
	}
}
