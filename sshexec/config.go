package sshexec

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Defaults of a [Config].
const (
	DefaultPort        = 22
	DefaultUser        = "root"
	DefaultTimeout     = 30 * time.Second
	DefaultKeepalive   = 15 * time.Second
	DefaultIdleTimeout = 2 * time.Minute
)

// A HostKeyPolicy says what happens with a host key that no known_hosts file holds. A key
// that differs from a known one is refused by all but [Insecure].
type HostKeyPolicy string

// The policies. The zero value is [Strict].
const (
	Strict    HostKeyPolicy = "strict"     // refuse
	AcceptNew HostKeyPolicy = "accept-new" // accept, and record it in the first known_hosts file
	Insecure  HostKeyPolicy = "insecure"   // accept any key, even a changed one
)

// A Privilege is a way to become root.
type Privilege string

// The ways. The zero value is [Auto].
const (
	Auto Privilege = "auto" // root as it is, else sudo, else doas
	None Privilege = "none" // scripts run as the user who logs in
	Sudo Privilege = "sudo"
	Doas Privilege = "doas"
)

// A Config says how to reach a host and who to be there. Its zero value with an Address is
// root at port 22, with the keys of the agent at $SSH_AUTH_SOCK only if Agent is set.
type Config struct {
	Name    string // what messages call the host; default: Address
	Address string // host name or IP address; with SSHConfig, an alias
	Port    int    // default 22
	User    string // default root; with SSHConfig, what that says

	// Credentials are tried in this order, each key once: PrivateKey, PrivateKeyFile, keys
	// named by ssh_config, keys of the agent; then Password.
	PrivateKey     Secret // PEM text
	PrivateKeyFile string
	Passphrase     Secret // of PrivateKey and PrivateKeyFile
	Certificate    string // of the key or of a key in the agent: its text, or a file's path
	Agent          bool
	AgentSocket    string // default $SSH_AUTH_SOCK
	// AgentIdentity chooses one key of the agent: its public key, its fingerprint
	// ("SHA256:..."), its comment, or the path of the key's file.
	AgentIdentity string
	Password      Secret // for the methods password and keyboard-interactive

	// HostKey pins the host's key; known_hosts files are then not looked at. One or more lines
	// of "ssh-ed25519 AAAA...", as ssh-keyscan prints them, or with "@cert-authority" in front.
	HostKey string
	// KnownHostsFiles default to ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts. A file that
	// does not exist is an empty one.
	KnownHostsFiles []string
	HostKeyPolicy   HostKeyPolicy

	Bastion *Config // the host to go through; it may have a bastion itself

	// SSHConfig lets the program ssh resolve Address as an alias (ssh -G). Fields that are set
	// here win over it.
	SSHConfig     bool
	SSHConfigFile string // default: the files that ssh reads by itself

	// Timeout bounds a dial: resolving, TCP, handshake and authentication of this host and of
	// the bastions before it, together. Default 30 s.
	Timeout time.Duration
	// Keepalive is how often a connection is asked for a sign of life; it is closed after
	// three without an answer. Default 15 s; negative means never.
	Keepalive time.Duration
	// IdleTimeout is after how long without a script a connection is closed (the next script
	// opens another). Default 2 min; negative means never.
	IdleTimeout time.Duration

	Privilege    Privilege
	SudoPassword Secret

	// Pool is shared by the clients of a process: it paces dials to one address and lets them
	// share connections to bastions. It may be nil.
	Pool *Pool

	// What only ssh_config says.
	hostKeyAlias   string   // the name to look up in known_hosts
	identityFiles  []string // keys that need not exist
	certFiles      []string // certificates that need not exist
	identitiesOnly bool     // of the agent's keys, only those of identityFiles
	jumps          int      // how many ProxyJumps led here
}

// Warnings returns what a person should be told about the configuration.
func (c Config) Warnings() []string {
	var warnings []string
	for hop := &c; hop != nil; hop = hop.Bastion {
		if hop.HostKeyPolicy == Insecure && hop.HostKey == "" {
			warnings = append(warnings, fmt.Sprintf("the host key of %s is not checked (host_key_policy = \"insecure\"): "+
				"whoever answers at that address gets the scripts, and the password if there is one", hop.label()))
		}
	}
	return warnings
}

// Validate reports the first thing in the configuration that cannot work, without I/O.
func (c Config) Validate() error {
	for hop, depth := &c, 0; hop != nil; hop, depth = hop.Bastion, depth+1 {
		if depth > maxHops {
			return &ConfigError{Host: c.label(), Field: "bastion", Err: fmt.Errorf("more than %d hosts in a row", maxHops)}
		}
		if err := hop.validateHop(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) validateHop() error {
	fail := func(field, format string, args ...any) error {
		return &ConfigError{Host: c.label(), Field: field, Err: fmt.Errorf(format, args...)}
	}
	switch {
	case c.Address == "":
		return fail("address", "no address")
	case strings.HasPrefix(c.Address, "-"), strings.ContainsFunc(c.Address, notInAddress):
		return fail("address", "%q is no host name or IP address", c.Address)
	case c.Port < 0 || c.Port > 65535:
		return fail("port", "%d is not between 1 and 65535", c.Port)
	case strings.HasPrefix(c.User, "-"), strings.ContainsAny(c.User, "\x00\r\n"):
		return fail("user", "%q is no user name", c.User)
	}
	switch c.HostKeyPolicy {
	case "", Strict, AcceptNew, Insecure:
	default:
		return fail("host_key_policy", "%q is none of strict, accept-new, insecure", string(c.HostKeyPolicy))
	}
	switch c.Privilege {
	case "", Auto, None, Sudo, Doas:
	default:
		return fail("privilege", "%q is none of auto, none, sudo, doas", string(c.Privilege))
	}
	if strings.ContainsAny(c.SudoPassword.Reveal(), "\x00\r\n") {
		return fail("sudo_password", "it contains a line break")
	}
	if c.HostKey != "" {
		if _, err := parsePinnedKeys(c.HostKey); err != nil {
			return fail("host_key", "%w", err)
		}
	}
	return nil
}

func notInAddress(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("/@,'\"\\", r) }

// label is what messages call the host.
func (c *Config) label() string { return cmp.Or(c.Name, c.Address, "(no address)") }

// endpoint is host:port as net.Dial takes it.
func (c *Config) endpoint() string {
	return net.JoinHostPort(strings.Trim(c.Address, "[]"), strconv.Itoa(cmp.Or(c.Port, DefaultPort)))
}

func (c *Config) user() string { return cmp.Or(c.User, DefaultUser) }

func (c *Config) timeout() time.Duration { return cmp.Or(max(c.Timeout, 0), DefaultTimeout) }

// maxHops bounds a chain of bastions, so that a loop in ssh_config ends.
const maxHops = 8
