package provider

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A kind is the type of a setting's attribute.
type kind uint8

const (
	text kind = iota
	number
	truth
	paths // a list of paths
)

// A setting is one thing that the provider's configuration, an entry of `hosts` or the
// environment says. T is what it is put into.
type setting[T any] struct {
	name        string
	environment string
	kind        kind
	sensitive   bool
	description string
	oneOf       []string
	duration    bool
	// set puts a value, as text, where it belongs; lists are joined as in PATH.
	set func(*T, string) error
}

// A draft is the configuration of a host in the making. Its bastion counts if it gets an address.
type draft struct {
	host, bastion sshexec.Config
}

// sshSettings are the attributes of `ssh`, named as in Terraform's own `connection` block
// where that has them.
var sshSettings = []setting[draft]{
	{
		name: "user", environment: "IPTABLES_SSH_USER",
		description: "User to log in as. Default `root`.",
		set:         func(d *draft, v string) error { d.host.User = v; return nil },
	},
	{
		name: "port", environment: "IPTABLES_SSH_PORT", kind: number,
		description: "Port of sshd. Default `22`.",
		set:         func(d *draft, v string) error { return setPort(&d.host.Port, v) },
	},
	{
		name: "private_key", environment: "IPTABLES_SSH_PRIVATE_KEY", sensitive: true,
		description: "Private key as PEM text, for instance `file(\"~/.ssh/id_ed25519\")` or an ephemeral value from a vault.",
		set:         func(d *draft, v string) error { d.host.PrivateKey = sshexec.NewSecret(v); return nil },
	},
	{
		name: "private_key_file", environment: "IPTABLES_SSH_PRIVATE_KEY_FILE",
		description: "Path of a private key where Terraform runs; read when a host is first reached. `~/` is the home directory.",
		set:         func(d *draft, v string) error { d.host.PrivateKeyFile = v; return nil },
	},
	{
		name: "passphrase", environment: "IPTABLES_SSH_PASSPHRASE", sensitive: true,
		description: "Passphrase of `private_key` and `private_key_file`.",
		set:         func(d *draft, v string) error { d.host.Passphrase = sshexec.NewSecret(v); return nil },
	},
	{
		name: "certificate", environment: "IPTABLES_SSH_CERTIFICATE",
		description: "Certificate for the key, signed by the CA that the hosts trust: its text or the path of its file.",
		set:         func(d *draft, v string) error { d.host.Certificate = v; return nil },
	},
	{
		name: "password", environment: "IPTABLES_SSH_PASSWORD", sensitive: true,
		description: "Password to log in with, tried after all keys (methods `password` and `keyboard-interactive`).",
		set:         func(d *draft, v string) error { d.host.Password = sshexec.NewSecret(v); return nil },
	},
	{
		name: "agent", environment: "IPTABLES_SSH_AGENT", kind: truth,
		description: "Whether to use the keys of the SSH agent. Default: where there is an agent and neither a key nor a password is given.",
		set:         func(d *draft, v string) (err error) { d.host.Agent, err = strconv.ParseBool(v); return err },
	},
	{
		name: "agent_socket", environment: "IPTABLES_SSH_AGENT_SOCKET",
		description: "Socket of the agent. Default `$SSH_AUTH_SOCK`.",
		set:         func(d *draft, v string) error { d.host.AgentSocket = v; return nil },
	},
	{
		name: "agent_identity", environment: "IPTABLES_SSH_AGENT_IDENTITY",
		description: "Which of the agent's keys to use: its public key, its fingerprint (`SHA256:...`), its comment, or the path of its file. " +
			"Default: all, of which no more than six are offered, since sshd then hangs up.",
		set: func(d *draft, v string) error { d.host.AgentIdentity = v; return nil },
	},
	{
		name: "host_key", environment: "IPTABLES_SSH_HOST_KEY",
		description: "The host's public key, as `ssh-keyscan` prints it, one or more lines; with `@cert-authority` in front, the CA that " +
			"signed it. `known_hosts` files are then not looked at.",
		set: func(d *draft, v string) error { d.host.HostKey = v; return nil },
	},
	{
		name: "known_hosts_files", environment: "IPTABLES_SSH_KNOWN_HOSTS_FILES", kind: paths,
		description: "Files in which host keys are looked up. Default `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`. In the environment " +
			"variable they are separated by `:`.",
		set: func(d *draft, v string) error { d.host.KnownHostsFiles = filepath.SplitList(v); return nil },
	},
	{
		name: "host_key_policy", environment: "IPTABLES_SSH_HOST_KEY_POLICY", oneOf: []string{"strict", "accept-new", "insecure"},
		description: "What happens with a host key that is not known: `strict` (the default) refuses, `accept-new` accepts and records it in the " +
			"first of `known_hosts_files`, `insecure` accepts any key, even a changed one, and warns.",
		set: func(d *draft, v string) error { d.host.HostKeyPolicy = sshexec.HostKeyPolicy(v); return nil },
	},
	{
		name: "bastion_host", environment: "IPTABLES_SSH_BASTION_HOST",
		description: "Host to go through. Longer chains of hosts: `ssh_config` with `ProxyJump`.",
		set:         func(d *draft, v string) error { d.bastion.Address = v; return nil },
	},
	{
		name: "bastion_user", environment: "IPTABLES_SSH_BASTION_USER",
		description: "User on the bastion. Default: `user`.",
		set:         func(d *draft, v string) error { d.bastion.User = v; return nil },
	},
	{
		name: "bastion_port", environment: "IPTABLES_SSH_BASTION_PORT", kind: number,
		description: "Port of sshd on the bastion. Default `22`.",
		set:         func(d *draft, v string) error { return setPort(&d.bastion.Port, v) },
	},
	{
		name: "bastion_private_key", environment: "IPTABLES_SSH_BASTION_PRIVATE_KEY", sensitive: true,
		description: "Private key for the bastion as PEM text. Default, where none of the `bastion_` keys and passwords is given: the key or agent that is used for the host.",
		set:         func(d *draft, v string) error { d.bastion.PrivateKey = sshexec.NewSecret(v); return nil },
	},
	{
		name: "bastion_private_key_file", environment: "IPTABLES_SSH_BASTION_PRIVATE_KEY_FILE",
		description: "Path of the private key for the bastion.",
		set:         func(d *draft, v string) error { d.bastion.PrivateKeyFile = v; return nil },
	},
	{
		name: "bastion_passphrase", environment: "IPTABLES_SSH_BASTION_PASSPHRASE", sensitive: true,
		description: "Passphrase of the bastion's key.",
		set:         func(d *draft, v string) error { d.bastion.Passphrase = sshexec.NewSecret(v); return nil },
	},
	{
		name: "bastion_certificate", environment: "IPTABLES_SSH_BASTION_CERTIFICATE",
		description: "Certificate of the bastion's key: its text or the path of its file.",
		set:         func(d *draft, v string) error { d.bastion.Certificate = v; return nil },
	},
	{
		name: "bastion_password", environment: "IPTABLES_SSH_BASTION_PASSWORD", sensitive: true,
		description: "Password on the bastion. Default: none; that of the host is not offered to it, since a bastion learns what it is offered.",
		set:         func(d *draft, v string) error { d.bastion.Password = sshexec.NewSecret(v); return nil },
	},
	{
		name: "bastion_host_key", environment: "IPTABLES_SSH_BASTION_HOST_KEY",
		description: "The bastion's public key; see `host_key`. Default: it is looked up in `known_hosts_files`.",
		set:         func(d *draft, v string) error { d.bastion.HostKey = v; return nil },
	},
	{
		name: "ssh_config", environment: "IPTABLES_SSH_CONFIG", kind: truth,
		description: "Whether the program `ssh` resolves hosts as it does for itself (`ssh -G`): aliases, `ProxyJump`, identities, users and ports " +
			"of `~/.ssh/config`. What is set here wins over it. Default `false`.",
		set: func(d *draft, v string) (err error) { d.host.SSHConfig, err = strconv.ParseBool(v); return err },
	},
	{
		name: "ssh_config_file", environment: "IPTABLES_SSH_CONFIG_FILE",
		description: "The file for `ssh_config`. Default: those that `ssh` reads by itself.",
		set:         func(d *draft, v string) error { d.host.SSHConfigFile = v; return nil },
	},
	{
		name: "timeout", environment: "IPTABLES_SSH_TIMEOUT", duration: true,
		description: "How long a login may take in all: name, TCP, handshake and authentication, bastions included. Default `30s`.",
		set:         func(d *draft, v string) error { return setDuration(&d.host.Timeout, v) },
	},
	{
		name: "keepalive", environment: "IPTABLES_SSH_KEEPALIVE", duration: true,
		description: "How often a connection is asked for a sign of life; after three without an answer it is closed. Default `15s`.",
		set:         func(d *draft, v string) error { return setDuration(&d.host.Keepalive, v) },
	},
}

