package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

func TestService(t *testing.T) {
	onBackends(t, func(t *testing.T, s *stage) {
		const address = "iptables_service.web"
		s.run(
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`),
				Check: resource.ComposeAggregateTestCheckFunc(
					s.chain("INPUT", `-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`),
					s.chain("ip6tables INPUT", `-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`),
				),
			},
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "web" {
  host    = "HOST"
  name    = "https"
  ports   = ["443/tcp", "443/udp"]
  sources = ["203.0.113.0/24"]
}`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
				Check: resource.ComposeAggregateTestCheckFunc(
					s.chain("INPUT",
						`-s 203.0.113.0/24 -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`,
						`-s 203.0.113.0/24 -p udp -m udp --dport 443 -m comment --comment https -j ACCEPT`),
					s.chain("ip6tables INPUT"),
				),
			},
		)
		s.chain("INPUT")
	})
}
