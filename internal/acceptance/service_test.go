package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func TestService(t *testing.T) {
	onBackends(t, func(s *stage) {
		before := s.save()
		const address = "iptables_service.web"
		s.run(
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate,
					plancheck.ExpectKnownValue(address, tfjsonpath.New("rules"), texts(
						"iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT",
						"ip6tables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT",
					)),
					plancheck.ExpectKnownValue(address, tfjsonpath.New("ports"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("443/tcp")})),
				),
				Check: all(
					s.chain("INPUT", `-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`),
					s.chain("ip6tables INPUT", `-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`),
				),
			},
			// One port, one source and one family more or less change the rules in place.
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "web" {
  host    = "HOST"
  name    = "https"
  ports   = ["443/tcp", "443/udp"]
  sources = ["203.0.113.0/24"]
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(
					s.chain("INPUT",
						`-s 203.0.113.0/24 -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`,
						`-s 203.0.113.0/24 -p udp -m udp --dport 443 -m comment --comment https -j ACCEPT`),
					s.chain("ip6tables INPUT"),
				),
			},
			// So do another name, action and chain.
			resource.TestStep{
				PreConfig: s.doing("iptables -N TEAM"),
				Config: s.config(`
resource "iptables_service" "web" {
  host     = "HOST"
  name     = "front"
  ports    = ["443/tcp"]
  families = ["ipv4"]
  chain    = "TEAM"
  action   = "reject"
  priority = 500
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(
					s.chain("INPUT"),
					s.chain("TEAM", `-p tcp -m tcp --dport 443 -m comment --comment "500 front" -j REJECT --reject-with tcp-reset`),
				),
			},
			resource.TestStep{
				Config: s.config(`
resource "iptables_service" "web" {
  host       = "HOST"
  name       = "ssh"
  families   = ["ipv6"]
  rate_limit = { rate = "10/minute", per_source = true }
  log        = {}
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: func(*terraformState) error {
					s.do("iptables -X TEAM")
					return nil
				},
			},
		)
		s.unchanged(before)
	})
}

// Other spellings of what is there make no diff.
func TestServiceSpelling(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.run(
		resource.TestStep{Config: s.config(`
resource "iptables_service" "a" {
  host       = "HOST"
  name       = "app"
  ports      = ["9000-9100/udp", "8080/tcp"]
  sources    = ["203.0.113.7", "2001:db8::/32"]
  rate_limit = { rate = "60/minute" }
}`)},
		resource.TestStep{
			Config: s.config(`
resource "iptables_service" "a" {
  host       = "HOST"
  name       = "app"
  ports      = ["8080/TCP", "9000:9100/udp"]
  sources    = ["2001:db8:0::/32", "203.0.113.7/32"]
  rate_limit = { rate = "1/second" }
}`),
			ConfigPlanChecks: noChange,
		},
		resource.TestStep{
			Config: s.config(`
resource "iptables_service" "a" {
  host       = "LOGIN@HOST:22"
  name       = "app"
  ports      = ["8080/tcp", "9000-9100/udp"]
  sources    = ["203.0.113.7", "2001:db8::/32"]
  rate_limit = { rate = "1/second" }
}`),
			// The same place under another name: no replacement.
			ConfigPlanChecks: planned("iptables_service.a", plancheck.ResourceActionUpdate),
		},
	)
}
