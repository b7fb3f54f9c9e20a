package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const chainWeb = `
resource "iptables_chain" "web" {
  host = "HOST"
  name = "NAME"
  rules = [
    "-s 192.0.2.0/24 -j DROP",
    "-s 2001:db8:bad::/48 -j DROP",
    "-p tcp --dport https -j ACCEPT",
    "-p tcp --dport 80 -j ACCEPT",
  ]
  jump_from = {
    chain    = "INPUT"
    position = "POSITION"
  }
}`

// A chain is made, shows and mends what was done to it by hand, moves, and goes.
func TestChain(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.do(foreign)
		before := s.save()
		undisturbed := func(*terraformState) error { return holds(s.save(), before) }
		const address = "iptables_chain.web"
		config := func(name, position string) string {
			return s.config(strings.NewReplacer("NAME", name, "POSITION", position).Replace(chainWeb))
		}
		whole := all(undisturbed,
			s.chain("WEB", "-s 192.0.2.0/24 -j DROP", "-p tcp -m tcp --dport 443 -j ACCEPT", "-p tcp -m tcp --dport 80 -j ACCEPT"),
			s.chain("ip6tables WEB", "-s 2001:db8:bad::/48 -j DROP", "-p tcp -m tcp --dport 443 -j ACCEPT", "-p tcp -m tcp --dport 80 -j ACCEPT"),
		)
		steps := []resource.TestStep{
			{
				Config: config("WEB", "first"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate, plancheck.ExpectKnownValue(address, tfjsonpath.New("lines"), texts(
					"iptables -N WEB",
					"iptables -A WEB -s 192.0.2.0/24 -j DROP",
					"iptables -A WEB -p tcp -m tcp --dport 443 -j ACCEPT",
					"iptables -A WEB -p tcp -m tcp --dport 80 -j ACCEPT",
					"iptables -A INPUT -j WEB",
					"ip6tables -N WEB",
					"ip6tables -A WEB -s 2001:db8:bad::/48 -j DROP",
					"ip6tables -A WEB -p tcp -m tcp --dport 443 -j ACCEPT",
					"ip6tables -A WEB -p tcp -m tcp --dport 80 -j ACCEPT",
					"ip6tables -A INPUT -j WEB",
				))),
				Check: whole,
			},
			{Config: replace(config("WEB", "first"), "--dport https", "-m tcp --dport 443"), ConfigPlanChecks: noChange},
		}
		for _, byHand := range []string{
			"iptables -A WEB -p tcp --dport 8080 -j ACCEPT",
			"iptables -D WEB 2; ip6tables -D WEB 3; ip6tables -I WEB -p tcp --dport 80 -j ACCEPT",
			"iptables -R WEB 1 -s 192.0.2.0/25 -j DROP; iptables -D INPUT -j WEB; iptables -A INPUT -j WEB",
			"iptables -D INPUT -j WEB; iptables -F WEB; iptables -X WEB; ip6tables -D INPUT -j WEB",
		} {
			steps = append(steps, resource.TestStep{
				PreConfig:        s.doing(byHand),
				Config:           config("WEB", "first"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check:            whole,
			})
		}
		steps = append(steps,
			resource.TestStep{
				// Packets that nobody sends: the counters are set with the line.
				PreConfig:        s.doing("iptables -D WEB 1; iptables -I WEB 1 -s 192.0.2.0/24 -j DROP -c 7 700; iptables -A FORWARD -g WEB"),
				Config:           replace(config("WEB", "first"), `"-p tcp --dport 80 -j ACCEPT",`, ""),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check:            all(undisturbed, s.counts("WEB", "[7:700] -A WEB -s 192.0.2.0/24 -j DROP", "[0:0] -A WEB -p tcp -m tcp --dport 443 -j ACCEPT")),
			},
			resource.TestStep{
				Config:           config("WWW", "last"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
				Check: all(undisturbed,
					s.chain("WWW", "-s 192.0.2.0/24 -j DROP", "-p tcp -m tcp --dport 443 -j ACCEPT", "-p tcp -m tcp --dport 80 -j ACCEPT"),
					func(*terraformState) error {
						if out := s.do("iptables -S; ip6tables -S"); strings.Contains(out, "WEB") || strings.Count(out, "-j WWW") != 2 || !strings.Contains(out, "-A FORWARD -g WWW") {
							return fmt.Errorf("after the chain moved:\n%s", out)
						}
						return nil
					}),
			},
			resource.TestStep{Config: s.config(""), ExpectError: words("Could not destroy iptables_chain \"WWW\"", "other lines still jump", "iptables -A FORWARD -g WWW", "unchanged")},
			resource.TestStep{PreConfig: s.doing("iptables -D FORWARD -g WWW"), Config: s.config("")},
		)
		stop := s.banning()
		defer stop()
		s.run(steps...)
		stop()
		s.unchanged(before)
	})
}

