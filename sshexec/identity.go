package sshexec

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Identity is the same for two configurations that lead to the same connection: for all that
// differ in nothing but Name and Pool. It is a hash, of the secrets too.
func (c Config) Identity() string {
	var b strings.Builder
	for hop := &c; hop != nil; hop = hop.Bastion {
		for _, field := range []any{
			hop.Address, hop.Port, hop.User,
			hop.PrivateKey.Reveal(), hop.PrivateKeyFile, hop.Passphrase.Reveal(), hop.Certificate,
			hop.Agent, hop.AgentSocket, hop.AgentIdentity, hop.Password.Reveal(),
			hop.HostKey, hop.KnownHostsFiles, hop.HostKeyPolicy,
			hop.SSHConfig, hop.SSHConfigFile, hop.Timeout, hop.Keepalive, hop.IdleTimeout,
			hop.Privilege, hop.SudoPassword.Reveal(),
			hop.hostKeyAlias, hop.identityFiles, hop.certFiles, hop.identitiesOnly, hop.jumps,
		} {
			fmt.Fprintf(&b, "%#v\n", field)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return string(sum[:])
}
