package sshexec

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// An identity is a key to log in with.
type identity struct {
	ssh.Signer
	source string // where it comes from, for messages
}

func (i identity) String() string {
	return fmt.Sprintf("publickey %s %s (%s)", i.PublicKey().Type(), ssh.FingerprintSHA256(i.PublicKey()), i.source)
}

// keyring is what a Config says about keys, read and parsed.
type keyring struct {
	identities []identity
	certs      []*ssh.Certificate
	named      map[string]bool // public keys of the files that ssh_config names
	notes      []string        // what was left out, and why
}

// loadKeys reads the keys and certificates that cfg names, but for the agent's.
func loadKeys(cfg *Config) (keyring, error) {
	var ring keyring
	fail := func(field string, err error) (keyring, error) {
		return keyring{}, &ConfigError{Host: cfg.label(), Field: field, Err: err}
	}
	if cfg.Certificate != "" {
		cert, err := readCertificate(cfg.Certificate)
		if err != nil {
			return fail("certificate", err)
		}
		ring.certs = append(ring.certs, cert)
	}
	if !cfg.PrivateKey.IsZero() {
		signer, err := cfg.Pool.parseKey(cfg.PrivateKey.Reveal(), cfg.Passphrase)
		if err != nil {
			return fail("private_key", err)
		}
		ring.identities = append(ring.identities, identity{signer, "private_key"})
	}
	if cfg.PrivateKeyFile != "" {
		path := expandHome(cfg.PrivateKeyFile)
		signer, err := readKey(cfg.Pool, path, cfg.Passphrase)
		if err != nil {
			return fail("private_key_file", fmt.Errorf("%s: %w", path, err))
		}
		ring.identities = append(ring.identities, identity{signer, path})
		ring.addCertFile(path + "-cert.pub")
	}
	for _, path := range cfg.identityFiles {
		ring.addKeyFile(cfg, path)
	}
	for _, path := range cfg.certFiles {
		ring.addCertFile(path)
	}
	return ring, nil
}

// addKeyFile adds a key that ssh_config names, which it also does for keys that do not exist.
func (r *keyring) addKeyFile(cfg *Config, path string) {
	if text, err := os.ReadFile(path + ".pub"); err == nil {
		if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
			r.name(public)
		}
	}
	signer, err := readKey(cfg.Pool, path, cfg.Passphrase)
	switch {
	case err == nil:
		r.name(signer.PublicKey())
		r.identities = append(r.identities, identity{signer, path})
		r.addCertFile(path + "-cert.pub")
	case !os.IsNotExist(err):
		r.notes = append(r.notes, fmt.Sprintf("%s was left out: %v", path, err))
	}
}

func (r *keyring) name(key ssh.PublicKey) {
	if r.named == nil {
		r.named = map[string]bool{}
	}
	r.named[string(key.Marshal())] = true
}

// fromAgent orders the keys of an agent as ssh does: those that ssh_config names come first,
// and with IdentitiesOnly there are no others.
func (r *keyring) fromAgent(keys []identity, only bool) []identity {
	var named, others []identity
	for _, k := range keys {
		if r.named[string(k.PublicKey().Marshal())] {
			named = append(named, k)
		} else if !only {
			others = append(others, k)
		}
	}
	return append(named, others...)
}

func (r *keyring) addCertFile(path string) {
	cert, err := readCertificate(path)
	switch {
	case err == nil:
		r.certs = append(r.certs, cert)
	case !os.IsNotExist(err):
		r.notes = append(r.notes, fmt.Sprintf("%s was left out: %v", path, err))
	}
}

// certified puts the certificates of keys in front of the keys they are for, each key once.
func (r *keyring) certified(identities []identity) ([]identity, error) {
	var all []identity
	seen := map[string]bool{}
	add := func(id identity) {
		if blob := string(id.PublicKey().Marshal()); !seen[blob] {
			seen[blob] = true
			all = append(all, id)
		}
	}
	for _, id := range identities {
		for _, cert := range r.certs {
			if !bytes.Equal(cert.Key.Marshal(), id.PublicKey().Marshal()) {
				continue
			}
			signer, err := ssh.NewCertSigner(cert, id.Signer)
			if err != nil {
				return nil, err
			}
			add(identity{signer, id.source + ", certified"})
		}
		add(id)
	}
	return all, nil
}

func readKey(pool *Pool, path string, passphrase Secret) (ssh.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return pool.parseKey(string(text), passphrase)
}

// parseKey parses a key once for all clients of the Pool: the passphrase's key derivation is
// slow on purpose, and a fleet has one key for all its hosts.
func (p *Pool) parseKey(text string, passphrase Secret) (ssh.Signer, error) {
	if p == nil {
		return parseKey(text, passphrase)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s%s", len(text), text, passphrase.Reveal()))
	key := string(sum[:])
	p.mu.Lock()
	signer := p.signers[key]
	p.mu.Unlock()
	if signer != nil {
		return signer, nil
	}
	signer, err := parseKey(text, passphrase)
	if err == nil {
		p.mu.Lock()
		p.signers[key] = signer
		p.mu.Unlock()
	}
	return signer, err
}

func parseKey(text string, passphrase Secret) (ssh.Signer, error) {
	// Terraform's heredocs and secret stores lose the last line break, or make it CR LF.
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n"
	signer, err := ssh.ParsePrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return signer, nil
	case errors.As(err, &missing) && passphrase.IsZero():
		return nil, errors.New("the key is encrypted; set passphrase, or load the key into an agent and set agent")
	case errors.As(err, &missing):
		if signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(passphrase.Reveal())); err != nil {
			return nil, fmt.Errorf("the passphrase does not fit the key: %w", err)
		}
		return signer, nil
	case strings.HasPrefix(text, "PuTTY-User-Key-File"):
		return nil, errors.New("this is a key of PuTTY; convert it: puttygen KEY -O private-openssh -o NEW")
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-"), strings.HasPrefix(text, "sk-"):
		return nil, errors.New("this is a public key; the private one belongs here")
	case strings.Contains(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----"):
		return nil, errors.New("an encrypted key in PKCS#8 form cannot be read; convert it: ssh-keygen -p -f KEY")
	case !strings.Contains(text, "-----BEGIN"):
		return nil, errors.New("this is no private key in PEM form (-----BEGIN ...); for a file's path use private_key_file")
	}
	return nil, err
}

// readCertificate parses text or, where it is no certificate but a path, the file.
func readCertificate(text string) (*ssh.Certificate, error) {
	if !strings.Contains(strings.TrimSpace(text), " ") || !strings.Contains(text, "-cert-v01@openssh.com") {
		content, err := os.ReadFile(expandHome(strings.TrimSpace(text)))
		if err != nil {
			return nil, err
		}
		text = string(content)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return nil, errors.New("it is no certificate (ssh-...-cert-v01@openssh.com AAAA...)")
	}
	cert, ok := key.(*ssh.Certificate)
	if !ok || cert.CertType != ssh.UserCert {
		return nil, errors.New("it is no user certificate, as ssh-keygen -s makes them")
	}
	return cert, nil
}

// lapsed says since when a certificate is not valid any more, or "".
func lapsed(cert *ssh.Certificate) string {
	if cert.ValidBefore == ssh.CertTimeInfinity || time.Now().Unix() < int64(min(cert.ValidBefore, 1<<62)) {
		return ""
	}
	return fmt.Sprintf("the certificate %q is no longer valid since %s", cmp.Or(printable([]byte(cert.KeyId)), "(no name)"),
		time.Unix(int64(cert.ValidBefore), 0).UTC().Format(time.RFC3339))
}
