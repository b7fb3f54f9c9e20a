package acceptance

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const byHand = `iptables -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT`

// What is there to the letter is taken over, and the plan says so.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(byHand)
	c := s.newCLI(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`)
	plan := c.ok("plan", "-out", "plan.out")
	says(t, plan, `iptables_service "https" takes over 1 rule on host `+s.host.Address, "iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT", `on_existing`)
	if strings.Contains(plan, "  ip6tables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT") {
		t.Errorf("the plan names a line that is not there:\n%s", plan)
	}
	c.ok("apply", "plan.out")
	if err := s.chain("INPUT", webLine)(nil); err != nil {
		t.Error(err)
	}
	c.empty()
	if out := c.ok("apply", "-auto-approve", "-replace", "iptables_service.web"); strings.Contains(out, "takes over") {
		t.Errorf("a resource that is replaced does not take over its own rules:\n%s", out)
	}
	c.ok("destroy", "-auto-approve")
	if err := s.chain("INPUT")(nil); err != nil {
		t.Error(err)
	}
}

// on_existing = "error" refuses it, and prints an import that works.
func TestRefuseExisting(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(byHand)
	s.settings = "  on_existing = \"error\"\n"
	before := s.save()
	c := s.newCLI(`
resource "iptables_rule" "web" {
  host     = "HOST"
  chain    = "INPUT"
  families = ["ipv4"]
  spec     = "-p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT"
}`)
	out, status := c.run("plan")
	if status == 0 {
		t.Errorf("the plan went well:\n%s", out)
	}
	says(t, out, "exists already on host", byHandPrinted, "terraform import iptables_rule.NAME '"+s.host.Address+" iptables -A INPUT")
	id := s.host.Address + " iptables -A INPUT " + webLine
	if !strings.Contains(out, "'"+id+"'") {
		t.Fatalf("no import command for %q:\n%s", id, out)
	}
	c.ok("import", "iptables_rule.web", id)
	c.empty()
	s.unchanged(before)
	c.ok("apply", "-auto-approve", "-replace", "iptables_rule.web")
	c.ok("destroy", "-auto-approve")
}

const byHandPrinted = "iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT"

// Two resources with one line are an error that names both, whatever they call their host.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	before := s.save()
	s.run(resource.TestStep{
		Config: s.config(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}

resource "iptables_rule" "web" {
  host  = "LOGIN@HOST:22"
  chain = "INPUT"
  spec  = "-p tcp --dport https -m comment --comment https -j ACCEPT"
}`),
		ExpectError: words("both want the same on host", "443"),
	})
	s.unchanged(before)
}

// A resource that was renamed without `moved` takes the rules over from its old self,
// whichever of the two Terraform applies first.
func TestRenamed(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	config := `
resource "iptables_service" "NAME" {
  host = "HOST"
  name = "https"
}`
	c := s.newCLI(replace(config, "NAME", "old"))
	c.ok("apply", "-auto-approve")
	for range 3 {
		old, err := s.host.Console(t.Context(), "iptables", "-S")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"new", "old"} {
			c.write("main.tf", required+s.config(replace(config, "NAME", name)))
			c.ok("apply", "-auto-approve")
			c.empty()
		}
		if now := s.do("iptables -S"); now != old {
			t.Errorf("after renaming:\n%s\nbefore:\n%s", now, old)
		}
	}
	c.ok("destroy", "-auto-approve")
}

// Two resources that swap what they want keep both rules in force.
func TestSwapped(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	config := func(a, b string) string {
		return s.config(`
resource "iptables_service" "a" {
  host = "HOST"
  name = "` + a + `"
}

resource "iptables_service" "b" {
  host = "HOST"
  name = "` + b + `"
}`)
	}
	both := func(*terraformState) error {
		s.do("iptables -C INPUT " + webLine + " && iptables -C INPUT " + sshLine)
		return nil
	}
	s.run(
		resource.TestStep{Config: config("https", "ssh"), Check: both},
		resource.TestStep{Config: config("ssh", "https"), Check: both},
		resource.TestStep{Config: config("https", "ssh"), Check: both},
	)
}
