package acceptance

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

func TestIPv6OnlyHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{IPv6Only: true})
	before := s.save()
	for _, host := range []string{"HOST", "[HOST]:22", "LOGIN@[HOST]:22"} {
		s.run(resource.TestStep{
			Config: s.config(replace(allowSSH, "HOST", host) + replace(`
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}`, "HOST", host)),
			Check: all(s.policy("ip6tables INPUT", "DROP"), s.policy("INPUT", "DROP")),
		})
		s.unchanged(before)
	}
}

// Whoever can become root will do.
func TestUsers(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	for _, u := range []struct {
		user, settings string
		fails          []string // words of the error
	}{
		{fleet.Deploy, "", nil},
		{fleet.Ops, fmt.Sprintf("sudo_password = %q", fleet.OpsPassword), nil},
		{fleet.Admin, fmt.Sprintf("password = %q, sudo_password = %q", fleet.AdminPassword, fleet.AdminPassword), nil},
		{fleet.Mason, `privilege = "doas"`, nil},
		{fleet.Guest, "", []string{"Could not plan iptables_service", "becoming root", "guest", "NOPASSWD"}},
		{fleet.Ops, "", []string{"Could not plan iptables_service", "becoming root", "set sudo_password"}},
		{fleet.Ops, `sudo_password = "wrong"`, []string{"Could not plan iptables_service", "refuses sudo_password"}},
		{"nobody-there", "", []string{"Could not plan iptables_service", "the host refused the login", "nobody-there"}},
	} {
		name := u.user
		if u.fails != nil {
			name += " fails"
		}
		t.Run(name, func(t *testing.T) {
			s.t = t
			before := s.save()
			if u.settings != "" {
				u.settings = ", " + u.settings
			}
			s.settings = fmt.Sprintf("  hosts = { web = { address = %q, user = %q%s } }\n", s.host.Address, u.user, u.settings)
			step := resource.TestStep{Config: s.config(`
resource "iptables_service" "web" {
  host = "web"
  name = "https"
}`)}
			if u.fails != nil {
				step.ExpectError = words(u.fails...)
			} else {
				step.Check = s.chain("INPUT", webLine)
			}
			s.run(step)
			s.unchanged(before)
		})
	}
}

// A host that has left `hosts` is still known to the state: what was there can be destroyed.
func TestHostLeaves(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{Port: 2222})
	before := s.save()
	web := `
resource "iptables_service" "web" {
  host = "web"
  name = "https"
}`
	listed := fmt.Sprintf("  hosts = { web = { address = %q, port = 2222, user = \"deploy\" } }\n", s.host.Address)
	s.settings = listed
	s.run(
		resource.TestStep{Config: s.config(web)},
		// The user who logs in is no part of a plan.
		resource.TestStep{PreConfig: func() { s.settings = strings.Replace(listed, "deploy", "root", 1) }, Config: s.config(web), ConfigPlanChecks: noChange},
	)
	s.settings = listed
	c := s.newCLI(web)
	c.ok("apply", "-auto-approve")
	s.settings = ""
	c.write("main.tf", required+s.config(""))
	c.ok("apply", "-auto-approve")
	s.unchanged(before)
}

// Moving to another host removes the rules there and makes them here; another name of the
// same place does not.
func TestHostMoves(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{Name: "web1.example.com"}, hostOptions{Name: "web2.example.com"})
	here, there := s.Hosts()[0], s.Hosts()[1]
	config := func(host string) string {
		return s.config(`
resource "iptables_service" "web" {
  host = "` + host + `"
  name = "https"
}`)
	}
	const address = "iptables_service.web"
	s.settings = fmt.Sprintf("  hosts = { web = { address = %q } }\n", there.Address)
	s.run(
		resource.TestStep{Config: config(here.Address), Check: s.chain("INPUT", webLine)},
		resource.TestStep{
			Config:           config(there.Address),
			ConfigPlanChecks: planned(address, plancheck.ResourceActionReplace),
			Check: all(s.chain("INPUT"), func(*terraformState) error {
				_, err := there.Console(context.Background(), "iptables", "-C", "INPUT", "-p", "tcp", "--dport", "443", "-m", "comment", "--comment", "https", "-j", "ACCEPT")
				return err
			}),
		},
		resource.TestStep{Config: config("web"), ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate)},
		resource.TestStep{Config: config("deploy@" + there.Address), ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate)},
	)
}

// A host that is known only after apply is planned without being asked anything.
func TestUnknownHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.run(resource.TestStep{
		Config: s.config(`
resource "terraform_data" "server" {
  input = "HOST"
}

resource "iptables_service" "web" {
  host = terraform_data.server.output
  name = "https"
}

resource "iptables_default_policy" "input" {
  host     = terraform_data.server.output
  policy   = "ACCEPT"
}

resource "iptables_rule" "r" {
  host  = terraform_data.server.output
  chain = "INPUT"
  spec  = "-p tcp --sport 25 -j ACCEPT"
}`),
		ConfigPlanChecks: planned("iptables_service.web", plancheck.ResourceActionCreate,
			plancheck.ExpectUnknownValue("iptables_service.web", tfjsonpath.New("rules")),
			plancheck.ExpectUnknownValue("iptables_default_policy.input", tfjsonpath.New("rules")),
			plancheck.ExpectUnknownValue("iptables_rule.r", tfjsonpath.New("rules"))),
		Check: resource.TestCheckResourceAttr("iptables_service.web", "rules.#", "2"),
	})
}

// A key that is known only after apply is no reason to fail, and no reason to plan changes.
func TestUnknownKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	config := func(version string) string {
		return fmt.Sprintf(`
provider "iptables" {
  ssh = {
    private_key_file  = terraform_data.key.output
    known_hosts_files = [%q]
  }
}

resource "terraform_data" "key" {
  input            = %q
  triggers_replace = %q
}

resource "iptables_service" "web" {
  host = %q
  name = "https"
}`, s.KnownHosts, s.Key, version, s.host.Address)
	}
	s.run(
		resource.TestStep{Config: config("1")},
		resource.TestStep{
			Config:           config("2"),
			ConfigPlanChecks: planned("iptables_service.web", plancheck.ResourceActionNoop),
		},
	)
}
