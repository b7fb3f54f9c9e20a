package sshexec

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

func rsaKey(t *testing.T) key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return keyOf(t, private)
}

func ecdsaKey(t *testing.T) key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyOf(t, private)
}

// certify returns a certificate of the subject by the authority.
func certify(t *testing.T, subject, authority ssh.Signer, kind uint32, change func(*ssh.Certificate), principals ...string) (*ssh.Certificate, ssh.Signer) {
	t.Helper()
	cert := &ssh.Certificate{
		Key: subject.PublicKey(), CertType: kind, KeyId: "test", ValidPrincipals: principals,
		ValidAfter: uint64(time.Now().Add(-time.Hour).Unix()), ValidBefore: uint64(time.Now().Add(time.Hour).Unix()),
	}
	if change != nil {
		change(cert)
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(cert, bare(subject))
	if err != nil {
		t.Fatal(err)
	}
	return cert, signer
}

// bare returns the signer in a key: it can sign in more ways than its wrapping tells.
func bare(s ssh.Signer) ssh.Signer {
	if k, ok := s.(key); ok {
		return k.Signer
	}
	return s
}

func expired(c *ssh.Certificate) { c.ValidBefore = uint64(time.Now().Add(-time.Minute).Unix()) }

// What known_hosts says and what the host offers, and what comes of it. HOST stands for the
// host and its port, as known_hosts has them.
func TestKnownHosts(t *testing.T) {
	ed, big, curve, other, authority := newKey(t), rsaKey(t), ecdsaKey(t), newKey(t), newKey(t)
	_, certified := certify(t, big, authority, ssh.HostCert, nil, "127.0.0.1")
	_, lapsed := certify(t, ed, authority, ssh.HostCert, expired, "127.0.0.1")
	_, misnamed := certify(t, ed, authority, ssh.HostCert, nil, "elsewhere")
	_, odd := certify(t, ed, authority, ssh.HostCert, func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"only-on@example.com": "mondays"} }, "127.0.0.1")
	stranger := rsaKey(t)
	sha1, err := ssh.NewSignerWithAlgorithms(big.Signer.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	_, ofUser := certify(t, ed, authority, ssh.UserCert, nil, "127.0.0.1")
	const fine = 255
	for name, test := range map[string]struct {
		offers []ssh.Signer
		lines  string
		want   HostKeyKind
		says   string
	}{
		"known":                       {[]ssh.Signer{ed}, "HOST " + ed.line, fine, ""},
		"known, among others":         {[]ssh.Signer{ed}, "other.example " + other.line + "\n# comment\n\nHOST,more " + ed.line, fine, ""},
		"known hashed":                {[]ssh.Signer{ed}, "HASH " + ed.line, fine, ""},
		"known by pattern":            {[]ssh.Signer{ed}, "127.0.0.* " + ed.line, fine, ""},
		"unknown":                     {[]ssh.Signer{ed}, "other.example " + ed.line, KeyUnknown, ssh.FingerprintSHA256(ed.PublicKey())},
		"other port":                  {[]ssh.Signer{ed}, "127.0.0.1 " + ed.line, KeyUnknown, "host_key_policy"},
		"changed":                     {[]ssh.Signer{ed}, "# 1\nHOST " + other.line, KeyChanged, "known_hosts:2"},
		"only rsa known":              {[]ssh.Signer{ed, curve, big}, "HOST " + big.line, fine, ""},
		"only ecdsa known":            {[]ssh.Signer{ed, curve, big}, "HOST " + curve.line, fine, ""},
		"several known":               {[]ssh.Signer{curve}, "HOST " + ed.line + "HOST " + curve.line, fine, ""},
		"no key of the known type":    {[]ssh.Signer{ed}, "HOST " + big.line, KeyChanged, "of type ssh-ed25519"},
		"revoked":                     {[]ssh.Signer{ed}, "@revoked * " + ed.line + "HOST " + ed.line, KeyRevoked, "known_hosts:1"},
		"one of two known changed":    {[]ssh.Signer{stranger}, "HOST " + ed.line + "HOST " + big.line, KeyChanged, "known_hosts:2"},
		"signs with SHA-1 only":       {[]ssh.Signer{sha1}, "HOST " + big.line, KeyWeak, "SHA-1"},
		"unknown, SHA-1 only":         {[]ssh.Signer{sha1}, "", KeyUnknown, "of type ssh-rsa"},
		"certified key revoked":       {[]ssh.Signer{certified}, "@revoked * " + big.line + "@cert-authority HOST " + authority.line, KeyRevoked, "known_hosts:1"},
		"certificate with conditions": {[]ssh.Signer{odd}, "@cert-authority HOST " + authority.line, KeyCertificate, "critical option"},
		"authority":                   {[]ssh.Signer{big, certified}, "@cert-authority HOST " + authority.line, fine, ""},
		"authority by pattern":        {[]ssh.Signer{certified}, "@cert-authority * " + authority.line, fine, ""},
		"other authority":             {[]ssh.Signer{certified}, "@cert-authority HOST " + other.line, KeyCertificate, "no authorities"},
		"authority revoked":           {[]ssh.Signer{certified}, "@revoked * " + authority.line + "@cert-authority HOST " + authority.line, KeyRevoked, ""},
		"certificate expired":         {[]ssh.Signer{lapsed}, "@cert-authority HOST " + authority.line, KeyCertificate, "expired"},
		"certificate of other":        {[]ssh.Signer{misnamed}, "@cert-authority HOST " + authority.line, KeyCertificate, "elsewhere"},
		"certificate of a user":       {[]ssh.Signer{ofUser}, "@cert-authority HOST " + authority.line, KeyCertificate, "type"},
		"authority's key itself":      {[]ssh.Signer{authority}, "@cert-authority HOST " + authority.line, KeyChanged, ""},
		"plain key beside authority":  {[]ssh.Signer{ed}, "@cert-authority * " + authority.line + "HOST " + ed.line, fine, ""},
		"certificate, key known":      {[]ssh.Signer{big, certified}, "HOST " + big.line, fine, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			for _, o := range test.offers {
				s.config.AddHostKey(bare(o))
			}
			s.listen()
			address := fmt.Sprintf("[127.0.0.1]:%d", s.address.Port)
			lines := strings.NewReplacer("HOST", address, "HASH", xknownhosts.HashHostname(address)).Replace(test.lines)
			cfg := s.cfg()
			cfg.HostKey, cfg.KnownHostsFiles = "", []string{file(t, "known_hosts", lines), "/no/such/file"}
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var refused *HostKeyError
			switch {
			case test.want == fine:
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &refused) || refused.Kind != test.want || !strings.Contains(err.Error(), test.says):
				t.Errorf("%T %v", err, err)
			case refused.Kind != KeyWeak && refused.Fingerprint == "" && !strings.HasPrefix(refused.Algorithm, "of type "):
				t.Errorf("the fingerprint of what it offered is not in %v", err)
			case len(refused.Known) > 0 != strings.Contains(test.lines, "HOST ") && refused.Kind == KeyChanged:
				t.Errorf("the fingerprint of what is known is not in %v", err)
			case refused.Fingerprint != "" && !strings.Contains(err.Error(), refused.Fingerprint):
				t.Errorf("%v does not show %s", err, refused.Fingerprint)
			case s.offers.Load() != 0 || s.accepted.Load() != 1:
				t.Errorf("%d keys were shown to it, %d connections", s.offers.Load(), s.accepted.Load())
			}
		})
	}
}

