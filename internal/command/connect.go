package command

import (
	"context"
	"fmt"
	"io"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
	"github.com/vpsfirewall/terraform-provider-iptables/resources"
)

// hostUsage is what every command that reaches hosts says about them.
func hostUsage() string {
	var line provider.CommandLine
	return `A HOST is what the attribute "host" of a resource says: an address, user@address:port, with --ssh-config
an alias of ~/.ssh/config, or "local". How to log in is said by flags, or by the environment as for the
provider; secrets (IPTABLES_SSH_PRIVATE_KEY, IPTABLES_SSH_PASSWORD, IPTABLES_SUDO_PASSWORD and their like) by
the environment only:

` + line.Usage()
}

// connect finds a host; what its configuration makes doubtful is told.
func connect(line *provider.CommandLine, name string, stderr io.Writer) (*resources.Host, error) {
	host, err := line.Host(name)
	if err != nil {
		return nil, err
	}
	for _, w := range host.Warnings {
		fmt.Fprintf(stderr, "%s: %s\n", printable(name), printable(w))
	}
	return host, nil
}

// snapshot reads a host over one login, and lets it go.
func snapshot(ctx context.Context, line *provider.CommandLine, name string, stderr io.Writer) (*firewall.Snapshot, error) {
	host, err := connect(line, name, stderr)
	if err != nil {
		return nil, err
	}
	s, err := host.Snapshot(ctx)
	if closing := host.Close(); err == nil && closing != nil {
		err = closing
	}
	return s, err
}
