package firewall

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const someHost = `
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 23 -m comment --comment "42 no telnet" -j DROP
-A INPUT -p tcp -m tcp --dport 24 -m comment --comment 42 -j DROP
-A INPUT -p tcp -m tcp --dport 25 -m comment --comment "007 bond" -j DROP
ip6tables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
ip6tables -A INPUT -p tcp -m tcp --dport 81 -j ACCEPT
-t nat -A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE
`

func TestFindRule(t *testing.T) {
	rs := onHost(t, someHost)
	for id, want := range map[string]string{
		"-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT":                            `filter INPUT [] "-p tcp -m tcp --dport 80 -j ACCEPT"`,
		"-A INPUT -p tcp --dport http -j ACCEPT":                                 `filter INPUT [] "-p tcp -m tcp --dport 80 -j ACCEPT"`,
		"iptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT":                   `filter INPUT [ipv4] "-p tcp -m tcp --dport 80 -j ACCEPT"`,
		"-A INPUT -p tcp -m tcp --dport 81 -j ACCEPT":                            `filter INPUT [ipv6] "-p tcp -m tcp --dport 81 -j ACCEPT"`,
		"ip6tables -A INPUT -p tcp -m tcp --dport 81 -j ACCEPT":                  `filter INPUT [ipv6] "-p tcp -m tcp --dport 81 -j ACCEPT"`,
		"-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT":          `filter INPUT [] "-s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT"`,
		"-t nat -A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE":              `nat POSTROUTING [] "-s 10.0.0.0/8 -o eth0 -j MASQUERADE"`,
		`-A INPUT -p tcp --dport 23 -m comment --comment "42 no telnet" -j DROP`: `filter INPUT [ipv4] "-p tcp -m tcp --dport 23 -m comment --comment \"no telnet\" -j DROP" 42`,
		`-A INPUT -p tcp --dport 24 -m comment --comment 42 -j DROP`:             `filter INPUT [ipv4] "-p tcp -m tcp --dport 24 -j DROP" 42`,
		// 7 would be written without its zeros: this is no priority of ours.
		`-A INPUT -p tcp --dport 25 -m comment --comment "007 bond" -j DROP`: `filter INPUT [ipv4] "-p tcp -m tcp --dport 25 -m comment --comment \"007 bond\" -j DROP"`,
	} {
		r, err := FindRule(rs, id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		got := fmt.Sprintf("%s %s %v %q", r.Table, r.Chain, r.Families, r.Spec)
		if r.Priority != nil {
			got += fmt.Sprint(" ", *r.Priority)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
		lines, err := r.Lines()
		if err != nil || len(lines.Without(Present(rs, lines))) > 0 {
			t.Errorf("%s stands for what is not there: %v\n%s", id, err, textOf(lines))
		}
	}
}

func TestFindRuleNearest(t *testing.T) {
	rs := onHost(t, someHost)
	for id, want := range map[string][]string{
		"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT":           {"does not have this line", "-A INPUT -s 203.0.113.0/24 -p tcp"},
		"iptables -A INPUT -p tcp -m tcp --dport 81 -j ACCEPT":  {"does not have this line", "iptables -A INPUT"},
		"-A OUTPUT -p tcp -m tcp --dport 22 -j ACCEPT":          {"nor one that is like it"},
		"-A NOWHERE -j ACCEPT":                                  {"does not have the chain"},
		"-A INPUT -p tcp --dprot 22 -j ACCEPT":                  {"--dprot"},
		"22/tcp":                                                {"the chain is missing"},
		"-A INPUT -s 203.0.113.0/24 -s 2001:db8::/32 -j ACCEPT": {""},
	} {
		_, err := FindRule(rs, id)
		if err == nil {
			t.Errorf("%s is found", id)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", id, err, w)
			}
		}
	}
}

func TestFindServiceNamed(t *testing.T) {
	rs := onHost(t, `
-A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -m comment --comment front -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8080 -m comment --comment "300 office vpn" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 25 -m comment --comment mail -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 25 -m comment --comment mail -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
`)
	for name, want := range map[string]string{
		"https": "https []",
		// What was asked for is what it is called, although the catalogue knows its port by another name.
		"front":      "front [80/tcp]",
		"office vpn": "office vpn [8080/tcp]",
	} {
		s, err := FindServiceNamed(rs, name, "")
		if got := fmt.Sprintf("%s %v", s.Name, s.Ports); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, want)
			continue
		}
		lines, err := s.Lines()
		if err != nil || len(lines.Without(Present(rs, lines))) > 0 {
			t.Errorf("%s stands for what is not there: %v\n%s", name, err, textOf(lines))
		}
	}
	if s, err := FindServiceNamed(rs, "http", ""); err != nil || s.Comment != "front" {
		t.Errorf("http is %+v, %v; want the one with the comment front", s, err)
	}
	for name, want := range map[string]string{
		"mail":  "2 services in chain INPUT are called",
		"ssh":   `there are: "front", "https", "mail", "office vpn"`,
		"frnt":  `did you mean "front"?`,
		"https": "",
	} {
		chain := ""
		if want == "" {
			chain, want = "FORWARD", `no service in chain FORWARD is called "https"`
		}
		_, err := FindServiceNamed(rs, name, chain)
		if err == nil {
			t.Errorf("%s is found", name)
			continue
		}
		text := err.Error()
		if e := (*NoNamedServiceError)(nil); errors.As(err, &e) {
			slices.Sort(e.Names)
			text = e.Error()
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s: %s, want %q", name, text, want)
		}
	}
}