func TestPinnedKey(t *testing.T) {
	ed, big, authority := newKey(t), rsaKey(t), newKey(t)
	_, certified := certify(t, ed, authority, ssh.HostCert, nil, "127.0.0.1")
	_, lapsed := certify(t, ed, authority, ssh.HostCert, expired, "127.0.0.1")
	const fine = 255
	for name, test := range map[string]struct {
		offers []ssh.Signer
		pin    string
		want   HostKeyKind
	}{
		"right":           {[]ssh.Signer{ed, big}, ed.line, fine},
		"right, not best": {[]ssh.Signer{ed, big}, big.line, fine},
		"with a name":     {[]ssh.Signer{ed}, "web1.example.com " + ed.line, fine},
		"two":             {[]ssh.Signer{ed}, big.line + ed.line, fine},
		"wrong":           {[]ssh.Signer{ed}, newKey(t).line, KeyChanged},
		"wrong type":      {[]ssh.Signer{ed}, big.line, KeyChanged},
		"authority":       {[]ssh.Signer{certified}, "@cert-authority " + authority.line, fine},
		"authority, name": {[]ssh.Signer{certified}, "@cert-authority *.example.com " + authority.line, fine},
		"lapsed":          {[]ssh.Signer{lapsed}, "@cert-authority " + authority.line, KeyCertificate},
		"not as host":     {[]ssh.Signer{authority}, "@cert-authority " + authority.line, KeyChanged},
		"not as CA":       {[]ssh.Signer{certified}, authority.line, KeyChanged},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			for _, o := range test.offers {
				s.config.AddHostKey(bare(o))
			}
			cfg := s.listen().cfg()
			cfg.HostKey = test.pin
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var refused *HostKeyError
			if test.want == fine && err != nil ||
				test.want != fine && (!errors.As(err, &refused) || refused.Kind != test.want) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestPinnedKeyIsNone(t *testing.T) {
	for _, pin := range []string{"SHA256:abc", "ssh-ed25519", "@revoked " + newKey(t).line, "# nothing"} {
		_, err := client(t, Config{Address: "web1", HostKey: pin}).Run(t.Context(), Script{})
		var config *ConfigError
		if !errors.As(err, &config) || config.Field != "host_key" {
			t.Errorf("%q: %v", pin, err)
		}
	}
}

// accept-new records the key of a host that is not known, once, and refuses another one.
func TestAcceptNew(t *testing.T) {
	s := newServer(t).start()
	path := filepath.Join(t.TempDir(), "new", "known_hosts")
	cfg := s.cfg()
	cfg.HostKey, cfg.KnownHostsFiles, cfg.HostKeyPolicy = "", []string{path}, AcceptNew
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want := fmt.Sprintf("[127.0.0.1]:%d %s", s.address.Port, ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("recorded %q, %v; want %q", got, err, want)
	}
	cfg.HostKeyPolicy = Strict
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Errorf("then strict: %v", err)
	}

	changed := newServer(t)
	changed.start()
	line := fmt.Sprintf("[127.0.0.1]:%d %s", changed.address.Port, strings.TrimSpace(newKey(t).line)) // no line break
	cfg = changed.cfg()
	cfg.HostKey, cfg.KnownHostsFiles, cfg.HostKeyPolicy = "", []string{file(t, "kh", line)}, AcceptNew
	_, err = client(t, cfg).Run(t.Context(), Script{})
	var refused *HostKeyError
	if !errors.As(err, &refused) || refused.Kind != KeyChanged {
		t.Errorf("changed: %v", err)
	}
}

func TestAcceptNewAppendsALine(t *testing.T) {
	s := newServer(t).start()
	before := "other.example " + strings.TrimSpace(newKey(t).line) // no line break
	path := file(t, "known_hosts", before)
	cfg := s.cfg()
	cfg.HostKey, cfg.KnownHostsFiles, cfg.HostKeyPolicy, cfg.Pool = "", []string{path}, AcceptNew, NewPool(Limits{})
	for range 2 { // the second time from the Pool's memory, which must notice the new line
		if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := os.ReadFile(path)
	if lines := strings.Split(string(got), "\n"); len(lines) != 3 || lines[0] != before {
		t.Errorf("%q", got)
	}
}

func TestAcceptNewCannotRecord(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.HostKey, cfg.HostKeyPolicy = "", AcceptNew
	cfg.KnownHostsFiles = []string{file(t, "no-directory", "") + "/known_hosts"}
	_, err := client(t, cfg).Run(t.Context(), Script{})
	var config *ConfigError
	if !errors.As(err, &config) || s.offers.Load() != 0 {
		t.Errorf("%T %v", err, err)
	}
}

func TestInsecureWarns(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	if got := cfg.Warnings(); got != nil {
		t.Errorf("%q", got)
	}
	cfg.HostKey, cfg.HostKeyPolicy, cfg.KnownHostsFiles = "", Insecure, []string{"/no/such/file"}
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
	cfg.Bastion = &Config{Address: "b1", HostKeyPolicy: Insecure}
	if got := cfg.Warnings(); len(got) != 2 || !strings.Contains(got[0], "web1") || !strings.Contains(got[1], "b1") {
		t.Errorf("%q", got)
	}
}

// A file that cannot be understood is an error that names the line: it could be the one that
// revokes a key.
func TestKnownHostsUnreadable(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.HostKey, cfg.KnownHostsFiles = "", []string{file(t, "known_hosts", "# 1\nhost ssh-ed25519 !!!\n")}
	_, err := client(t, cfg).Run(t.Context(), Script{})
	var config *ConfigError
	if !errors.As(err, &config) || config.Field != "known_hosts_files" || !strings.Contains(err.Error(), "known_hosts:2") {
		t.Errorf("%T %v", err, err)
	}
}

// Names are looked up in lower case, as ssh does and ssh-keyscan writes them.
func TestKnownHostsLookup(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.Address, cfg.HostKey = "LocalHost", ""
	line := fmt.Sprintf("[localhost]:%d %s", s.address.Port, ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
	cfg.KnownHostsFiles = []string{file(t, "known_hosts", line)}
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}

// What a Pool remembers of a file ends when the file changes.
func TestKnownHostsChange(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	path := file(t, "known_hosts", "")
	cfg.HostKey, cfg.KnownHostsFiles, cfg.Pool = "", []string{path}, NewPool(Limits{})
	var refused *HostKeyError
	if _, err := client(t, cfg).Run(t.Context(), Script{}); !errors.As(err, &refused) {
		t.Fatalf("%T %v", err, err)
	}
	line := fmt.Sprintf("[127.0.0.1]:%d %s", s.address.Port, ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}
