package provider

import (
	"fmt"
	"strconv"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// options are how changes are made. Some of firewall's differ from host to host: hostSettings.
type options struct {
	firewall       firewall.Options
	refuseExisting bool
	connections    int
}

// maxConnections is the most that max_connections can be.
const maxConnections = 10_000

// optionSettings are attributes of the provider itself.
var optionSettings = []setting[options]{
	{
		name: "rollback_timeout", environment: "IPTABLES_ROLLBACK_TIMEOUT", duration: true,
		description: "How long a host waits, after a change is in, for the new login that confirms it; then it takes the change back by itself. " +
			"Default `30s`.",
		set: func(o *options, v string) error { return setDuration(&o.firewall.RollbackTimeout, v) },
	},
	{
		name: "lock_timeout", environment: "IPTABLES_LOCK_TIMEOUT", duration: true,
		description: "How long to wait while another run changes the same host. Default `60s`.",
		set:         func(o *options, v string) error { return setDuration(&o.firewall.LockTimeout, v) },
	},
	{
		name: "lockout_protection", environment: "IPTABLES_LOCKOUT_PROTECTION", kind: truth,
		description: "Whether a change is refused that would certainly drop the SSH connection by which it is made. Default `true`. With `false` it " +
			"is applied, and the host takes it back after `rollback_timeout` unless a new login gets through.",
		set: func(o *options, v string) error {
			protect, err := strconv.ParseBool(v)
			o.firewall.NoGuard = !protect
			return err
		},
	},
	{
		name: "on_existing", environment: "IPTABLES_ON_EXISTING", oneOf: []string{"adopt", "error"},
		description: "What to do where a resource to be created is on the host already, to the letter: `adopt` (the default) takes it over, with a " +
			"warning in the plan that names the lines; `error` refuses and prints the import command.",
		set: func(o *options, v string) error { o.refuseExisting = v == "error"; return nil },
	},
	{
		name: "max_connections", environment: "IPTABLES_MAX_CONNECTIONS", kind: number,
		description: "How many hosts may be connected at once; a connection that is not in use is closed when another host needs its place. " +
			"Default `" + strconv.Itoa(sshexec.DefaultConnections) + "`, or less where the machine that runs Terraform allows fewer files (`ulimit -n`): a host " +
			"needs up to two. Hosts behind a bastion share one connection to it. Logins to one address are paced in any case (at most " +
			"`" + strconv.Itoa(sshexec.DefaultLogins) + "` at once, fewer while sshd drops some of them).",
		set: func(o *options, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > maxConnections {
				return fmt.Errorf("%q is no number of connections: it is 1 to %d", v, maxConnections)
			}
			o.connections = n
			return nil
		},
	},
}

// hostSettings are attributes of the provider, for all hosts, and of an entry of `hosts`.
var hostSettings = []setting[firewall.Options]{
	{
		name: "backend", environment: "IPTABLES_BACKEND", oneOf: []string{"auto", "nft", "legacy"},
		description: "Which iptables to use: `auto` (the default) is whatever `iptables` is there, `nft` is `iptables-nft`, `legacy` is " +
			"`iptables-legacy`. One host has one backend; rules that the other one has are in force too, and are shown as a warning.",
		set: func(o *firewall.Options, v string) error { o.Backend = v; return nil },
	},
	{
		name: "persist", environment: "IPTABLES_PERSIST", oneOf: []string{"auto", "none"},
		description: "Whether the firewall is saved for the next boot once a change was confirmed: `auto` (the default) saves where the host has a " +
			"place for it (iptables-persistent, iptables-services and their kin, or an `iptables_persistence`), and warns where it has none; " +
			"`none` leaves its files alone.",
		set: func(o *firewall.Options, v string) error { o.NoSave = v == "none"; return nil },
	},
}
