package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// difference says in what a host's listing differs from the lines that its resources show; "" where it does not. Each
// line that is shown is on the host once, and what else the host lists are policies of chains that nobody touched.
func difference(live fleet.Saved, shown []string) string {
	var lines []string
	add := func(command, listing string) {
		for line := range strings.Lines(listing) {
			lines = append(lines, command+" "+strings.TrimSpace(line))
		}
	}
	add("iptables", live.IPv4)
	add("ip6tables", live.IPv6)
	for _, line := range shown {
		i := slices.Index(lines, line)
		if i < 0 {
			return fmt.Sprintf("the host does not list %q", line)
		}
		lines = slices.Delete(lines, i, i+1)
	}
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) != 4 || words[1] != "-P" || words[2] == "INPUT" || words[3] != "ACCEPT" {
			return fmt.Sprintf("the host also lists %q", line)
		}
	}
	return ""
}

// failed is what a run of Terraform printed if it did not succeed, else "".
func failed(status int, output string) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf("terraform ended with status %d:\n%s", status, output)
}

// withoutRefresh leaves out the lines that say which resource is being read.
func withoutRefresh(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if !strings.Contains(line, ": Refreshing state... [") && !strings.HasSuffix(line, ": Refreshing state...\n") {
			b.WriteString(line)
		}
	}
	return strings.TrimLeft(b.String(), "\n")
}

func readFile(folder, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	return string(text), err
}
