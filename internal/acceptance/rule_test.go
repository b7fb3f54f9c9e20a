package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func TestRule(t *testing.T) {
	onBackends(t, func(s *stage) {
		before := s.save()
		const address = "iptables_rule.r"
		s.run(
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-p tcp --sport 25 -j ACCEPT"
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate),
				Check: all(
					s.chain("INPUT", "-p tcp -m tcp --sport 25 -j ACCEPT"),
					s.chain("ip6tables INPUT", "-p tcp -m tcp --sport 25 -j ACCEPT"),
				),
			},
			// The same rule in other words.
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "--protocol tcp -m tcp --source-port smtp --jump ACCEPT"
}`),
				ConfigPlanChecks: noChange,
			},
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host     = "HOST"
  chain    = "FORWARD"
  families = ["ipv4"]
  priority = 20
  spec     = "-p tcp --dport 25 -m comment --comment \"no mail\" -j DROP"
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(
					s.chain("INPUT"), s.chain("ip6tables INPUT"),
					s.chain("FORWARD", `-p tcp -m tcp --dport 25 -m comment --comment "20 no mail" -j DROP`),
				),
			},
			// Another table, in place as well: one commit holds both tables.
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host  = "HOST"
  table = "nat"
  chain = "PREROUTING"
  spec  = "-p tcp --dport 80 -j DNAT --to-destination 10.0.0.7:8080"
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(
					s.chain("FORWARD"),
					resource.TestCheckResourceAttr(address, "rules.0",
						"iptables -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.7:8080"),
					resource.TestCheckResourceAttr(address, "rules.#", "1"),
				),
			},
			// Only the host knows the number of a user: it is asked, and the plan has it.
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host     = "HOST"
  chain    = "OUTPUT"
  families = ["ipv4"]
  spec     = "-m owner --uid-owner daemon -m comment --comment \"it's theirs\" -j ACCEPT"
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate,
					plancheck.ExpectKnownValue(address, tfjsonpath.New("rules"), texts(`iptables -A OUTPUT -m owner --uid-owner 1 -m comment --comment "it\'s theirs" -j ACCEPT`))),
				Check: s.chain("OUTPUT", `-m owner --uid-owner 1 -m comment --comment "it\'s theirs" -j ACCEPT`),
			},
			resource.TestStep{
				Config: s.config(`
resource "iptables_rule" "r" {
  host     = "HOST"
  chain    = "OUTPUT"
  families = ["ipv4"]
  spec     = "-m owner --uid-owner 0x1 -m comment --comment \"it's theirs\" -j ACCEPT"
}`),
				ConfigPlanChecks: noChange,
			},
		)
		s.unchanged(before)
	})
}
