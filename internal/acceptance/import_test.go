package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// importCase is a resource that is made, and the IDs by which it can be found again.
type importCase struct {
	name    string
	setUp   string // what the host has already
	address string
	config  string
	ids     []string // without the host; beside the resource's own id
	// ignored attributes cannot be read back from a host.
	ignored []string
}

var importCases = []importCase{
	{
		name:    "service of the catalogue",
		address: "iptables_service.s",
		config: `
resource "iptables_service" "s" {
  host = "HOST"
  name = "dns"
}`,
		ids: []string{
			"dns", "53/tcp", "53/udp",
			"-A INPUT -p tcp -m tcp --dport 53 -m comment --comment dns -j ACCEPT",
			"ip6tables -A INPUT -p udp --dport domain -m comment --comment dns -j ACCEPT",
		},
	},
	{
		name:    "service with everything",
		setUp:   "iptables -N TEAM; ip6tables -N TEAM",
		address: "iptables_service.s",
		config: `
resource "iptables_service" "s" {
  host       = "HOST"
  name       = "app"
  ports      = ["8080/tcp", "9000-9100/udp"]
  sources    = ["203.0.113.0/24", "2001:db8::/32"]
  interface  = "eth0"
  chain      = "TEAM"
  priority   = 300
  action     = "accept"
  rate_limit = { rate = "10/minute", burst = 20, per_source = true }
  log        = { prefix = "app: ", level = "info" }
}`,
		ids: []string{"-A TEAM app", "-A TEAM 8080/tcp"},
		// The prefix is the default one, which an import leaves out.
		ignored: []string{"log"},
	},
	{
		name:    "service without a name",
		address: "iptables_service.s",
		config: `
resource "iptables_service" "s" {
  host     = "HOST"
  ports    = ["22/tcp"]
  families = ["ipv4"]
}`,
		ids: []string{"22/tcp", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"},
	},
	{
		name:    "service with a comment of its own",
		setUp:   "iptables -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT",
		address: "iptables_service.s",
		config: `
resource "iptables_service" "s" {
  host    = "HOST"
  name    = "https"
  comment = "the front"
  action  = "drop"
  sources = ["192.0.2.0/24"]
}`,
	},
	{
		name:    "service with a name of its own for ports of the catalogue",
		address: "iptables_service.s",
		config: `
resource "iptables_service" "s" {
  host  = "HOST"
  name  = "front"
  ports = ["443/tcp"]
}`,
		ids: []string{"front"},
	},
	{
		name:    "default policy",
		setUp:   "iptables -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT",
		address: "iptables_default_policy.p",
		config: `
resource "iptables_default_policy" "p" {
  host         = "HOST"
  policy       = "DROP"
  icmp         = "ping"
  drop_invalid = true
  log          = {}
}`,
		ids: []string{"-P INPUT DROP", "-P INPUT"},
		// The one found at creation is gone; an import keeps what it finds.
		ignored: []string{"previous_policy"},
	},
	{
		name:    "default policy by a rule, of one family",
		setUp:   "iptables -A INPUT -p tcp --dport 22 -j ACCEPT",
		address: "iptables_default_policy.p",
		config: `
resource "iptables_default_policy" "p" {
  host     = "HOST"
  policy   = "REJECT"
  families = ["ipv4"]
  loopback = false
}`,
		ids: []string{"iptables -A INPUT -j REJECT", "iptables -A INPUT -j REJECT --reject-with icmp-port-unreachable"},
	},
	{
		name:    "rule of both families",
		address: "iptables_rule.r",
		config: `
resource "iptables_rule" "r" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-p tcp -m tcp --sport 53 -j ACCEPT"
}`,
		ids: []string{"-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT", "-A INPUT -p tcp --sport domain -j ACCEPT"},
	},
	{
		name:    "rule of one family with a priority",
		address: "iptables_rule.r",
		config: `
resource "iptables_rule" "r" {
  host     = "HOST"
  chain    = "INPUT"
  families = ["ipv6"]
  priority = 42
  spec     = "-p tcp -m tcp --dport 23 -m comment --comment \"no telnet\" -j DROP"
}`,
		ids: []string{`ip6tables -A INPUT -p tcp -m tcp --dport 23 -m comment --comment "42 no telnet" -j DROP`},
	},
	{
		name:    "rule of another table",
		address: "iptables_rule.r",
		config: `
resource "iptables_rule" "r" {
  host  = "HOST"
  table = "nat"
  chain = "POSTROUTING"
  spec  = "-s 10.0.0.0/8 -o eth0 -j MASQUERADE"
}`,
		ids: []string{"-t nat -A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE"},
	},
	{
		name:    "chain with its jump",
		address: "iptables_chain.c",
		config: `
resource "iptables_chain" "c" {
  host      = "HOST"
  name      = "WEB"
  rules     = ["-s 192.0.2.0/24 -j DROP", "-p tcp -m tcp --dport 80 -j ACCEPT", "-6 -p ipv6-icmp -j ACCEPT"]
  jump_from = { chain = "INPUT", spec = "-i eth0" }
}`,
		ids: []string{"-N WEB"},
	},
	{
		name:    "ruleset",
		address: "iptables_ruleset.r",
		config: `
resource "iptables_ruleset" "r" {
  host = "HOST"
  ipv4 = <<-EOT
    *nat
    :POSTROUTING ACCEPT
    -A POSTROUTING -o eth0 -j MASQUERADE
    COMMIT
  EOT
}`,
		ids: []string{"iptables *nat"},
		// An import writes all chains of the table, and what the last apply did is over.
		ignored: []string{"ipv4", "added", "removed"},
	},
	{
		name:    "exclusive rules",
		setUp:   "iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
		address: "iptables_exclusive_rules.x",
		config: `
resource "iptables_exclusive_rules" "x" {
  host  = "HOST"
  chain = "INPUT"
  rules = ["iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"]
}`,
		ids: []string{"-S INPUT"},
	},
	{
		name:    "built-in chain",
		address: "iptables_chain.c",
		config: `
resource "iptables_chain" "c" {
  host     = "HOST"
  table    = "nat"
  name     = "POSTROUTING"
  families = ["ipv4"]
  rules    = ["-s 10.0.0.0/8 -o eth0 -j MASQUERADE"]
}`,
		ids: []string{"iptables -t nat -P POSTROUTING", "iptables -t nat -P POSTROUTING ACCEPT"},
	},
}

func TestImport(t *testing.T) {
	for _, c := range importCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, hostOptions{})
			if c.setUp != "" {
				s.do(c.setUp)
			}
			before := s.save()
			steps := []resource.TestStep{
				{Config: s.config(c.config)},
				{
					ResourceName: c.address, ImportState: true,
					ImportStateVerify: true, ImportStateVerifyIgnore: c.ignored,
				},
				{
					ResourceName: c.address, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
					ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				{
					ResourceName: c.address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
					ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
			}
			for _, id := range c.ids {
				steps = append(steps, resource.TestStep{
					ResourceName: c.address, ImportState: true,
					ImportStateId: s.host.Address + " " + id, ImportStateVerify: true, ImportStateVerifyIgnore: c.ignored,
				})
			}
			s.run(steps...)
			s.unchanged(before)
		})
	}
}

