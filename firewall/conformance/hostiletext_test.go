package conformance

import (
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// Comments that want to be something else, on their way through shells, here-documents, iptables-restore, awk, and
// files that are read at boot: each is put in, taken out, brought back by the host itself, and saved, to the letter.
func TestHostileTexts(t *testing.T) {
	comments := []string{
		"$(touch /run/pwned)", "`touch /run/pwned`", "'; touch /run/pwned; '", "; touch /run/pwned #", "&& touch /run/pwned", "| touch /run/pwned",
		"EOF", "COMMIT", "*filter", ":INPUT DROP [0:0]", "-A INPUT -j ACCEPT", "-D INPUT 1", "#@ add INPUT 1 x", "}", "main() {", "{ touch /run/pwned; }",
		`\`, `\\n`, `a\nb`, `it's`, `say "yes"`, "$HOME ${IFS}$1", "%s%n", "!", "-j ACCEPT", "--comment x", "~root", "*", "?[a-z]", "a  b", "a\tb", " x ", "&", `\&`, "<x>",
	}
	var text []string
	for _, comment := range comments {
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(comment) + `"`
		text = append(text, "iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment "+quoted+" -j ACCEPT")
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy}}})
	shell(t, f.Host("legacy"), "ln -sf bash /bin/sh")
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 4 * time.Second})
			mine := lines(t, text...)
			shell(t, h, "ip6tables -A INPUT -i lo -j ACCEPT")
			apply(t, host, firewall.Change{Label: "in", Edit: firewall.Replace(nil, mine)})
			before := seen(t, h)
			if got := strings.Count(before, "\n-A INPUT -p tcp -m tcp --dport 443 "); got != len(comments) {
				t.Errorf("%d of %d lines:\n%s", got, len(comments), before)
			}
			saved := shell(t, h, "grep -c '^-A INPUT' /etc/iptables/rules.v4")
			shell(t, h, "iptables-restore --test </etc/iptables/rules.v4")
			// Another line in front, so that the undo has to look its places up by text.
			added := make(chan struct{})
			go func() {
				defer close(added)
				_, _ = h.Shell(t.Context(), "sleep 2; iptables -I INPUT -s 192.0.2.66 -j DROP")
			}()
			_ = failed(t, host, firewall.Change{Label: "out", Edit: firewall.Sequence(firewall.Replace(mine, nil), shutting().Edit)}, firewall.RolledBack)
			<-added
			shell(t, h, "while iptables -D INPUT -s 192.0.2.66 -j DROP 2>/dev/null; do :; done")
			wantSame(t, h, before)
			if got := shell(t, h, "grep -c '^-A INPUT' /etc/iptables/rules.v4; ls /run/pwned 2>/dev/null || :"); got != saved {
				t.Errorf("saved: %q, before: %q", got, saved)
			}
			apply(t, open(t, f, h, firewall.Options{}), firewall.Change{Label: "out", Edit: firewall.Replace(mine, nil)})
			if got := seen(t, h); strings.Contains(got, "\n-A INPUT -p tcp -m tcp --dport 443 ") {
				t.Errorf("left: %s", got)
			}
			nothingLeft(t, h)
		})
	}
}