// rootSettings are about becoming root. They stand beside `ssh` in the provider, since they
// count for `host = "local"` too.
var rootSettings = []setting[draft]{
	{
		name: "privilege", environment: "IPTABLES_PRIVILEGE", oneOf: []string{"auto", "none", "sudo", "doas"},
		description: "How to become root: `auto` (the default: root as it is, else `sudo`, else `doas`), `none`, `sudo` or `doas`.",
		set:         func(d *draft, v string) error { d.host.Privilege = sshexec.Privilege(v); return nil },
	},
	{
		name: "sudo_password", environment: "IPTABLES_SUDO_PASSWORD", sensitive: true,
		description: "Password for `sudo`, where it asks for one. It never stands in an argument list or in the environment of the host.",
		set:         func(d *draft, v string) error { d.host.SudoPassword = sshexec.NewSecret(v); return nil },
	},
}

func setPort(port *int, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q is not a port: ports are 1 to 65535", v)
	}
	*port = n
	return nil
}

func setDuration(d *time.Duration, v string) (err error) {
	*d, err = parseDuration(v)
	return err
}

// parseDuration reads "30s" or "2m"; a number without a unit is seconds.
func parseDuration(v string) (time.Duration, error) {
	if _, err := strconv.Atoi(v); err == nil {
		v += "s"
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration: write it as \"30s\" or \"2m\"", v)
	}
	return d, nil
}
