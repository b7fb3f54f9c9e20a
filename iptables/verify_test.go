package iptables

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVerify(t *testing.T) {
	const head = "*filter\n:INPUT ACCEPT\n:f2b-sshd -\n"
	const live = head + `:old -
-A INPUT -j f2b-sshd
-A INPUT -s 10.0.0.9/32 -j DROP
-A INPUT -s 10.0.0.9/32 -j DROP
-A INPUT -j LOG
-A old -j RETURN
COMMIT
`
	const wanted = `*filter
:INPUT DROP
:f2b-sshd -
:web -
-A INPUT -j f2b-sshd
-A INPUT -s 10.0.0.9/32 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j web
-A INPUT -j LOG
-A web -j ACCEPT
COMMIT
`
	const (
		fail2ban = "-A INPUT -j f2b-sshd\n"
		drop     = "-A INPUT -s 10.0.0.9/32 -j DROP\n"
		ssh      = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
		http     = "-A INPUT -p tcp -m tcp --dport 80 -j web\n"
		log      = "-A INPUT -j LOG\n"
	)
	edit := func(from, to string) string {
		if !strings.Contains(wanted, from) {
			t.Fatalf("%q is not in the page", from)
		}
		return strings.Replace(wanted, from, to, 1)
	}
	change := Diff(parseSaved(t, IPv4, live), parseSaved(t, IPv4, wanted))
	for _, c := range []struct {
		name, after string
		want        []string
	}{
		{"as wanted", wanted, nil},
		{"a ban came into a chain of fail2ban's", edit("-A web", "-A f2b-sshd -s 192.0.2.1/32 -j DROP\n-A web"), nil},
		{"foreign lines came", edit(drop+ssh, "-A INPUT -j LOG --log-prefix x\n"+drop+"-A INPUT -i eth9 -j DROP\n"+ssh), nil},
		{"a foreign line went", edit(fail2ban, ""), nil},
		{"a foreign line went and came back twice", edit(fail2ban, fail2ban+"-A INPUT -i eth9 -j DROP\n"+fail2ban), nil},
		{"a line is missing", edit(ssh, ""), []string{"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT: is missing"}},
		{"a line is there twice", edit(ssh, ssh+ssh), []string{"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT: is there twice, not once"}},
		{"a line to remove stayed", edit(drop, drop+drop), []string{"iptables -A INPUT -s 10.0.0.9/32 -j DROP: is there twice, not once"}},
		{"too many lines went", edit(drop, ""), []string{"iptables -A INPUT -s 10.0.0.9/32 -j DROP: is missing"}},
		{"behind the catch-all", edit(ssh+http+log, http+log+ssh),
			[]string{
				"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT: is on the wrong side of iptables -A INPUT -p tcp -m tcp --dport 80 -j web",
				"iptables -A INPUT -p tcp -m tcp --dport 80 -j web: is on the wrong side of iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
			}},
		{"above all", edit(fail2ban+drop+ssh, ssh+fail2ban+drop),
			[]string{"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT: is on the wrong side of iptables -A INPUT -s 10.0.0.9/32 -j DROP"}},
		{"the policy is the old one", edit(":INPUT DROP", ":INPUT ACCEPT"), []string{"ipv4 chain INPUT of table filter: has policy ACCEPT, not DROP"}},
		{"the new chain is missing", strings.NewReplacer(":web -\n", "", http, "", "-A web -j ACCEPT\n", "").Replace(wanted),
			[]string{
				"iptables -A INPUT -p tcp -m tcp --dport 80 -j web: is missing",
				"ipv4 chain web of table filter: is missing",
			}},
		{"the old chain is there", edit(":web -", ":web -\n:old -"), []string{"ipv4 chain old of table filter: is still there"}},
		{"nothing was done", live, []string{
			"ipv4 chain INPUT of table filter: has policy ACCEPT, not DROP",
			"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT: is missing",
			"iptables -A INPUT -p tcp -m tcp --dport 80 -j web: is missing",
			"iptables -A INPUT -s 10.0.0.9/32 -j DROP: is there twice, not once",
			"ipv4 chain old of table filter: is still there",
			"ipv4 chain web of table filter: is missing",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range change.Verify(parseSaved(t, IPv4, c.after)) {
				got = append(got, d.Describe(Reference))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
