package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const (
	webLine  = `-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`
	sshLine  = `-p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`
	guarded4 = `
resource "iptables_service" "ssh" {
  host     = "HOST"
  name     = "ssh"
  families = ["ipv4"]
}

resource "iptables_service" "web" {
  host     = "HOST"
  name     = "https"
  families = ["ipv4"]
}

resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = "DROP"
  families   = ["ipv4"]
  method     = "METHOD"
  depends_on = [iptables_service.ssh]
}`
)

// What was changed by hand shows in the next plan, as a change of the resource that it belongs
// to and of no other, and the next apply mends it.
func TestDrift(t *testing.T) {
	const (
		web    = "iptables_service.web"
		policy = "iptables_default_policy.input"
	)
	for _, c := range []struct {
		name, method string
		byHand       string
		address      string
		action       plancheck.ResourceActionType
	}{
		{"deleted", "policy", "iptables -D INPUT " + webLine, web, plancheck.ResourceActionCreate},
		{"moved behind the catch-all", "rule", "iptables -D INPUT " + webLine + "; iptables -A INPUT " + webLine, web, plancheck.ResourceActionUpdate},
		{
			"edited", "policy",
			`n=$(iptables -S INPUT | grep -n 'dport 443' | cut -d: -f1); iptables -R INPUT $((n - 1)) -p tcp --dport 443 -s 192.0.2.1 -j ACCEPT`,
			web, plancheck.ResourceActionCreate,
		},
		{"policy changed", "policy", "iptables -P INPUT ACCEPT", policy, plancheck.ResourceActionUpdate},
		{"a line of the policy deleted", "policy", "iptables -D INPUT -i lo -j ACCEPT", policy, plancheck.ResourceActionUpdate},
		{"the last word deleted", "rule", "iptables -D INPUT -j DROP", policy, plancheck.ResourceActionUpdate},
		{"all flushed", "policy", "iptables -P INPUT ACCEPT; iptables -F INPUT", policy, plancheck.ResourceActionUpdate},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, hostOptions{})
			config := s.config(replace(guarded4, "METHOD", c.method))
			var wanted string
			list := func() string { return s.do("iptables -S INPUT | grep -v 192.0.2.1") }
			others := []plancheck.PlanCheck{plancheck.ExpectNonEmptyPlan()}
			if c.name != "all flushed" {
				for _, address := range []string{web, policy, "iptables_service.ssh"} {
					if address != c.address {
						others = append(others, plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop))
					}
				}
			}
			s.run(
				resource.TestStep{Config: config, Check: func(*terraformState) error { wanted = list(); return nil }},
				resource.TestStep{
					PreConfig:        s.doing(c.byHand),
					Config:           config,
					ConfigPlanChecks: planned(c.address, c.action, others...),
					Check: func(*terraformState) error {
						if got := list(); got != wanted && c.name != "all flushed" {
							t.Errorf("after it was mended:\n%s\nwant:\n%s", got, wanted)
						}
						return nil
					},
				},
			)
		})
	}
}

// A line that was moved to where it does not work is still the resource's: destroying takes it away.
func TestDriftDestroyed(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	s.run(resource.TestStep{
		Config: s.config(replace(guarded4, "METHOD", "rule")),
		Check: func(*terraformState) error {
			s.do("iptables -D INPUT " + webLine + "; iptables -A INPUT " + webLine)
			return nil
		},
		ExpectNonEmptyPlan: true,
	})
	s.unchanged(before)
}