// counts checks a chain's lines with their counters.
func (s *stage) counts(chain string, want ...string) resource.TestCheckFunc {
	return func(*terraformState) error {
		out := s.do("iptables-save -c | grep -- '-A " + chain + " '")
		if got := strings.TrimSpace(out); got != strings.Join(want, "\n") {
			return fmt.Errorf("%s with counters:\n%s\nwant:\n%s", chain, got, strings.Join(want, "\n"))
		}
		return nil
	}
}

// A built-in chain is owned whole but for what other software puts there, and gets back its policy.
func TestChainBuiltIn(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.do(foreign + "iptables -A FORWARD -i wg0 -j ACCEPT\n")
		before := s.save()
		c := s.newCLI(`
resource "iptables_chain" "forward" {
  host   = "HOST"
  name   = "FORWARD"
  policy = "DROP"
  rules  = ["-i lan0 -o wan0 -j ACCEPT", "-m conntrack --ctstate ESTABLISHED -j ACCEPT"]
}`)
		says(t, c.ok("plan"), "removes 1 rule of others", "iptables -A FORWARD -i wg0 -j ACCEPT")
		c.ok("apply", "-auto-approve")
		c.empty()
		docker := []string{
			"-j DOCKER-USER", "-j DOCKER-ISOLATION-STAGE-1", "-o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-o docker0 -j DOCKER",
		}
		ours := []string{"-i lan0 -o wan0 -j ACCEPT", "-m conntrack --ctstate ESTABLISHED -j ACCEPT"}
		check := func() {
			t.Helper()
			if err := all(s.chain("FORWARD", append(docker, ours...)...), s.chain("ip6tables FORWARD", ours...), s.policy("FORWARD", "DROP"))(nil); err != nil {
				t.Error(err)
			}
		}
		check()
		s.do("iptables -P FORWARD ACCEPT; iptables -I FORWARD 2 -i evil0 -j ACCEPT")
		says(t, c.ok("apply", "-auto-approve"), `- "iptables -P FORWARD ACCEPT"`, `- "iptables -A FORWARD -i evil0 -j ACCEPT"`, `+ "iptables -P FORWARD DROP"`)
		check()
		c.ok("destroy", "-auto-approve")
		s.do("iptables -A FORWARD -i wg0 -j ACCEPT")
		s.unchanged(before)
	})
}

// A chain that is there is taken over, or refused, and one that another resource writes into is found out.
func TestChainOfOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do("iptables -N WEB; iptables -A WEB -p tcp -m tcp --dport 80 -j ACCEPT; iptables -A WEB -j LOG; iptables -N DOCKER")
	before := s.save()
	const chain = `
resource "iptables_chain" "web" {
  host     = "HOST"
  name     = "WEB"
  families = ["ipv4"]
  rules    = ["-p tcp --dport 80 -j ACCEPT", "-j RETURN"]
}`
	c := s.newCLI(chain)
	says(t, c.ok("plan"), "takes over 1 rule", "removes 1 rule of others", "iptables -A WEB -j LOG")
	s.settings = "  on_existing = \"error\"\n"
	c.write("main.tf", required+s.config(chain))
	out, _ := c.run("plan")
	says(t, out, "exists already", "terraform import iptables_chain.NAME '"+s.host.Address+" iptables -N WEB'")
	c.ok("import", "iptables_chain.web", s.host.Address+" iptables -N WEB")
	says(t, c.ok("plan"), `"iptables -A WEB -j LOG"`, `"iptables -A WEB -j RETURN"`)
	for name, c := range map[string]struct {
		more string
		want []string
	}{
		"service in it": {`
resource "iptables_service" "ssh" {
  host     = "HOST"
  name     = "ssh"
  families = ["ipv4"]
  chain    = iptables_chain.web.name
}`, []string{`iptables_chain "WEB" would take away what iptables_service "ssh" wants`, "--dport 22", "owned whole"}},
		"Docker's": {`
resource "iptables_chain" "docker" {
  host  = "HOST"
  name  = "DOCKER"
  rules = []
}`, []string{"belongs to Docker", "force_foreign"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.t, s.settings = t, ""
			s.run(resource.TestStep{Config: s.config(chain + c.more), ExpectError: words(c.want...)})
		})
	}
	s.t = t
	s.unchanged(before)
}

// A rule that jumps to the chain by its name follows when that changes.
func TestChainRenamedUnderRules(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	config := func(name string) string {
		return s.config(replace(`
resource "iptables_chain" "team" {
  host  = "HOST"
  name  = "NAME"
  rules = ["-p tcp --dport 9090 -j ACCEPT"]
}

resource "iptables_rule" "jump" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-s 10.0.0.0/8 -j ${iptables_chain.team.name}"
}`, "NAME", name))
	}
	s.run(
		resource.TestStep{Config: config("TEAM"), Check: s.chain("INPUT", "-s 10.0.0.0/8 -j TEAM")},
		resource.TestStep{Config: config("CREW"), Check: all(s.chain("INPUT", "-s 10.0.0.0/8 -j CREW"), s.chain("CREW", "-p tcp -m tcp --dport 9090 -j ACCEPT"))},
	)
	s.unchanged(before)
}
