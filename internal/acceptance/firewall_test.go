package acceptance

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const wall = "iptables_firewall.web"

// firewall4 is a firewall for IPv4 that lets in ssh, https, and what services says.
func firewall4(services, rest string) string {
	return `
resource "iptables_firewall" "web" {
  host = "HOST"
  services = {
    ssh   = { families = ["ipv4"] }
    https = { families = ["ipv4"] }
    ` + services + `
  }
  ` + rest + `
}`
}

const dropped4 = `default_policy = { policy = "DROP", families = ["ipv4"] }`

// changes checks that the plan changes just these attributes of the firewall, and of those that
// are maps just these keys: "rules.dns".
type changes []string

func (want changes) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, r := range req.Plan.ResourceChanges {
		if r.Address != wall {
			continue
		}
		before, _ := r.Change.Before.(map[string]any)
		after, _ := r.Change.After.(map[string]any)
		if diff := cmp.Diff([]string(want), differences(before, after)); diff != "" {
			resp.Error = fmt.Errorf("changes of %s (-want +got):\n%s", wall, diff)
		}
	}
}

func differences(before, after map[string]any) []string {
	all := maps.Clone(before)
	maps.Copy(all, after)
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		b, isMap := before[name].(map[string]any)
		a, also := after[name].(map[string]any)
		if !isMap || !also {
			differ = append(differ, name)
			continue
		}
		for _, key := range differences(b, a) {
			differ = append(differ, name+"."+key)
		}
	}
	return differ
}

func rulesOf(service string) tfjsonpath.Path { return tfjsonpath.New("rules").AtMapKey(service) }

