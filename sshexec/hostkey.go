package sshexec

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts" // its error types only
)

// plainAlgorithms are what a host may prove itself with whose key is not known. No
// certificates: there is no authority to check them by.
var plainAlgorithms = []string{
	ssh.KeyAlgoED25519,
	ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

// certAlgorithms are all there are: the type of an authority's key says nothing about the
// type of the keys it signs.
var certAlgorithms = []string{
	ssh.CertAlgoED25519v01,
	ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
	ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
}

// signatureAlgorithms returns how a key of this type signs; ssh-rsa itself stands for SHA-1.
func signatureAlgorithms(keyType string) []string {
	switch keyType {
	case ssh.KeyAlgoRSA:
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	case ssh.CertAlgoRSAv01:
		return []string{ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01}
	}
	return []string{keyType}
}

// A hostCheck decides about the key of one host in one dial.
type hostCheck struct {
	hop      hop
	policy   HostKeyPolicy
	lookup   string // host:port as known_hosts has it
	pinned   []knownhosts.PublicKey
	db       *knownhosts.HostKeyDB // nil where keys are pinned or nothing is checked
	files    []string
	expected ssh.PublicKey // the key of an earlier connection to the same host, or nil

	mu      sync.Mutex
	offered ssh.PublicKey
	refused error
}

func newHostCheck(cfg *Config, h hop, expected ssh.PublicKey) (*hostCheck, error) {
	c := &hostCheck{hop: h, policy: cfg.HostKeyPolicy, lookup: lookupName(cfg), expected: expected}
	if cfg.HostKey != "" {
		pinned, err := parsePinnedKeys(cfg.HostKey)
		if err != nil {
			return nil, &ConfigError{Host: cfg.label(), Field: "host_key", Err: err}
		}
		c.pinned = pinned
		return c, nil
	}
	if cfg.HostKeyPolicy == Insecure {
		return c, nil
	}
	c.files = knownHostsFiles(cfg.KnownHostsFiles)
	db, err := cfg.Pool.knownHosts(c.files)
	if err != nil {
		return nil, &ConfigError{Host: cfg.label(), Field: "known_hosts_files", Err: err}
	}
	c.db = db
	return c, nil
}

// lookupName is how known_hosts calls the host; ssh looks names up in lower case.
func lookupName(cfg *Config) string {
	if cfg.hostKeyAlias != "" {
		return net.JoinHostPort(strings.ToLower(cfg.hostKeyAlias), "22")
	}
	return strings.ToLower(cfg.endpoint())
}

// known are the keys that the host may have; none means that it is not known.
func (c *hostCheck) known() []knownhosts.PublicKey {
	switch {
	case c.pinned != nil:
		return c.pinned
	case c.db != nil:
		return c.db.HostKeys(c.lookup)
	}
	return nil
}

// algorithms are those of the keys that are known, so that a host with keys of several types
// proves itself with the known one.
func (c *hostCheck) algorithms() []string {
	if c.expected != nil {
		return signatureAlgorithms(c.expected.Type())
	}
	var algorithms []string
	for _, key := range c.known() {
		add := signatureAlgorithms(key.Type())
		if key.Cert {
			add = certAlgorithms
		}
		for _, a := range add {
			if !slices.Contains(algorithms, a) {
				algorithms = append(algorithms, a)
			}
		}
	}
	if algorithms == nil {
		return plainAlgorithms
	}
	return algorithms
}

// callback is an ssh.HostKeyCallback; it is called again whenever the connection rekeys.
func (c *hostCheck) callback(_ string, remote net.Addr, key ssh.PublicKey) error {
	err := c.decide(remote, key)
	if err == nil && c.expected != nil && !bytes.Equal(c.expected.Marshal(), key.Marshal()) {
		refusal := c.refusal(KeyChanged, key, errors.New("it is not the key of the first connection"))
		refusal.Known = []KnownKey{knownKey(c.expected, "the first connection")}
		err = refusal
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offered, c.refused = key, err
	return err
}

func (c *hostCheck) decide(remote net.Addr, key ssh.PublicKey) error {
	switch {
	case c.pinned != nil:
		return c.checkPinned(key)
	case c.db == nil:
		return nil
	}
	err := c.translate(key, c.db.HostKeyCallback()(c.lookup, remote, key))
	var refusal *HostKeyError
	if c.policy == AcceptNew && errors.As(err, &refusal) && refusal.Kind == KeyUnknown {
		return c.record(key)
	}
	return err
}

// checkPinned accepts a pinned key, or a certificate by a pinned authority.
func (c *hostCheck) checkPinned(key ssh.PublicKey) error {
	is := func(key ssh.PublicKey, cert bool) bool {
		return slices.ContainsFunc(c.pinned, func(k knownhosts.PublicKey) bool {
			return k.Cert == cert && bytes.Equal(k.Marshal(), key.Marshal())
		})
	}
	checker := ssh.CertChecker{
		IsHostAuthority: func(authority ssh.PublicKey, _ string) bool { return is(authority, true) },
		HostKeyFallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if is(key, false) {
				return nil
			}
			return c.refusal(KeyChanged, key, nil)
		},
	}
	err := checker.CheckHostKey(c.lookup, nil, key)
	var refusal *HostKeyError
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return c.refusal(KeyCertificate, key, err)
}

// translate turns an error of known_hosts into ours.
func (c *hostCheck) translate(key ssh.PublicKey, err error) error {
	var mismatch *xknownhosts.KeyError
	var revoked *xknownhosts.RevokedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		refusal := c.refusal(KeyRevoked, key, err)
		refusal.Known = []KnownKey{lineOf(revoked.Revoked)}
		return refusal
	case errors.As(err, &mismatch) && len(mismatch.Want) == 0:
		return c.refusal(KeyUnknown, key, err)
	case errors.As(err, &mismatch):
		refusal := c.refusal(KeyChanged, key, err)
		refusal.Known = nil
		for _, want := range mismatch.Want {
			refusal.Known = append(refusal.Known, lineOf(want))
		}
		return refusal
	}
	if cert, ok := key.(*ssh.Certificate); ok {
		for _, part := range []ssh.PublicKey{cert.Key, cert.SignatureKey} {
			if errors.As(c.db.HostKeyCallback()(c.lookup, &net.TCPAddr{}, part), &revoked) {
				return c.translate(key, revoked)
			}
		}
	}
	return c.refusal(KeyCertificate, key, err)
}

