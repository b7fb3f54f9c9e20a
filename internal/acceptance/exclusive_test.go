package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const guardedInput = `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  method     = "rule"
  depends_on = [iptables_service.ssh]
}

resource "iptables_exclusive_rules" "input" {
  host  = "HOST"
  chain = "INPUT"
  mode  = "MODE"
  rules = concat(iptables_default_policy.input.rules, RULES)
}`

// A port that was opened by hand shows as a line to be removed and goes; what other software put
// there stays, and a service that is made in the same apply stays from the start.
func TestExclusiveRules(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.do(foreign + "iptables -F INPUT; iptables -A INPUT -p tcp --dport 8080 -j ACCEPT; iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n")
		before := s.save()
		const address = "iptables_exclusive_rules.input"
		config := func(mode string, services ...string) string {
			var blocks strings.Builder
			rules := make([]string, len(services))
			for i, name := range services {
				fmt.Fprintf(&blocks, "\nresource \"iptables_service\" %q {\n  host = \"HOST\"\n  name = %[1]q\n}\n", name)
				rules[i] = "iptables_service." + name + ".rules"
			}
			return s.config(blocks.String() + strings.NewReplacer("MODE", mode, "RULES", strings.Join(rules, ", ")).Replace(guardedInput))
		}
		only := func(services ...string) resource.TestCheckFunc {
			return func(*terraformState) error {
				out := s.do("iptables -S INPUT")
				for _, want := range append(services, "-j f2b-sshd", "-A INPUT -j DROP") {
					if strings.Count(out, want) != 1 {
						return fmt.Errorf("%s is not there just once:\n%s", want, out)
					}
				}
				if strings.Contains(out, "8080") || strings.Count(out, "--comment") != len(services) {
					return fmt.Errorf("there is more:\n%s", out)
				}
				return nil
			}
		}
		stop := s.banning()
		defer stop()
		gone := plancheck.ExpectKnownValue(address, tfjsonpath.New("unmanaged"), texts())
		s.run(
			resource.TestStep{
				Config:           config("enforce", "ssh"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate, gone),
				Check:            only("--comment ssh"),
			},
			resource.TestStep{
				PreConfig:    s.doing("iptables -I INPUT -p tcp --dport 8080 -j ACCEPT; ip6tables -A INPUT -j ACCEPT"),
				RefreshState: true,
				RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), gone,
				}},
				ExpectNonEmptyPlan: true,
				Check: all(
					resource.TestCheckResourceAttr(address, "unmanaged.0", "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"),
					resource.TestCheckResourceAttr(address, "unmanaged.1", "ip6tables -A INPUT -j ACCEPT"),
				),
			},
			resource.TestStep{Config: config("enforce", "ssh"), ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate, gone), Check: only("--comment ssh")},
			resource.TestStep{Config: config("enforce", "ssh", "https", "smtp"), Check: only("--comment ssh", "--comment https", "--comment smtp")},
			resource.TestStep{Config: config("enforce", "ssh", "http"), Check: only("--comment ssh", "--comment http")},
			resource.TestStep{
				PreConfig: s.doing("iptables -I INPUT -p tcp --dport 8080 -j ACCEPT"),
				Config:    config("report", "ssh", "http"),
				Check:     resource.TestCheckResourceAttr(address, "unmanaged.0", "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT"),
			},
		)
		stop()
		s.unchanged(before) // with the port by hand, which was only reported on in the end
	})
}

// A resource whose lines are not on the list is found out, before anything is done.
func TestExclusiveRulesForgotten(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	s.run(resource.TestStep{
		Config: s.config(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}

resource "iptables_exclusive_rules" "input" {
  host  = "HOST"
  chain = "INPUT"
  rules = []
}`),
		ExpectError: words(`iptables_exclusive_rules "INPUT" would take away what iptables_service "https" wants`, "--dport 443", "Name it among"),
	})
	s.unchanged(before)
}
