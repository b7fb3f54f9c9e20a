package sshexec

import (
	"fmt"
	"strings"
)

// A ConfigError is a field of a [Config] that cannot work: a key that is no key, a passphrase
// that does not fit, a file that cannot be read. The host was not asked.
type ConfigError struct {
	Host  string
	Field string // as the provider's attribute is called: "private_key"
	Err   error
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("connecting to host %s: %s: %v", e.Host, e.Field, e.Err)
}

func (e *ConfigError) Unwrap() error { return e.Err }

// A DialKind says how far a dial came.
type DialKind uint8

// The kinds of a [DialError].
const (
	Failed      DialKind = iota // for a reason that only the cause tells
	Unresolved                  // the name has no address
	Refused                     // the host answered that nothing listens at the port
	Unreachable                 // the network answered that there is no way
	TimedOut                    // nobody answered in time
	Throttled                   // sshd hung up before it said who it is, more than once
	NotSSH                      // something else than sshd answers at the port
	Canceled                    // the caller's context ended
	Exhausted                   // this machine has no file descriptor left for it
)

// A DialError is a connection that did not come about, for a reason other than keys and
// credentials. Nothing was run on the host.
type DialError struct {
	Host     string
	Address  string // the last address tried, with its port
	User     string
	Via      string // the bastion, if any
	Kind     DialKind
	Stage    string // what was being done: "resolving", "TCP", "handshake", "authentication"
	Attempts int
	Said     string // what the peer said in place of SSH, made printable
	Err      error
}

func (e *DialError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "connecting to host %s (%s as %s)", e.Host, e.Address, e.User)
	if e.Via != "" {
		fmt.Fprintf(&b, " through %s", e.Via)
	}
	b.WriteString(": ")
	switch e.Kind {
	case Unresolved:
		fmt.Fprintf(&b, "%v; check the spelling of the address, and DNS or /etc/hosts where Terraform runs", e.Err)
	case Refused:
		fmt.Fprintf(&b, "%v: the host is there but nothing listens at this port; check the port and that sshd runs", e.Err)
	case TimedOut:
		fmt.Fprintf(&b, "no answer (%s): %v; the host is down, the address is wrong, or a firewall drops the packets", e.Stage, e.Err)
	case Throttled:
		fmt.Fprintf(&b, "sshd hung up before the handshake was done, %d times in a row (%v); "+
			"it may be throttling this address (MaxStartups, PerSourcePenalties, fail2ban): wait, or connect less often", e.Attempts, e.Err)
	case Exhausted:
		fmt.Fprintf(&b, "%v where Terraform runs; raise the limit (ulimit -n), or lower max_connections, of which each needs up to two", e.Err)
	case NotSSH:
		b.WriteString("what answers there is not an SSH server; check the port")
	default:
		fmt.Fprintf(&b, "%v", e.Err)
	}
	if e.Said != "" {
		fmt.Fprintf(&b, "; it said: %s", e.Said)
	}
	return b.String()
}

func (e *DialError) Unwrap() error { return e.Err }

// A HostKeyKind says what is wrong with a host key.
type HostKeyKind uint8

// The kinds of a [HostKeyError].
const (
	KeyUnknown     HostKeyKind = iota // no file knows a key of this host
	KeyChanged                        // the host has another key than the known one
	KeyRevoked                        // the key is marked @revoked
	KeyWeak                           // it signs by SHA-1 only, which can be forged
	KeyCertificate                    // its certificate is not valid: expired, or for another name
)

// A KnownKey is a host key that is on record.
type KnownKey struct {
	Algorithm   string
	Fingerprint string // "SHA256:..."
	Where       string // "/root/.ssh/known_hosts:3", "host_key"
}

// A HostKeyError is a host that did not prove who it is. Nothing was sent to it, not even a
// user name.
type HostKeyError struct {
	Host    string
	Address string
	User    string
	Kind    HostKeyKind
	// Algorithm and Fingerprint are of the key that the host offered; Fingerprint is empty
	// where it offered none of a known type (Algorithm then lists the types it has).
	Algorithm, Fingerprint string
	// Known holds the keys that it should have had, or the line that revokes it.
	Known []KnownKey
	Files []string // where was looked
	Err   error
}

func (e *HostKeyError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "connecting to host %s (%s as %s): ", e.Host, e.Address, e.User)
	offered := strings.TrimSpace(e.Algorithm + " " + e.Fingerprint)
	switch e.Kind {
	case KeyUnknown:
		fmt.Fprintf(&b, "the host key %s is not known", offered)
		if len(e.Files) > 0 {
			fmt.Fprintf(&b, " (looked in %s)", strings.Join(e.Files, ", "))
		}
		b.WriteString("; compare the fingerprint with the host's console, then set host_key, or add it to known_hosts, " +
			"or set host_key_policy = \"accept-new\"")
	case KeyChanged:
		fmt.Fprintf(&b, "the host offers the key %s, but known is %s; either the host was reinstalled, and the "+
			"old line has to go, or someone is in between", offered, knownKeys(e.Known))
	case KeyWeak:
		fmt.Fprintf(&b, "the host proves its key %s by ssh-rsa (SHA-1) only, which can be forged; its sshd is too old (before OpenSSH 7.2), "+
			"or someone is in between", knownKeys(e.Known))
	case KeyRevoked:
		fmt.Fprintf(&b, "the host key %s is revoked by %s", offered, knownKeys(e.Known))
	default:
		fmt.Fprintf(&b, "the host's certificate %s is not valid: %v", offered, e.Err)
	}
	return b.String()
}

func (e *HostKeyError) Unwrap() error { return e.Err }

func knownKeys(keys []KnownKey) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = fmt.Sprintf("%s %s (%s)", k.Algorithm, k.Fingerprint, k.Where)
	}
	return strings.Join(words, ", ")
}

// An AuthError is a login that the host refused. It is not tried again: sshd penalises an
// address that does. Nothing was run on the host.
type AuthError struct {
	Host    string
	Address string
	User    string
	Tried   []string // what was offered: `publickey SHA256:... (private_key)`, `password`
	Wants   []string // the methods that sshd would still take
	Banner  string   // what sshd said before the login, made printable
	Notes   []string // why something was not offered
	Err     error
}

func (e *AuthError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "connecting to host %s (%s as %s): the host refused the login; ", e.Host, e.Address, e.User)
	if len(e.Tried) == 0 {
		b.WriteString("nothing was offered to it")
	} else {
		fmt.Fprintf(&b, "offered: %s", strings.Join(e.Tried, ", "))
	}
	if len(e.Wants) > 0 {
		fmt.Fprintf(&b, "; it takes: %s", strings.Join(e.Wants, ", "))
	}
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "; %s", note)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, "; %v", e.Err)
	}
	if e.Banner != "" {
		fmt.Fprintf(&b, "; it said: %s", e.Banner)
	}
	fmt.Fprintf(&b, "; check that %s may log in there with one of these", e.User)
	return b.String()
}

func (e *AuthError) Unwrap() error { return e.Err }
