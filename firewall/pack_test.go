package firewall

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

func TestPacked(t *testing.T) {
	const body = "read -r first\necho \"$first\"\nwc -l\nexit 7\n"
	all := Facts{Tools: []string{"gunzip", "base64"}}
	rules := strings.Repeat("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", 1000)
	tests := []struct {
		name   string
		facts  Facts
		input  string
		packed bool
	}{
		{"large", all, rules, true},
		{"small", all, rules[:worthPacking-1], false},
		{"with a NUL", all, rules + "\x00", false},
		{"no gunzip", Facts{Tools: []string{"base64"}}, rules, false},
		{"no base64", Facts{Tools: []string{"gunzip"}}, rules, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script := test.facts.packed(sshexec.Script{Body: body, Input: []byte(test.input)})
			if packed := len(script.Input) < len(test.input); packed != test.packed {
				t.Errorf("%d bytes became %d", len(test.input), len(script.Input))
			}
			run := func(body, input string) (string, int) {
				cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", body)
				cmd.Stdin = strings.NewReader(input)
				out, _ := cmd.CombinedOutput() // its exit status is compared
				return string(out), cmd.ProcessState.ExitCode()
			}
			out, exit := run(script.Body, string(script.Input))
			if want, status := run(body, test.input); out != want || exit != status {
				t.Errorf("exit status %d, %q", exit, out)
			}
		})
	}
}
