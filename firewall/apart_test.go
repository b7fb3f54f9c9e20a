package firewall

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestTakeApart(t *testing.T) {
	input := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
	tests := map[string]Apart{
		"-A INPUT -s 10.1.2.3/8 -i eth0 -p tcp -m multiport --dports ssh,9000:9100 -m conntrack --ctstate NEW,RELATED -m comment --comment \"a b\" -j ACCEPT": {
			Chain:  input,
			Text:   "iptables -A INPUT -s 10.0.0.0/8 -i eth0 -p tcp -m multiport --dports 22,9000:9100 -m conntrack --ctstate NEW,RELATED -m comment --comment \"a b\" -j ACCEPT",
			Spec:   "-s 10.0.0.0/8 -i eth0 -p tcp -m multiport --dports 22,9000:9100 -m conntrack --ctstate NEW,RELATED -m comment --comment \"a b\" -j ACCEPT",
			Source: "10.0.0.0/8", In: "eth0", Protocol: "tcp", DestinationPorts: []string{"22", "9000-9100"}, States: []string{"NEW", "RELATED"}, Comment: "a b",
			Matches: []Extension{
				{"multiport", map[string]string{"dports": "22,9000:9100"}}, {"conntrack", map[string]string{"ctstate": "NEW,RELATED"}},
				{"comment", map[string]string{"comment": "a b"}},
			},
			Target: "ACCEPT", TargetOptions: map[string]string{},
		},
		"ip6tables -t nat -A PRE ! -d 2001:db8::/32 ! -p udp -g POST": {
			Chain: iptables.ChainID{Family: iptables.IPv6, Table: "nat", Name: "PRE"},
			Text:  "ip6tables -t nat -A PRE ! -d 2001:db8::/32 ! -p udp -g POST", Spec: "! -d 2001:db8::/32 ! -p udp -g POST",
			Destination: "! 2001:db8::/32", Protocol: "! udp", Target: "POST", Goto: true, TargetOptions: map[string]string{},
		},
		"-A INPUT -p tcp ! --dport 22 -m recent --rcheck --name x -j REJECT --reject-with tcp-reset": {
			Chain:    input,
			Text:     "iptables -A INPUT -p tcp -m tcp ! --dport 22 -m recent --rcheck --name x --mask 255.255.255.255 --rsource -j REJECT --reject-with tcp-reset",
			Spec:     "-p tcp -m tcp ! --dport 22 -m recent --rcheck --name x --mask 255.255.255.255 --rsource -j REJECT --reject-with tcp-reset",
			Protocol: "tcp", DestinationPorts: []string{"! 22"},
			Matches: []Extension{
				{"tcp", map[string]string{"dport": "! 22"}},
				{"recent", map[string]string{"rcheck": "", "name": "x", "mask": "255.255.255.255", "rsource": ""}},
			},
			Target: "REJECT", TargetOptions: map[string]string{"reject-with": "tcp-reset"},
		},
		"-N WEB":                 {Chain: iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "WEB"}, Text: "iptables -N WEB"},
		"iptables -P INPUT DROP": {Chain: input, Text: "iptables -P INPUT DROP", Policy: "DROP"},
	}
	for line, want := range tests {
		got, err := TakeApart(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
	if _, err := TakeApart("-A INPUT -p tcp --dprt 22"); err == nil || !strings.Contains(err.Error(), `did you mean "--dport"`) {
		t.Errorf("an option that is none: %v", err)
	}
}

func TestNormalizeText(t *testing.T) {
	old := iptables.Dialect{Version: iptables.Version{Major: 1, Minor: 8, Patch: 11}, Backend: iptables.Legacy}
	tests := []struct {
		text string
		how  Normalizing
		want string // or, with "error: " in front, what the error holds
	}{
		{"-p tcp --dport https -j ACCEPT", Normalizing{}, "-p tcp -m tcp --dport 443 -j ACCEPT"},
		{"-s 10/8 -p gre", Normalizing{}, "-s 10.0.0.0/8 -p gre"},
		{"-p gre -j DROP", Normalizing{Dialect: old}, "-p 47 -j DROP"},
		{"-s 2001:DB8::1 -j DROP", Normalizing{}, "-s 2001:db8::1/128 -j DROP"},
		{"-j REJECT", Normalizing{Family: iptables.IPv6}, "-j REJECT --reject-with icmp6-port-unreachable"},
		{"-p tcp -m hl --hl-eq 255 -j DROP", Normalizing{}, "-p tcp -m hl --hl-eq 255 -j DROP"}, // only ip6tables has it
		{"-t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-port 8080", Normalizing{}, "iptables -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080"},
		{"ip6tables -P INPUT DROP", Normalizing{}, "ip6tables -P INPUT DROP"},
		{"-6 -j DROP", Normalizing{}, "-j DROP"},
		{"-6 -j DROP", Normalizing{Family: iptables.IPv4}, "error: iptables would refuse it"},
		{"-s 10.0.0.1,10.0.0.2 -j DROP", Normalizing{}, "error: stands for 2 rules"},
		{"-j MASQUERADE", Normalizing{Table: "filter"}, "error: table filter"},
		{"-t nat -A POSTROUTING -j MASQUERADE", Normalizing{Table: "filter"}, "error: of table nat"},
		{"iptables -P INPUT DROP", Normalizing{Family: iptables.IPv6}, "error: line of iptables"},
		{"-p tcp --dport htps", Normalizing{}, "error: did you mean"},
	}
	for _, test := range tests {
		got, err := Normalize(test.text, test.how)
		if err != nil {
			got = "error: " + err.Error()
		}
		if fault, ok := strings.CutPrefix(test.want, "error: "); got != test.want && (!ok || err == nil || !strings.Contains(got, fault)) {
			t.Errorf("%s %+v\ngot  %s\nwant %s", test.text, test.how, got, test.want)
		}
	}
}

func TestLay(t *testing.T) {
	tests := map[string]struct {
		inOrder bool
		lines   string
		want    []string // of INPUT, then of OWN
	}{
		"as an apply would": {
			false, "iptables -P INPUT DROP\niptables -A INPUT -j LOG\niptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\niptables -A INPUT -s 192.0.2.1/32 -j DROP",
			[]string{"-s 192.0.2.1/32 -j DROP", "-p tcp -m tcp --dport 80 -j ACCEPT", "-j LOG"},
		},
		"as it is listed": {
			true, "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n-A INPUT -s 192.0.2.1/32 -j DROP\n-A INPUT -s 192.0.2.1/32 -j DROP",
			[]string{"-p tcp -m tcp --dport 80 -j ACCEPT", "-s 192.0.2.1/32 -j DROP", "-s 192.0.2.1/32 -j DROP"},
		},
		"a chain that is owned whole": {
			false, "iptables -A OWN -j ACCEPT\niptables -A OWN -s 192.0.2.1/32 -j DROP",
			[]string{"-j ACCEPT", "-s 192.0.2.1/32 -j DROP"},
		},
		"a chain that is made": {false, "iptables -t filter -N OWN\niptables -A INPUT -j OWN", []string{"-j OWN"}},
	}
	for name, test := range tests {
		rs, err := Lay(strings.Split(test.lines, "\n"), test.inOrder)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, id := range rs.Chains() {
			c, _ := rs.Chain(id)
			for _, r := range c.Rules {
				got = append(got, r.Spec(iptables.Reference))
			}
			if id.Name == "INPUT" && strings.Contains(test.lines, "-P INPUT DROP") && c.Policy != "DROP" {
				t.Errorf("%s: the policy is %s", name, c.Policy)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := Lay([]string{"iptables -A INPUT -j"}, false); err == nil || !strings.Contains(err.Error(), "iptables -A INPUT -j") {
		t.Errorf("a line that is none: %v", err)
	}
}
