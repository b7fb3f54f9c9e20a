package command

import (
	"fmt"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		in, out string
		status  int
	}{
		{name: "a rule alone", in: "-p tcp --dport ssh -j ACCEPT\n", out: "-p tcp -m tcp --dport 22 -j ACCEPT\n"},
		{name: "no line end", in: "-j DROP", out: "-j DROP\n"},
		{name: "nothing"},
		{
			name: "with its chain",
			in:   "-A INPUT -j DROP -p udp\n-t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-port 8080\n-A INPUT -s 0/0\n",
			out:  "-A INPUT -p udp -j DROP\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT\n",
		},
		{
			name: "words in any order", out: "-A POSTROUTING -o eth0 -j MASQUERADE\n-A INPUT -j DROP\n",
			in: "-o eth0 --append=POSTROUTING -j MASQUERADE --tabl nat\n-j DROP -I INPUT 3\n",
		},
		{
			name: "commands", out: "-A INPUT -p icmp -j ACCEPT\n-A INPUT -p ipv6-icmp -j ACCEPT\n-A INPUT -j DROP\n",
			in: "iptables -A INPUT -p icmp -j ACCEPT\n/sbin/ip6tables -w -A INPUT -p icmpv6 -j ACCEPT\niptables-legacy -AINPUT -j DROP\n",
		},
		{
			name: "a family", args: []string{"-6"},
			in:  "-s 2001:db8::1\niptables -A INPUT -s 192.0.2.1\n",
			out: "-s 2001:db8::1/128\n-A INPUT -s 192.0.2.1/32\n",
		},
		{
			name: "several rules of one line", in: "-s 192.0.2.1,192.0.2.2 -d 10/8,11/8 -j DROP\n-j DROP\n",
			out: "-s 192.0.2.1/32 -d 10.0.0.0/8 -j DROP\n-s 192.0.2.1/32 -d 11.0.0.0/8 -j DROP\n" +
				"-s 192.0.2.2/32 -d 10.0.0.0/8 -j DROP\n-s 192.0.2.2/32 -d 11.0.0.0/8 -j DROP\n-j DROP\n",
		},
		{name: "lines of iptables-save", in: "[12:345] -A INPUT -j DROP\n-A INPUT -6 -j DROP\n -A INPUT -4 -p 6\n", out: "-A INPUT -j DROP\n-A INPUT -p tcp\n"},
		{name: "blank lines and comments", in: "# ssh\n\n-j DROP\n  \n", out: "# ssh\n\n-j DROP\n  \n"},
		{
			name: "quotes", out: `-m comment --comment "a b"` + "\n" + `-m comment --comment "it\'s"` + "\n! -s 10.0.0.0/8\n" +
				`-m comment --comment "a \"b\""` + "\n" + `-m foo --bar "x y"` + "\n",
			in: `-m comment --comment "a b"` + "\n" + `-m comment --comment it's` + "\n'!' -s 10/8\n" +
				`-m comment --comment 'a "b"'` + "\n" + `-m foo --bar 'x y'` + "\n",
		},
		{
			name: "a version", args: []string{"--version", "1.8.7", "--backend", "legacy"},
			in: "-j NFLOG --nflog-prefix x\n", out: "-j NFLOG --nflog-prefix  x\n",
		},
		{name: "a backend that refuses", args: []string{"--backend", "legacy"}, in: "! -p tcp --dport 80\n", out: "error: legacy takes no match of ports behind ! -p\n", status: failed},
		{
			name: "a version that ends lines with a blank", args: []string{"--version=1.8.7", "--backend=nft"},
			in: "-A INPUT -p tcp\n-A INPUT\n", out: "-A INPUT -p tcp \n-A INPUT \n",
		},
		{
			name: "errors", status: failed,
			in: "-m conntrack --ctstat NEW\n-j DROP\n-A INPUT -j MASQUERADE\n-t nta -A INPUT\n-p tcp --dport htpp\n-P INPUT DROP\n-A INPUT -A INPUT\niptables -6 -j DROP\n" +
				"-m comment --comment \"a\x00b\"\n-m comment --comment 'a\n-I INPUT x\n",
			out: `error: position 14, "--ctstat": unknown option --ctstat; did you mean "--ctstate"?
-j DROP
error: position 13, "MASQUERADE": -j MASQUERADE does not work in table filter (expected table nat)
error: position 4, "nta": -t: no such table (expected filter, nat, mangle, raw or security); did you mean "nat"?
error: position 16, "htpp": --dport: no such port or service: htpp (expected a port from 0 to 65535, a service name, or a range a:b); did you mean "http"?
error: position 1, "-P": not a rule (expected -A CHAIN in front of the rule)
error: position 13, "INPUT": -A: may be given only once
error: position 10, "-6": -6: is for ip6tables
error: position 24, "\x00": a NUL byte cannot stand in a rule
-m comment --comment "\'a"
error: position 10, "x": -I INPUT: bad value (expected the number of a line, from 1)
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := call(t, c.in, append([]string{"normalize"}, c.args...)...)
			if status != c.status || out != c.out || errs != "" {
				t.Errorf("exit status %d, stderr %q, stdout\n%swant %d,\n%s", status, errs, out, c.status, c.out)
			}
		})
	}
}

// TestNormalizeKeepsOrder: line n comes out as line n, however many there are.
func TestNormalizeKeepsOrder(t *testing.T) {
	var in, want strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&in, "-p tcp --dport %d -m comment --comment \"rule %d\" -j ACCEPT\n", 1+i, i)
		fmt.Fprintf(&want, "-p tcp -m tcp --dport %d -m comment --comment \"rule %d\" -j ACCEPT\n", 1+i, i)
	}
	if status, out, _ := call(t, in.String(), "normalize"); status != 0 || out != want.String() {
		t.Errorf("exit status %d, or other lines than expected", status)
	}
}
