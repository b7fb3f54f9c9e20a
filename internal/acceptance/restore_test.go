package acceptance

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/command"
)

// A backup is listed and put back from the command line, and Terraform sees what differs then.
func TestRestore(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	config := func(port int) string {
		return required + s.config(shut+fmt.Sprintf(`
resource "iptables_service" "app" {
  host  = "HOST"
  name  = "app"
  ports = ["%d/tcp"]
}
`, port)+keepDefault)
	}
	c := s.newCLI("")
	c.write("main.tf", config(8001))
	c.ok("apply", "-auto-approve")
	before := s.do("iptables -S; ip6tables -S")
	c.write("main.tf", config(8002))
	c.ok("apply", "-auto-approve")
	s.do("iptables -N f2b-sshd; iptables -I INPUT -p tcp --dport 22 -j f2b-sshd; iptables -A f2b-sshd -j RETURN")

	run := func(args ...string) (status int, stdout, stderr string) {
		var out, errs bytes.Buffer
		args = append([]string{"restore", "--private-key-file", s.Key, "--known-hosts-files", s.KnownHosts, s.host.Address}, args...)
		status = command.Run(t.Context(), args, strings.NewReader(""), &out, &errs)
		return status, out.String(), errs.String()
	}
	status, out, errs := run()
	if status != 0 {
		t.Fatalf("listing ends with %d: %s", status, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) < 2 {
		t.Fatalf("no backup is listed:\n%s", out)
	}
	newest, _, _ := strings.Cut(lines[1], " ")
	if status, _, errs := run("--backup", "2001-01-01T000000Z"); status != 1 || !strings.Contains(errs, newest) {
		t.Errorf("a backup that is none: %d, %s", status, errs)
	}
	if status, out, errs := run("--backup", "rules.v4.bak-"+newest); status != 0 {
		t.Fatalf("restoring ends with %d: %s%s", status, out, errs)
	}
	// fail2ban's are as they were; all else is as before.
	got := strings.NewReplacer("-N f2b-sshd\n", "", "-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd\n", "", "-A f2b-sshd -j RETURN\n", "").
		Replace(s.do("iptables -S; ip6tables -S"))
	if got != before {
		t.Errorf("it lists\n%s\nbefore:\n%s", got, before)
	}
	if rest := s.do("iptables -S f2b-sshd; iptables -S INPUT | sed -n 2p"); !strings.Contains(rest, "RETURN") || !strings.HasSuffix(rest, "-j f2b-sshd\n") {
		t.Errorf("fail2ban's: %s", rest)
	}
	if out, status := c.run("plan", "-detailed-exitcode"); status != 2 || !strings.Contains(out, "8002") {
		t.Errorf("the plan does not show what differs (%d):\n%s", status, out)
	}
	c.ok("destroy", "-auto-approve")
}
