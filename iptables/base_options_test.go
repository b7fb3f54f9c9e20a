package iptables

import (
	"strings"
	"testing"
)

// TestCommandOptions reads words that the command takes beside a rule, and iptables-restore not.
func TestCommandOptions(t *testing.T) {
	for words, refusal := range map[string]string{
		"-w -p tcp":        "",
		"-w 5 -p tcp":      "",
		"-w5x -p tcp":      "",
		"-vw 0x5 -p tcp":   "",
		"--wait=5 -p tcp":  "",
		"! -w -p tcp":      "",
		"-W 5 -p tcp -w":   "",
		"-c -1 2x -p tcp":  "",
		"-c 1,2 -p tcp":    "",
		"-w x":             `"-w": -w: bad value`,
		"--wait=x":         "--wait: bad value",
		"-w 5 6":           `"6": this word belongs to no option`,
		"-W 5":             "-W needs -w",
		"-w -W":            "option -W needs a value",
		"! -v":             "! cannot stand before -v",
		"-c x 1":           "expected two numbers",
		"-c 1":             "needs a packet and a byte counter",
		"-c 1 -p tcp":      "needs a packet and a byte counter",
		"--source=1.2.3.4": "ipv4 address",
	} {
		rules, err := ParseArgs(IPv4, "filter", strings.Fields(words))
		switch {
		case refusal == "" && (err != nil || len(rules) != 1 || rules[0].Spec(Reference) != "-p tcp"):
			t.Errorf("%s: %v, %v", words, rules, err)
		case refusal != "" && (err == nil || !strings.Contains(err.Error(), refusal)):
			t.Errorf("%s: %q is not said: %v", words, refusal, err)
		}
	}
	if _, err := ParseSpec(IPv4, "filter", "-w 5 -p tcp"); err == nil {
		t.Error("iptables-restore refuses -w")
	}
}