func TestFirewall(t *testing.T) {
	const keptLines = "-i lo -j ACCEPT|-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT|" +
		"-p icmp -m icmp --icmp-type 3 -j ACCEPT|-p icmp -m icmp --icmp-type 11 -j ACCEPT|-p icmp -m icmp --icmp-type 12 -j ACCEPT"
	const dnsTCP, dnsUDP = "-p tcp -m tcp --dport 53 -m comment --comment dns -j ACCEPT", "-p udp -m udp --dport 53 -m comment --comment dns -j ACCEPT"
	const httpLine = "-p tcp -m tcp --dport 80 -j ACCEPT"
	onBackends(t, func(s *stage) {
		before := s.save()
		kept := strings.Split(keptLines, "|")
		input := func(lines ...string) resource.TestCheckFunc {
			return s.chain("INPUT", append(slices.Clip(kept), lines...)...)
		}
		var policyRules []string
		for _, l := range kept {
			policyRules = append(policyRules, "iptables -A INPUT "+l)
		}
		open := s.config(firewall4(`dns = { families = ["ipv4"], sources = null }`, dropped4))
		s.run(
			resource.TestStep{
				Config: s.config(firewall4("", dropped4)),
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionCreate,
					plancheck.ExpectKnownValue(wall, rulesOf("ssh"), texts("iptables -A INPUT "+sshLine)),
					plancheck.ExpectKnownValue(wall, rulesOf("https"), texts("iptables -A INPUT "+webLine)),
					plancheck.ExpectKnownValue(wall, tfjsonpath.New("policy_rules"), texts(append([]string{"iptables -P INPUT DROP"}, policyRules...)...)),
					plancheck.ExpectKnownValue(wall, tfjsonpath.New("unmanaged"), knownvalue.Null()),
					plancheck.ExpectKnownValue(wall, tfjsonpath.New("services").AtMapKey("ssh").AtMapKey("ports"),
						knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("22/tcp")})),
				),
				Check: all(
					input(webLine, sshLine), s.policy("INPUT", "DROP"), s.policy("ip6tables INPUT", "ACCEPT"), s.chain("ip6tables INPUT"),
					resource.TestCheckResourceAttr(wall, "default_policy.previous_policy.ipv4", "ACCEPT"),
				),
			},
			resource.TestStep{
				ResourceName: wall, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			// One more service is one more block, in the configuration and in the rules.
			resource.TestStep{
				Config: open,
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate, changes{"rules.dns", "services.dns"},
					plancheck.ExpectKnownValue(wall, rulesOf("dns"), texts("iptables -A INPUT "+dnsTCP, "iptables -A INPUT "+dnsUDP))),
				Check: input(dnsTCP, dnsUDP, webLine, sshLine),
			},
			// What was changed by hand shows under the service that it belongs to, and is mended.
			resource.TestStep{
				PreConfig:        s.doing("iptables -D INPUT " + dnsUDP + "; iptables -D INPUT " + webLine),
				Config:           open,
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate, changes{"rules.dns", "rules.https"}),
				Check:            input(dnsTCP, dnsUDP, webLine, sshLine),
			},
			resource.TestStep{
				PreConfig:        s.doing("iptables -R INPUT 6 -s 192.0.2.1 " + dnsTCP + "; iptables -P INPUT ACCEPT; iptables -D INPUT -i lo -j ACCEPT"),
				Config:           open,
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate, changes{"default_policy.policy", "policy_rules", "rules.dns"}),
				Check:            s.policy("INPUT", "DROP"),
			},
			resource.TestStep{
				PreConfig: s.doing("iptables -P INPUT ACCEPT; iptables -F INPUT"),
				Config:    open,
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate,
					changes{"default_policy.policy", "policy_rules", "rules.dns", "rules.https", "rules.ssh"}),
				Check: input(dnsTCP, dnsUDP, webLine, sshLine),
			},
			// A service that changes, one that goes, and a policy by a rule at the end, in one payload: the
			// chain's own policy goes back to what it was. A line moved behind that rule is drift.
			resource.TestStep{
				Config: s.config(`
resource "iptables_firewall" "web" {
  host = "HOST"
  services = {
    ssh      = { families = ["ipv4"], sources = ["0.0.0.0/0"] }
    https    = { families = ["ipv4"], priority = 500, action = "reject" }
    "80/tcp" = { families = ["ipv4"] }
  }
  default_policy = { policy = "DROP", method = "rule", families = ["ipv4"] }
}`),
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate, changes{
					"default_policy.method", "policy_rules", "rules.80/tcp", "rules.dns", "rules.https", "services.80/tcp", "services.dns",
					"services.https.action", "services.https.priority", "services.ssh.sources",
				}, plancheck.ExpectKnownValue(wall, rulesOf("80/tcp"), texts("iptables -A INPUT "+httpLine))),
				Check: all(s.policy("INPUT", "ACCEPT"), func(*terraformState) error {
					s.do("iptables -D INPUT " + httpLine + "; iptables -A INPUT " + httpLine)
					return nil
				}),
				ExpectNonEmptyPlan: true,
			},
			// Without a default policy nothing is left of it.
			resource.TestStep{
				Config:           s.config(firewall4("", "")),
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate),
				Check:            all(s.chain("INPUT", webLine, sshLine), s.policy("INPUT", "ACCEPT")),
			},
			// One that comes later goes back to what it found.
			resource.TestStep{
				PreConfig: s.doing("iptables -I INPUT -j ACCEPT; iptables -P FORWARD DROP"),
				Config:    s.config(firewall4("", `default_policy = { chain = "FORWARD", policy = "ACCEPT", families = ["ipv4"] }`)),
				Check:     all(s.policy("FORWARD", "ACCEPT"), resource.TestCheckResourceAttr(wall, "default_policy.previous_policy.ipv4", "DROP")),
			},
			resource.TestStep{
				Config: s.config(firewall4("", `default_policy = { policy = "DROP", families = ["ipv4"] }`)),
				Check: all(s.policy("FORWARD", "DROP"), s.policy("INPUT", "DROP"), func(*terraformState) error {
					s.do("iptables -P FORWARD ACCEPT")
					return nil
				}),
			},
			// A port that was opened by hand shows, and is closed.
			resource.TestStep{
				PreConfig: s.doing("iptables -N f2b-sshd; iptables -I INPUT -p tcp --dport 22 -j f2b-sshd; iptables -A INPUT -s 192.0.2.1 -j ACCEPT"),
				Config: s.config(firewall4("", dropped4+`
  exclusive = true
  ignore    = ["-A INPUT -s 192.0.2.*"]`)),
				ConfigPlanChecks: planned(wall, plancheck.ResourceActionUpdate, changes{"exclusive", "ignore", "unmanaged"}),
			},
		)
		s.do("iptables -D INPUT -p tcp --dport 22 -j f2b-sshd; iptables -X f2b-sshd; iptables -D INPUT -s 192.0.2.1 -j ACCEPT")
		s.unchanged(before)
	})
}
