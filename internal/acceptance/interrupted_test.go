package acceptance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// killed starts an apply and sends a signal to it after a while: to Terraform alone, which passes an interrupt on
// to the provider, or (SIGKILL) to both, as a machine that dies would.
func (c *cli) killed(after time.Duration, signal syscall.Signal) {
	c.t.Helper()
	cmd := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), "apply", "-auto-approve", "-no-color")
	cmd.Dir, cmd.Env = c.folder, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(after)
	target := cmd.Process.Pid
	if signal == syscall.SIGKILL {
		target = -target
	}
	_ = syscall.Kill(target, signal) // it may be done already
	_ = cmd.Wait()                   // with the status of the signal
}

// services is a configuration of a service and a policy whose ports depend on round, and the lines of INPUT that
// it makes in each family.
func services(round int) (config string, ports []string) {
	ports = []string{fmt.Sprint(4000 + round), fmt.Sprint(5000 + round%2)}
	return fmt.Sprintf(`
resource "iptables_service" "ssh" {
  host = "HOST"
  name = "ssh"
}

resource "iptables_service" "app" {
  host  = "HOST"
  name  = "app"
  ports = ["%s/tcp", "%s/udp"]
}

resource "iptables_default_policy" "input" {
  host       = "HOST"
  policy     = %q
  depends_on = [iptables_service.ssh]
}`, ports[0], ports[1], []string{"DROP", "ACCEPT"}[round%2]), ports
}

// settled fails the test unless the host has just the lines of a round, in both families.
func (s *stage) settled(round int) {
	s.t.Helper()
	_, ports := services(round)
	for _, command := range []string{"iptables", "ip6tables"} {
		got := s.do(command + " -S INPUT | grep -c -- --comment.app || :")
		if strings.TrimSpace(got) != "2" {
			s.t.Errorf("round %d: %s lines of %s, want 2:\n%s", round, strings.TrimSpace(got), command, s.do(command+" -S INPUT"))
		}
		for _, port := range ports {
			if list := s.do(command + " -S INPUT"); !strings.Contains(list, "--dport "+port+" ") {
				s.t.Errorf("round %d: %s has no line for port %s:\n%s", round, command, port, list)
			}
		}
	}
	if left := s.do("cd /run/terraform-provider-iptables && ls | grep -vx -e lock -e outcomes || :"); left != "" {
		s.t.Errorf("round %d: left behind: %s", round, left)
	}
}

// An apply that is killed at any moment needs nobody's help: the next one ends where it should.
func TestKilled(t *testing.T) {
	const hosts, rounds = 5, 10
	for i := range hosts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fleet.HostOptions{Backend: []fleet.Backend{fleet.NFT, fleet.Legacy}[i%2]})
			s.settings = "  rollback_timeout = \"2s\"\n"
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			c := s.newCLI("")
			for round := range rounds {
				config, _ := services(round)
				c.write("main.tf", required+s.config(config))
				c.killed(time.Duration(random.IntN(2500))*time.Millisecond, syscall.SIGKILL)
				c.ok("apply", "-auto-approve")
				s.settled(round)
			}
			c.empty()
		})
	}
}

// Ctrl-C leaves the host before or after, never between, and the state knows which.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := newStage(t, fleet.HostOptions{})
	c := s.newCLI("")
	config, _ := services(0)
	c.write("main.tf", required+s.config(config))
	c.ok("apply", "-auto-approve")
	for round := 1; round <= 6; round++ {
		config, _ := services(round)
		c.write("main.tf", required+s.config(config))
		c.killed(time.Duration(200+300*round)*time.Millisecond, syscall.SIGINT)
		four := strings.Count(s.do("iptables -S INPUT"), "--comment app ")
		six := strings.Count(s.do("ip6tables -S INPUT"), "--comment app ")
		if four != 2 || six != 2 {
			t.Errorf("round %d: %d lines of iptables and %d of ip6tables, want 2 and 2", round, four, six)
		}
		c.ok("apply", "-auto-approve")
		s.settled(round)
	}
	c.empty()
}

// A real lock-out: the guard is off, nothing allows ssh. The host takes the change back.
func TestLockedOut(t *testing.T) {
	onBackends(t, func(s *stage) {
		s.settings = "  rollback_timeout   = \"4s\"\n  lockout_protection = false\n"
		c := s.newCLI(`
resource "iptables_default_policy" "input" {
  host   = "HOST"
  policy = "DROP"
}`)
		out, status := c.run("apply", "-auto-approve")
		if status == 0 {
			s.t.Fatalf("the apply succeeded:\n%s", out)
		}
		says(s.t, out, "rolled back")
		if got := s.do("iptables -S INPUT; ip6tables -S INPUT"); strings.Contains(got, "DROP") || strings.Contains(got, "-A") {
			s.t.Errorf("the host has still:\n%s", got)
		}
		if out, status := c.run("plan", "-detailed-exitcode"); status != 2 || !strings.Contains(out, "1 to add") {
			s.t.Errorf("the next plan (exit status %d):\n%s", status, out)
		}
	})
}

// A host that is dead fails by itself, in its own time; the others are done.
func TestOneDeadHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, fleet.HostOptions{Name: "alive"}, fleet.HostOptions{Name: "dead"})
	dead := s.Hosts()[1]
	c := s.newCLI("")
	c.write("main.tf", required+fmt.Sprintf(`
provider "iptables" {
  ssh = {
    private_key_file  = %q
    known_hosts_files = [%q]
    timeout           = "5s"
  }
}

resource "iptables_service" "https" {
  for_each = toset([%q, %q])
  host     = each.key
  name     = "https"
}`, s.Key, s.KnownHosts, s.host.Address, dead.Address))
	c.ok("plan", "-out", "plan.out")
	if err := dead.CutLink(); err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 1)
	go func() {
		out, _ := c.run("apply", "plan.out")
		done <- out
	}()
	for range 100 {
		if out, err := s.host.Shell(context.Background(), "iptables -S INPUT"); err == nil && strings.Contains(out, "--dport 443") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	select {
	case out := <-done:
		t.Errorf("the dead host held up the other:\n%s", out)
	default:
	}
	says(t, <-done, dead.Address)
	if got := s.do("iptables -S INPUT"); !strings.Contains(got, "--dport 443") {
		t.Errorf("the host that is alive has:\n%s", got)
	}
	if err := dead.RestoreLink(); err != nil {
		t.Fatal(err)
	}
	c.ok("apply", "-auto-approve")
	c.empty()
}
