package main

import (
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
)

// workspace is a folder of that name with a configuration.
func (st stage) workspace(name string, configuration fs.FS, variables any) (*cli.Workspace, error) {
	return cli.New(st.terraform, st.folder, filepath.Join(st.folder, name), configuration, variables)
}

// block is the part of a plan that is about one resource.
func block(plan, address string) string {
	_, rest, found := strings.Cut(plan, "  # "+address+" ")
	body, _, closed := strings.Cut(rest, "\n    }\n")
	if !found || !closed {
		return ""
	}
	return "  # " + address + " " + body + "\n    }"
}

// summary is the line of a plan or an apply that counts.
func summary(output, begins string) string {
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, begins) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
