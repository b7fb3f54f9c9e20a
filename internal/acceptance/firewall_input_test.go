package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// What is not known yet hides nothing but itself: the other services' lines are planned, and judged. Other spellings
// of what is there are no change.
func TestFirewallKnownLater(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	const later = `
resource "terraform_data" "later" {
  input = { host = "HOST", source = "192.0.2.7" }
}
`
	app := func(host, sources, more string) string {
		return s.config(later + `
resource "iptables_firewall" "web" {
  host = ` + host + `
  services = {
    ssh = { families = ["ipv4"] }
    app = { ports = ["8080/tcp"], sources = ` + sources + ` }
    ` + more + `
  }
}`)
	}
	appLine := "-s 192.0.2.7/32 -p tcp -m tcp --dport 8080 -m comment --comment app -j ACCEPT"
	unknown := plancheck.ExpectUnknownValue(wall, rulesOf("app"))
	s.run(
		resource.TestStep{Config: app(`"HOST"`, `[terraform_data.later.output.source]`, `htps = {}`), ExpectError: words("services.htps.name", "unknown service", "https")},
		resource.TestStep{
			Config:           app(`terraform_data.later.output.host`, `["192.0.2.7"]`, ""),
			ConfigPlanChecks: planned(wall, plancheck.ResourceActionCreate, plancheck.ExpectUnknownValue(wall, tfjsonpath.New("rules"))),
			Check:            s.chain("INPUT", appLine, sshLine),
		},
		resource.TestStep{
			Config:           app(`"HOST"`, `["192.0.2.7/32", "192.0.2.7"]`, ""),
			ConfigPlanChecks: noChange,
		},
		resource.TestStep{Config: s.config(later), Destroy: false},
		resource.TestStep{
			Config: replace(app(`"HOST"`, `[terraform_data.later.output.source]`, `https = { families = ["ipv4"] }`), `192.0.2.7"`, `192.0.2.8"`),
			ConfigPlanChecks: planned(wall, plancheck.ResourceActionCreate, unknown,
				plancheck.ExpectKnownValue(wall, rulesOf("https"), texts("iptables -A INPUT "+webLine)),
				plancheck.ExpectKnownValue(wall, rulesOf("ssh"), texts("iptables -A INPUT "+sshLine)),
				plancheck.ExpectKnownValue(wall, tfjsonpath.New("policy_rules"), knownvalue.ListSizeExact(0))),
			Check: s.chain("INPUT", replace(appLine, "192.0.2.7", "192.0.2.8"), webLine, sshLine),
		},
	)
	s.unchanged(before)
}

// What cannot work is refused, and the host stays as it is.
func TestFirewallRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do("iptables -N f2b-sshd")
	before := s.save()
	const one = `
resource "iptables_firewall" "web" {
  host = "HOST"
  `
	refused := func(body string, want ...string) resource.TestStep {
		return resource.TestStep{Config: s.config(one + body), ExpectError: words(want...)}
	}
	s.run(
		refused(`services = { https = {} }
  default_policy = { policy = "DROP" }
}`, "would lock this login out", "firewall is unchanged", "services of an iptables_firewall"),
		refused(`services = { ssh = {}, http = { ports = ["80"] } }
}`, "services.http.ports", "has no protocol"),
		refused(`services = { ssh = {}, "ssh too" = { name = "ssh" } }
}`, "the same as services.ssh", "both stand for", "--dport 22"),
		refused(`services = { ssh = null }
}`, "a service that is null", "write {}"),
		refused(`services = { ssh = {} }
  default_policy = { policy = "DENY" }
}`, "default_policy.policy", "unknown value"),
		refused(`services = { ssh = {} }
  exclusive = true
  ignore    = ["*"]
}`, "not a pattern", "ignores everything"),
		refused(`services = { ssh = { chain = "f2b-sshd" } }
}`, "belongs to fail2ban", "force_foreign"),
		refused(`services = { ssh = { chain = "nowhere" } }
}`, "no chain nowhere"),
		// Another resource's lines, in the same words or where nothing else may be.
		refused(`services = { ssh = {}, https = {} }
}

resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`, "both want the same on host", "443"),
		refused(`services  = { ssh = {} }
  exclusive = true
}

resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`, "would take away what", "443"),
		resource.TestStep{
			Config: s.config(one + `services = { ssh = { chain = "f2b-sshd", families = ["ipv4"], force_foreign = true } }
}`),
			Check: s.chain("f2b-sshd", sshLine),
		},
	)
	s.unchanged(before)
}