// noneOffered is the error of a host that has no key of a known type.
func (c *hostCheck) noneOffered(err *ssh.AlgorithmNegotiationError) error {
	refusal := c.refusal(KeyChanged, nil, err)
	refusal.Algorithm = "of type " + printable([]byte(strings.Join(err.RequestedAlgorithms, " or ")))
	switch {
	case refusal.Known == nil:
		refusal.Kind = KeyUnknown
	case slices.Contains(err.RequestedAlgorithms, ssh.KeyAlgoRSA) &&
		slices.ContainsFunc(refusal.Known, func(k KnownKey) bool { return k.Algorithm == ssh.KeyAlgoRSA }):
		refusal.Kind = KeyWeak
	}
	return refusal
}

func (c *hostCheck) refusal(kind HostKeyKind, key ssh.PublicKey, err error) *HostKeyError {
	refusal := &HostKeyError{Host: c.hop.name, Address: c.hop.address, User: c.hop.user, Kind: kind, Files: c.files, Err: err}
	if key != nil {
		refusal.Algorithm, refusal.Fingerprint = key.Type(), ssh.FingerprintSHA256(key)
	}
	for _, k := range c.known() {
		refusal.Known = append(refusal.Known, knownKey(k.PublicKey, c.source()))
	}
	return refusal
}

// verdict returns the key that the host offered last and why it was refused.
func (c *hostCheck) verdict() (ssh.PublicKey, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offered, c.refused
}

// source says where the keys of known stand.
func (c *hostCheck) source() string {
	if c.pinned != nil {
		return "host_key"
	}
	return strings.Join(c.files, ", ")
}

func lineOf(key xknownhosts.KnownKey) KnownKey {
	return knownKey(key.Key, fmt.Sprintf("%s:%d", key.Filename, key.Line))
}

func knownKey(key ssh.PublicKey, where string) KnownKey {
	return KnownKey{Algorithm: key.Type(), Fingerprint: ssh.FingerprintSHA256(key), Where: where}
}

// parsePinnedKeys reads the lines of Config.HostKey.
func parsePinnedKeys(text string) ([]knownhosts.PublicKey, error) {
	var keys []knownhosts.PublicKey
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		rest, isAuthority := strings.CutPrefix(line, "@cert-authority")
		if !isAuthority && line[0] == '@' {
			return nil, fmt.Errorf("a line begins with %s; only @cert-authority may stand there", strings.Fields(line)[0])
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(rest))
		if err != nil {
			// As ssh-keyscan prints it: the host's name in front.
			if _, after, found := strings.Cut(strings.TrimSpace(rest), " "); found {
				key, _, _, _, err = ssh.ParseAuthorizedKey([]byte(after))
			}
		}
		if err != nil {
			return nil, errors.New(`it is no public key ("ssh-ed25519 AAAA..."), as ssh-keyscan or /etc/ssh/ssh_host_*_key.pub have it`)
		}
		keys = append(keys, knownhosts.PublicKey{PublicKey: key, Cert: isAuthority})
	}
	if len(keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	return keys, nil
}
