package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const allowSSH = `
resource "iptables_service" "ssh" {
  host = "HOST"
  name = "ssh"
}
`

func TestDefaultPolicy(t *testing.T) {
	onBackends(t, func(s *stage) {
		before := s.save()
		const address = "iptables_default_policy.input"
		s.run(
			resource.TestStep{
				Config: s.config(allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  families   = ["ipv4"]
  depends_on = [iptables_service.ssh]
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate,
					plancheck.ExpectKnownValue(address, tfjsonpath.New("rules"), texts(
						"iptables -P INPUT DROP",
						"iptables -A INPUT -i lo -j ACCEPT",
						"iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
						"iptables -A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT",
						"iptables -A INPUT -p icmp -m icmp --icmp-type 11 -j ACCEPT",
						"iptables -A INPUT -p icmp -m icmp --icmp-type 12 -j ACCEPT",
					))),
				Check: all(
					s.policy("INPUT", "DROP"), s.policy("ip6tables INPUT", "ACCEPT"),
					resource.TestCheckResourceAttr(address, "previous_policy.ipv4", "ACCEPT"),
				),
			},
			resource.TestStep{
				Config: s.config(allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  icmp       = "ping"
  ping_rate  = "5/second"
  log        = {}
  depends_on = [iptables_service.ssh]
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check:            all(s.policy("INPUT", "DROP"), s.policy("ip6tables INPUT", "DROP")),
			},
			// By a rule instead: the policy goes back to what it was, in the same commit.
			resource.TestStep{
				Config: s.config(allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  method     = "rule"
  families   = ["ipv4"]
  depends_on = [iptables_service.ssh]
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(
					s.policy("INPUT", "ACCEPT"), s.policy("ip6tables INPUT", "ACCEPT"),
					s.chain("INPUT",
						"-i lo -j ACCEPT",
						"-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
						"-p icmp -m icmp --icmp-type 3 -j ACCEPT",
						"-p icmp -m icmp --icmp-type 11 -j ACCEPT",
						"-p icmp -m icmp --icmp-type 12 -j ACCEPT",
						"-p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT",
						"-j DROP"),
				),
			},
			resource.TestStep{
				Config: s.config(allowSSH + `
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "REJECT"
  depends_on = [iptables_service.ssh]
}`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check:            resource.TestCheckResourceAttr(address, "method", "rule"),
			},
		)
		s.unchanged(before)
	})
}

// A policy without the rule that keeps this login alive is refused before anything happens.
func TestDefaultPolicyGuard(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	s.run(resource.TestStep{
		Config: s.config(`
resource "iptables_default_policy" "input" {
  host   = "HOST"
  policy = "DROP"
}`),
		ExpectError: words(`would lock this login out`, `firewall is unchanged`, `depends_on`),
	})
	s.unchanged(before)
}

// Destroying restores the policy that was found, and opens the chain only if told to.
func TestDefaultPolicyOnDestroy(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do("iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -P INPUT DROP; iptables -A INPUT -p tcp --sport 22 -j ACCEPT")
	before := s.save()
	s.run(
		resource.TestStep{Config: s.config(`
resource "iptables_default_policy" "input" {
  host     = "HOST"
  policy   = "ACCEPT"
  families = ["ipv4"]
}`), Check: s.policy("INPUT", "ACCEPT")},
	)
	s.unchanged(before)
	s.run(
		resource.TestStep{Config: s.config(`
resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  families   = ["ipv4"]
  on_destroy = "accept"
}`), Check: s.policy("INPUT", "DROP")},
	)
	if err := s.policy("INPUT", "ACCEPT")(nil); err != nil {
		t.Error(err)
	}
}
