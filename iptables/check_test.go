package iptables

import (
	"strings"
	"testing"
)

func TestCheckComment(t *testing.T) {
	for text, part := range map[string]string{
		"":                       "",
		"office vpn, ~é 日本":      "",
		strings.Repeat("x", 255): "",
		strings.Repeat("x", 256): "256 bytes; iptables keeps 255",
		"a\n-A INPUT -j ACCEPT":  "control character",
		"a\x1b[31m":              "control character",
		"half a character: \xc3": "not UTF-8",
		strings.Repeat("é", 128): "256 bytes",
		"next line: \u0085":      "control character",
	} {
		checkMessage(t, text, CheckComment(text), part)
	}
}

func TestCheckLogPrefix(t *testing.T) {
	for text, part := range map[string]string{
		"":                      "empty",
		"in-ssh:":               "",
		strings.Repeat("x", 29): "",
		strings.Repeat("x", 30): "30 bytes; iptables keeps 29",
	} {
		checkMessage(t, text, CheckLogPrefix(text), part)
	}
}

func TestParseStrict(t *testing.T) {
	for text, part := range map[string]string{
		"-p tcp --dport 22 -m comment --comment \"a\tb\"":           "control character",
		"-p tcp\t--dport 22 -m comment --comment \"a b\" -j ACCEPT": "",
		"-m comment --comment " + strings.Repeat("x", 256):          "of which iptables keeps 255",
		"-j LOG --log-prefix " + strings.Repeat("x", 30):            "of which iptables keeps 29",
		"-p udp --dport 65616":                                      "would take 65616 for 80",
		"-p udp --dport 0080":                                       "",
		"-m length --length \"\"":                                   "bad value",
		"-p udp --dport \"\"":                                       "no such port",
		"-p tcp ! --dport 0:65535":                                  "which is another rule",
		"! -i +":                                                    "",
		"-m comment --comment \xc3":                                 "not UTF-8",
		"-m comment --comment a\rb":                                 "a line break",
		"-p tcp --dprt 22":                                          "did you mean",
	} {
		_, err := ParseStrict(IPv4, "filter", text)
		checkMessage(t, text, err, part)
	}
}

func checkMessage(t *testing.T, text string, err error, part string) {
	t.Helper()
	switch {
	case part == "" && err != nil:
		t.Errorf("%q: %v", text, err)
	case part != "" && (err == nil || !strings.Contains(err.Error(), part)):
		t.Errorf("%q: %q is not said: %v", text, part, err)
	}
}

func TestCertain(t *testing.T) {
	for text, want := range map[string]bool{
		"-p tcp --dport 22 -j ACCEPT":         true,
		"-m owner --uid-owner root -j ACCEPT": true,
		"-m owner --uid-owner gitlab-runner":  false,
		"-m owner --gid-owner 100-200":        true,
		"-m realm --realm cosmos":             true,
		"-m realm --realm mine":               false,
		"-m geoip --src-cc CN -j DROP":        false,
		"-j TARPIT --tarpit":                  false,
		"-j MYCHAIN":                          true,
		"-m connlabel --label 5":              true,
		"-m connlabel --label eth0":           false,
	} {
		rules, err := ParseSpec(IPv4, "", text)
		if err != nil || rules[0].Certain() != want {
			t.Errorf("%s: certain should be %v (%v)", text, want, err)
		}
	}
}

func TestCheckInChain(t *testing.T) {
	for line, part := range map[string]string{
		"-A OUTPUT -i eth0":                                            `position 11, "-i": -i does not work in OUTPUT`,
		"-A MINE -i eth0 -o eth1":                                      "",
		"-t nat -A PREROUTING -o eth0":                                 "-o does not work in PREROUTING",
		"-t nat -A INPUT -j DNAT --to-destination 10.0.0.1":            "-j DNAT works in chain PREROUTING or OUTPUT only",
		"-A INPUT -j MASQUERADE":                                       "does not work in table filter",
		"-t nat -A INPUT -j DROP":                                      "does not work in table nat",
		"-A INPUT -m owner --uid-owner 0":                              `"-m": -m owner works in chain OUTPUT or POSTROUTING only`,
		"-A INPUT -m policy --dir out --pol ipsec":                     "--dir out does not work in chain INPUT",
		"-A OUTPUT -m policy --dir out --pol ipsec":                    "",
		"-A OUTPUT -m addrtype --src-type LOCAL --limit-iface-in":      "--limit-iface-in does not work in chain OUTPUT",
		"-A OUTPUT -m physdev --physdev-out eth0":                      "--physdev-out does not work in chain OUTPUT without --physdev-is-bridged",
		"-A OUTPUT -m physdev ! --physdev-is-bridged --physdev-is-out": "--physdev-is-out does not work in chain OUTPUT",
		"-A OUTPUT -m physdev --physdev-is-bridged --physdev-out eth0": "",
		"-A OUTPUT -m physdev --physdev-in eth0":                       "",
		"ip6tables -A OUTPUT -m eui64":                                 "-m eui64 works in chain",
	} {
		_, _, err := ParseLine(line)
		checkMessage(t, line, err, part)
	}
}

func TestLines(t *testing.T) {
	for _, line := range []string{
		"iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT",
		"ip6tables -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination [2001:db8::1]:8080",
		"iptables -A MINE",
	} {
		id, r, err := ParseLine(line)
		if err != nil || id.Line(r, Reference) != line {
			t.Errorf("%s comes back as %s, %v", line, id.Line(r, Reference), err)
		}
	}
	if id, r, err := ParseLine("-A INPUT -j ACCEPT"); err != nil || id.Line(r, Reference) != "iptables -A INPUT -j ACCEPT" {
		t.Errorf("a line without a command: %v %v %v", id, r, err)
	}
	id, policy, err := ParsePolicyLine("ip6tables -P INPUT DROP")
	if err != nil || id.PolicyLine(policy) != "ip6tables -P INPUT DROP" {
		t.Errorf("a policy: %v %v %v", id, policy, err)
	}
	for line, part := range map[string]string{
		"":                              "the chain is missing",
		"-A":                            "needs a value",
		"-t bogus -A X":                 "no such table",
		"-A INPUT -s 10.0.0.1,10.0.0.2": "makes 2 rules",
		"-P INPUT DROP":                 "not a rule (expected -A CHAIN",
		"-A " + strings.Repeat("x", 29): "at most 28 bytes",
		"iptables -p tcp":               "the chain is missing",
		"-A INPUT --comment":            "unknown option --comment: it belongs to -m comment",
	} {
		_, _, err := ParseLine(line)
		checkMessage(t, line, err, part)
	}
	for line, part := range map[string]string{
		"-P INPUT REJECT": "not a policy", "-P MINE DROP": "only a built-in chain", "-A INPUT": "not a policy",
	} {
		_, _, err := ParsePolicyLine(line)
		checkMessage(t, line, err, part)
	}
}