// Destroying restores the policy that was found. Where that would shut out this login it is refused, and the chain is
// opened if told to.
func TestFirewallOnDestroy(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do("iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -P INPUT DROP; ip6tables -P INPUT DROP")
	config := func(policy string) string { return firewall4("", `default_policy = { policy = "DROP", `+policy+` }`) }
	c := s.newCLI(config(""))
	c.ok("apply", "-auto-approve")
	s.do("iptables -D INPUT -p tcp --dport 22 -j ACCEPT")
	out, status := c.run("destroy", "-auto-approve")
	if status == 0 {
		t.Errorf("it went well:\n%s", out)
	}
	says(t, out, "would lock this login out", "firewall is unchanged", "previous_policy", `on_destroy = "accept"`)
	c.empty()
	c.write("main.tf", required+s.config(config(`on_destroy = "accept"`)))
	c.ok("apply", "-auto-approve")
	// Leaving the policy out is the end of it as well.
	c.write("main.tf", required+s.config(firewall4("", "")))
	c.ok("apply", "-auto-approve")
	if err := all(s.policy("INPUT", "ACCEPT"), s.policy("ip6tables INPUT", "ACCEPT"))(nil); err != nil {
		t.Error(err)
	}
	c.ok("destroy", "-auto-approve")
}

// A host that was set up by hand is imported as it is, generated configuration included, and destroying gives back
// what was there before the import.
func TestFirewallImport(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(`
for i in iptables ip6tables; do
  $i -A INPUT -i lo -j ACCEPT
  $i -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  $i -A INPUT -p tcp --dport 22 -j ACCEPT
  $i -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT
done
for t in 1 2 3 4 130 133 134 135 136; do ip6tables -A INPUT -p icmpv6 --icmpv6-type $t -j ACCEPT; done
ip6tables -A INPUT -s fe80::/10 -p udp --dport 546 -j ACCEPT
iptables -A INPUT -s 192.0.2.0/24 -p tcp --dport 8080 -m comment --comment "500 front" -j DROP
iptables -A INPUT -p tcp --sport 25 -j ACCEPT
iptables -P INPUT DROP
ip6tables -P INPUT DROP`)
	before := s.save()
	s.settings = "  on_existing = \"error\"\n"
	out, status := s.newCLI(firewall4("", dropped4)).run("plan")
	if status == 0 {
		t.Errorf("what is there was taken over:\n%s", out)
	}
	says(t, out, "exists already on host", "--comment https", "terraform import iptables_firewall.NAME '"+s.host.Address+" firewall'")
	c := s.newCLI(`
import {
  to = iptables_firewall.web
  id = "HOST firewall"
}`)
	if tools.Has(t, tools.GeneratedKeys) {
		out = c.ok("plan", "-generate-config-out", "generated.tf", "-out", "plan.out")
	} else { // what a person mends by hand there
		c.run("plan", "-generate-config-out", "generated.tf")
		text, err := os.ReadFile(filepath.Join(c.folder, "generated.tf"))
		if err != nil {
			t.Fatal(err)
		}
		c.write("generated.tf", regexp.MustCompile(`(?m)^( +)(\d+) / ([a-z]+)( +=)`).ReplaceAllString(string(text), `$1"$2/$3"$4`))
		out = c.ok("plan", "-out", "plan.out")
	}
	says(t, out, "1 to import, 0 to add, 0 to change, 0 to destroy", "leaves 1 rule alone", "--sport 25")
	c.ok("apply", "plan.out")
	c.empty()
	s.unchanged(before)
	state := c.ok("state", "show", "iptables_firewall.web")
	says(t, state, `"22/tcp" = {`, `"front" = {`, `priority = 500`, `"https" = {`)
	if strings.Contains(state, "sport") {
		t.Errorf("it has a line that is no service's:\n%s", state)
	}
	s.run(
		resource.TestStep{Config: s.config(`
resource "iptables_firewall" "web" {
  host     = "HOST"
  services = { dns = { ports = ["53/udp"] } }
}`)},
		resource.TestStep{
			ResourceName: wall, ImportState: true, ImportStateId: s.host.Address + " wall", ExpectError: words(`"wall" is no firewall`),
		},
	)
	s.unchanged(before)
}
