package resources

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// Hosts are what the provider hands to its resources: the hosts of one configuration, and
// what must be known across resources. Resources come and go with every call; this stays.
type Hosts struct {
	// Resolve finds the host that an attribute `host` names. last is where the host of that
	// name was when the state was written; zero where there is no state. It does no I/O.
	// The error is an *UnknownError where the configuration is not complete yet.
	Resolve func(name string, last Endpoint) (*Host, error)
	// RefuseExisting makes a plan fail that would take over lines which are there already.
	RefuseExisting bool

	claims firewall.Claims
	known  known
	warned sync.Once
}

// A Host is a host of the configuration.
type Host struct {
	*firewall.Host
	Endpoint Endpoint
	// Warnings are about the configuration of this host, such as an unchecked host key.
	Warnings []string

	told sync.Once
}

// An UnknownError is a host that cannot be reached yet, because part of the provider's
// configuration is known only after apply.
type UnknownError struct {
	Host      string
	Attribute string // "ssh.private_key"
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("reaching host %s: the provider's %s is known only after apply", e.Host, e.Attribute)
}

// A HostError is a text that names no host, or a configuration of a host that cannot work.
type HostError struct {
	Host string
	Err  error
}

func (e *HostError) Error() string { return fmt.Sprintf("host %q: %v", e.Host, e.Err) }

func (e *HostError) Unwrap() error { return e.Err }

// key is what claims call the host.
func (h *Host) key() string { return fmt.Sprintf("%p", h) }

// skipped warns, once for all hosts, that hosts are not read.
func (h *Hosts) skipped(why *UnknownError, diags *diag.Diagnostics) {
	h.warned.Do(func() {
		diags.AddWarning("Hosts are not read yet",
			printable(fmt.Sprintf("The provider's %s is known only after apply, so host %s (and others like it) could not be asked what it has. "+
				"The plan goes by the state.", why.Attribute, why.Host)))
	})
}
