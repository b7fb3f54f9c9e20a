package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWarnings has for each warning a plan that deserves it and one that looks much the same and does not.
func TestWarnings(t *testing.T) {
	service := func(before, after []string) []resource {
		return []resource{{kind: "service", name: "x", host: "h", before: before, after: after}, dropping("h")}
	}
	policy := func(before, after []string, with map[string]any) []resource {
		all := map[string]any{"chain": "INPUT", "method": "policy", "previous_policy": map[string]any{"ipv4": "ACCEPT", "ipv6": "ACCEPT"}}
		for k, v := range with {
			all[k] = v
		}
		return []resource{{kind: "default_policy", name: "input", host: "h", before: before, after: after, with: all}}
	}
	drop, accept := both("-P INPUT DROP"), both("-P INPUT ACCEPT")
	for name, c := range map[string]struct {
		resources []resource
		want      []string // names and messages
	}{
		"ssh to the world": {service(nil, open(22)), []string{"ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"ssh, on the port at which the host is": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", after: open(2222), with: map[string]any{"endpoint": "root@h:2222"}}}, nil,
		},
		"ssh on another port": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", after: open(2222), with: map[string]any{"endpoint": "root@192.0.2.1:2222"}}},
			[]string{"ssh-open-to-world: SSH (2222/tcp) becomes reachable from anywhere (IPv4 and IPv6)"},
		},
		"ssh for some":        {service(nil, open(22, "10.0.0.0/8", "2001:db8::/32")), nil},
		"ssh that was open":   {service(open(22), append(open(22), open(80)...)), nil},
		"ssh in a wide range": {service(nil, both("-A INPUT -p tcp -m tcp --dport 1:1024 -j ACCEPT")), []string{"ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"wider":               {service(open(3306, "10.0.0.0/8"), open(3306, "10.0.0.0/7")), []string{"wider-than-before: MySQL (3306/tcp) was reachable from 10.0.0.0/8 and will be from 10.0.0.0/7"}},
		"narrower":            {service(open(3306, "10.0.0.0/7"), open(3306, "10.0.0.0/8")), nil},
		"from others":         {service(open(3306, "10.0.0.0/8"), open(3306, "11.0.0.0/8")), nil},
		"new":                 {service(nil, open(3306, "10.0.0.0/8")), nil},
		"IPv6 only":           {service(nil, []string{"ip6tables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT"}), []string{"families-differ: HTTP (80/tcp) is open to the world in IPv6, and in IPv4 to nobody"}},
		"IPv4 only":           {service(nil, append(open(80)[:1], open(80, "2001:db8::/32")...)), []string{"families-differ: HTTP (80/tcp) is open to the world in IPv4, and in IPv6 to 2001:db8::/32"}},
		"some in one family":  {service(nil, open(80, "10.0.0.0/8")), nil},
		"DHCP has one family": {service(nil, []string{"iptables -A INPUT -p udp -m udp --dport 67 -j ACCEPT"}), nil},
		"a policy opened":     {policy(drop, accept, nil), []string{"default-policy-opened: INPUT (IPv4 and IPv6) will accept what no rule refuses", "ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"a policy destroyed":  {policy(drop, nil, nil), []string{"default-policy-opened: INPUT (IPv4 and IPv6) will accept what no rule refuses", "ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"one that was DROP":   {policy(drop, nil, map[string]any{"previous_policy": map[string]any{"ipv4": "DROP", "ipv6": "DROP"}}), nil},
		"accept in its place": {policy(drop, nil, map[string]any{"on_destroy": "accept", "previous_policy": map[string]any{"ipv4": "DROP", "ipv6": "DROP"}}), []string{"default-policy-opened: INPUT (IPv4 and IPv6) will accept what no rule refuses", "ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"a policy shut":       {policy(accept, drop, nil), nil},
		"another way to drop": {policy(drop, both("-A INPUT -j DROP"), nil), nil},
		"a policy shut in IPv4 only": {policy(nil, []string{"iptables -P INPUT DROP"}, nil), []string{
			"families-differ: INPUT will refuse what no rule allows in IPv4, and no line of the plan does so in IPv6",
		}},
		"one that was": {policy([]string{"iptables -P INPUT DROP"}, []string{"iptables -P INPUT DROP", "iptables -A INPUT -i lo -j ACCEPT"}, nil), nil},
		"a last line in IPv6 only": {policy(accept, []string{"iptables -P INPUT ACCEPT", "ip6tables -P INPUT ACCEPT", "ip6tables -A INPUT -j DROP"}, nil), []string{
			"families-differ: INPUT will refuse what no rule allows in IPv6, and no line of the plan does so in IPv4",
		}},
		"a last line removed": {policy(both("-A INPUT -m comment --comment end -j DROP"), accept, nil), []string{"default-policy-opened: INPUT (IPv4 and IPv6) will accept what no rule refuses", "ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere (IPv4 and IPv6)"}},
		"FORWARD opened":      {policy(both("-P FORWARD DROP"), both("-P FORWARD ACCEPT"), nil), []string{"default-policy-opened: FORWARD (IPv4 and IPv6) will accept what no rule refuses"}},
		"a rule in the shadow": {service(both("-A INPUT -p tcp -m tcp --dport 80 -j DROP"), append(both("-A INPUT -p tcp -m tcp --dport 80 -j DROP"), `iptables -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -m comment --comment a -j ACCEPT`)), []string{
			`rule-never-matches: the line "iptables -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -m comment --comment a -j ACCEPT" never matches, since "iptables -A INPUT -p tcp -m tcp --dport 80 -j DROP" takes all its packets before it`,
		}},
		"a shadow that was there": {service(append(both("-A INPUT -j DROP"), open(80)...), append(both("-A INPUT -j DROP"), append(open(80), "iptables -A OUTPUT -j LOG")...)), nil},
		"lines known later":       {[]resource{dropping("h"), {kind: "service", name: "x", host: "h", after: []string{}, unknown: map[string]any{"rules": true}}}, []string{"not-known: 1 resource whose lines are not known before the apply"}},
		"a host known later":      {[]resource{dropping("h"), {kind: "service", name: "x", after: []string{}, unknown: map[string]any{"rules": true, "host": true}}}, []string{"not-known: 1 resource whose lines are not known before the apply"}},
		"many hosts":              {append(service(nil, open(80)), resource{kind: "service", name: "x", host: "i", after: open(80)}, dropping("i"), dropping("j")), []string{"many-hosts: 2 of 3 hosts change at once, which is more than 50 %"}},
		"half of them":            {append(service(nil, open(80)), resource{kind: "service", name: "x", host: "i", after: open(80)}, dropping("i"), dropping("j"), dropping("k")), nil},
		"an interface": {service(nil, append(both("-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j ACCEPT"), open(80)...)), []string{
			"ssh-open-to-world: SSH (22/tcp) becomes reachable from anywhere on eth1 (IPv4 and IPv6)",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, w := range read(t, planText(t, c.resources...)).Warnings {
				got = append(got, w.Name+": "+w.Message)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestSentences is about who reaches what.
func TestSentences(t *testing.T) {
	only := func(before, after []string) []resource {
		return []resource{{kind: "service", name: "x", host: "h", before: before, after: after}}
	}
	with := func(r []resource) []resource { return append(r, dropping("h")) }
	limited := []string{
		"iptables -A INPUT -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x -j DROP",
		"iptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT",
	}
	for name, c := range map[string]struct {
		resources []resource
		want      []string
	}{
		"opened":            {with(only(nil, open(443))), []string{"HTTPS (443/tcp) on h becomes reachable from anywhere"}},
		"closed":            {with(only(open(3306, "10.0.0.0/8"), nil)), []string{"MySQL (3306/tcp) on h stops being reachable from 10.0.0.0/8"}},
		"moved":             {with(only(open(25, "10.0.0.1/32"), open(25, "10.0.0.2/32"))), []string{"SMTP (25/tcp) on h becomes reachable from 10.0.0.2", "SMTP (25/tcp) on h stops being reachable from 10.0.0.1"}},
		"a port of no name": {with(only(nil, open(4711))), []string{"4711/tcp on h becomes reachable from anywhere"}},
		"an exception": {with(only(nil, append(both("-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT"), "iptables -A INPUT -s 203.0.113.7/32 -p tcp -m tcp --dport 80 -j DROP"))), []string{
			"HTTP (80/tcp) on h becomes reachable from anywhere but 203.0.113.7",
		}},
		"a service of two ports": {with(only(nil, append(open(53), both("-A INPUT -p udp -m udp --dport 53 -j ACCEPT")...))), []string{"DNS (53/tcp, 53/udp) on h becomes reachable from anywhere"}},
		"a protocol":             {with(only(nil, []string{"iptables -A INPUT -p esp -j ACCEPT"})), []string{"esp on h becomes reachable from anywhere (IPv4 only)"}},
		"a rate":                 {with(only(nil, limited)), []string{"HTTP (80/tcp) on h becomes reachable from anywhere (IPv4 only)"}},
		"everything from some":   {with(only(nil, []string{"iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT"})), []string{"Ping and all ports on h become reachable from 10.0.0.0/8"}},
		"answers go out no more": {
			append(with(only(open(80), open(80))), resource{kind: "rule", name: "out", host: "h", after: both("-A OUTPUT -p tcp -m tcp --sport 80 -j DROP")}),
			[]string{"HTTP (80/tcp) on h stops being reachable from anywhere"},
		},
		"not decided": {with(only(nil, []string{"iptables -A INPUT -p tcp -m tcp --dport 80 -m string --string x --algo bm -j ACCEPT"})), []string{
			"HTTP (80/tcp) on h may become reachable from anywhere (IPv4 only) (rule 1 of INPUT (iptables -A INPUT -p tcp -m tcp --dport 80 -m string --string \"x\" --algo bm -j ACCEPT) is undecided: match string: depends on what the packet carries)",
		}},
		"the rest is not in the plan": {only(nil, open(443)), []string{"HTTPS (443/tcp) on h becomes reachable from anywhere, if all else is dropped there"}},
		"a refusal without the rest":  {only(nil, both("-A INPUT -p tcp -m tcp --dport 23 -j DROP")), []string{"Telnet (23/tcp) on h stops being reachable from anywhere, if all else is accepted there"}},
		"the end comes": {
			append(only(open(443), open(443)), resource{kind: "default_policy", name: "input", host: "h", after: both("-P INPUT DROP"), with: map[string]any{"method": "policy", "chain": "INPUT"}}),
			[]string{"Ping and all ports but 443/tcp on h stop being reachable from anywhere, where that is so now"},
		},
		"an interface": {with(only(nil, append(both("-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j ACCEPT"), open(80)...))), []string{
			"HTTP (80/tcp) on h becomes reachable from anywhere", "SSH (22/tcp) on h becomes reachable from anywhere, if it comes on eth1",
		}},
		"an address of the host": {with(only(nil, []string{"iptables -A INPUT -d 192.0.2.7/32 -p tcp -m tcp --dport 80 -j ACCEPT"})), []string{
			"HTTP (80/tcp) on h becomes reachable from anywhere (IPv4 only), if it comes to 192.0.2.7",
		}},
		"a set": {
			append(with(only(nil, []string{"iptables -A INPUT -p tcp -m tcp --dport 80 -m set --match-set office src -j ACCEPT"})),
				resource{kind: "ip_set", name: "s", host: "h", after: []string{}, with: map[string]any{"name": "office", "type": "hash:net", "entries": []string{"10.0.0.0/8"}}}),
			[]string{"HTTP (80/tcp) on h becomes reachable from 10.0.0.0/8"},
		},
		"a member of a set": {
			append(with(only([]string{"iptables -A INPUT -p tcp -m tcp --dport 80 -m set --match-set office src -j ACCEPT"}, []string{"iptables -A INPUT -p tcp -m tcp --dport 80 -m set --match-set office src -j ACCEPT"})),
				resource{kind: "ip_set", name: "s", host: "h", before: []string{}, with: map[string]any{"name": "office", "type": "hash:net", "entries": []string{"10.0.0.0/8"}}}),
			[]string{"HTTP (80/tcp) on h may become reachable from anywhere but 10.0.0.0/8 (IPv4 only) (rule 1 of INPUT (iptables -A INPUT -p tcp -m tcp --dport 80 -m set --match-set office src -j ACCEPT) is undecided: the members of set office are not known)",
				"HTTP (80/tcp) on h may stop being reachable from 10.0.0.0/8 (rule 1 of INPUT (iptables -A INPUT -p tcp -m tcp --dport 80 -m set --match-set office src -j ACCEPT) is undecided: the members of set office are not known)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range read(t, planText(t, c.resources...)).Reachability {
				got = append(got, r.Sentence)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestHas is what --fail-on asks.
func TestHas(t *testing.T) {
	r := read(t, planText(t, resource{kind: "service", name: "x", host: "h", after: open(22)}, dropping("h")))
	if got := fmt.Sprint(r.Has([]string{"many-hosts", "ssh-open-to-world"})); got != "[ssh-open-to-world]" {
		t.Error(got)
	}
}

// TestCommentIsShortEnough: however much a plan says, a comment has room for it.
func TestCommentIsShortEnough(t *testing.T) {
	var all []resource
	for i := range 300 {
		host := fmt.Sprintf("h%s%d.example.com", strings.Repeat("x", 100), i)
		lines := open(1000+i, "10.0.0.0/8")
		for j := range 30 {
			lines = append(lines, fmt.Sprintf("iptables -A INPUT -s 10.%d.%d.0/24 -p tcp -m tcp --dport %d -j ACCEPT", i%256, j, 10+i))
		}
		all = append(all, resource{kind: "service", name: "x", host: host, after: lines}, dropping(host),
			resource{kind: "service", name: strings.Repeat("y", 200), host: host, after: []string{}, unknown: map[string]any{"rules": true}})
	}
	var b strings.Builder
	if err := read(t, planText(t, all...)).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > maxMarkdown || b.Len() < maxMarkdown/2 {
		t.Errorf("the comment has %d bytes", b.Len())
	}
	for _, want := range []string{"more sentences", "more resources", "more groups not shown"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say that there are %s", want)
		}
	}
}