// An ID that means nothing on the host, or more than one thing, says what is there.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(`
iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 22 -j ACCEPT
iptables -A INPUT -p tcp --dport 2222 -m comment --comment old -j ACCEPT
iptables -A INPUT -p tcp --dport 80 -m comment --comment one -j ACCEPT
iptables -A INPUT -p tcp --dport 80 -m comment --comment two -j ACCEPT`)
	for _, c := range []struct {
		address, config, id string
		want                []string
	}{
		{
			"iptables_rule.r", `resource "iptables_rule" "r" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-j ACCEPT"
}`, "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
			[]string{"does not have this line", "nearest are", "-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT"},
		},
		{
			"iptables_rule.r", `resource "iptables_rule" "r" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-j ACCEPT"
}`, "-A INPUTT -p tcp -j ACCEPT", []string{"does not have the chain"},
		},
		{
			"iptables_service.s", `resource "iptables_service" "s" {
  host = "HOST"
  name = "http"
}`, "80/tcp", []string{"2 services in chain INPUT have port 80/tcp", "--comment one", "--comment two"},
		},
		{
			"iptables_service.s", `resource "iptables_service" "s" {
  host = "HOST"
  name = "http"
}`, "tow", []string{`no service in chain INPUT is called "tow"`, `"one", "two"`, `did you mean "two"`},
		},
		{
			"iptables_default_policy.p", `resource "iptables_default_policy" "p" {
  host   = "HOST"
  policy = "DROP"
}`, "-P INPUT DROP", []string{"no such policy", "iptables -P INPUT ACCEPT"},
		},
		{
			"iptables_default_policy.p", `resource "iptables_default_policy" "p" {
  host   = "HOST"
  policy = "DROP"
}`, "", []string{"import ID is the host, a blank, and what it is there"},
		},
	} {
		t.Run(c.id, func(t *testing.T) {
			s.t = t
			s.run(resource.TestStep{
				Config: s.config(c.config), ResourceName: c.address, ImportState: true,
				ImportStateId: s.host.Address + " " + c.id, ExpectError: words(c.want...),
			})
		})
	}
}
