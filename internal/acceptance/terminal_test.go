package acceptance

import (
	"strings"
	"testing"
	"unicode"
)

// Text of a host that a terminal would obey is shown, and does nothing: in plans, in outputs, in errors about rules of
// others, and in what adopt writes. (-no-color: whatever control character is left comes from the host.)
func TestTextsOfHostsAreInert(t *testing.T) {
	t.Parallel()
	s := newStage(t, hostOptions{})
	s.do(`nasty=$(printf '\033[2J\033]0;owned\007${x} %%{ if } <script> \342\200\256\r')
		iptables -N "$(printf 'x\033[31m')"
		iptables -A "$(printf 'x\033[31m')" -p tcp --dport 22 -m comment --comment "$nasty" -j ACCEPT
		iptables -A INPUT -p tcp --dport 443 -m comment --comment "$nasty" -j ACCEPT
		iptables -A INPUT -j "$(printf 'x\033[31m')"`)
	c := s.newCLI(`
resource "iptables_exclusive_rules" "input" {
  host  = "HOST"
  chain = "INPUT"
  rules = []
}

data "iptables_rules" "all" {
  host = "HOST"
}

output "rules" {
  value = data.iptables_rules.all.rules
}`)
	inert := func(what, out string, want ...string) {
		t.Helper()
		if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u202e') }); i >= 0 {
			t.Errorf("%s: %q is left", what, out[max(0, i-60):min(len(out), i+20)])
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s does not show %q:\n%s", what, w, out)
			}
		}
	}
	plan, _ := c.run("plan")
	inert("the plan", plan, "owned")
	c.write("main.tf", required+s.config(`
resource "iptables_chain" "x" {
  host  = "HOST"
  name  = "x"
  rules = ["-j NOWHERE"]
}

resource "iptables_service" "ssh" {
  host  = "HOST"
  name  = "ssh"
  chain = "nowhere"
}`))
	out, _ := c.run("apply", "-auto-approve")
	inert("the errors", out)

	// A tool that complains in colours.
	s.do(`mkdir -p /usr/local/sbin; for p in iptables iptables-save; do printf '#!/bin/sh\nexec /usr/sbin/%s "$@"\n' $p >/usr/local/sbin/$p; done
		printf '#!/bin/sh\nprintf "\\033[2Jowned\\007" >&2; exit 2\n' >/usr/local/sbin/iptables-restore; chmod 755 /usr/local/sbin/iptables*`)
	c.write("main.tf", required+s.config(`
resource "iptables_service" "web" {
  host = "HOST"
  name = "https"
}`))
	out, status := c.run("apply", "-auto-approve")
	inert("the refusal", out, "owned", "refuses the change")
	if status == 0 {
		t.Error("it was applied")
	}
}
