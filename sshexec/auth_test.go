package sshexec

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// serveAgent serves a keyring as an agent and returns its socket.
func serveAgent(t *testing.T, keyring agent.Agent) string {
	t.Helper()
	var listener net.Listener
	dir, err := os.MkdirTemp("", "agent") //nolint:usetesting // a socket's path has 108 bytes, and t.TempDir's is long
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		listener, err = net.Listen("unix", filepath.Join(dir, "s"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = agent.ServeAgent(keyring, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// inAgent adds a new key to an agent.
func inAgent(t *testing.T, keyring agent.Agent, comment string) ssh.PublicKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := keyring.Add(agent.AddedKey{PrivateKey: private, Comment: comment}); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A refusesToSign agent is one whose user says no.
type refusesToSign struct{ agent.ExtendedAgent }

func (refusesToSign) SignWithFlags(ssh.PublicKey, []byte, agent.SignatureFlags) (*ssh.Signature, error) {
	return nil, errors.New("no")
}

// allow lets the server accept one key.
func (s *server) allow(want ssh.PublicKey) {
	s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
		s.offers.Add(1)
		if bytes.Equal(offered.Marshal(), want.Marshal()) {
			return nil, nil
		}
		return nil, errors.New("unknown key")
	}
}

func TestKeys(t *testing.T) {
	user, rsaUser, ecdsaUser := newKey(t), rsaKey(t), ecdsaKey(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := keyOf(t, private)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	locked := string(pem.EncodeToMemory(block))
	public := func(k key) ssh.PublicKey { return k.PublicKey() }
	for name, test := range map[string]struct {
		allowed ssh.PublicKey
		change  func(*Config)
	}{
		"inline":         {public(user), func(c *Config) { c.PrivateKey = user.pem }},
		"inline, CR LF":  {public(user), func(c *Config) { c.PrivateKey = NewSecret(strings.ReplaceAll(user.pem.Reveal(), "\n", "\r\n")) }},
		"inline, no end": {public(user), func(c *Config) { c.PrivateKey = NewSecret("\n  " + strings.TrimSpace(user.pem.Reveal())) }},
		"file":           {public(user), func(c *Config) { c.PrivateKeyFile = file(t, "id", user.pem.Reveal()) }},
		"both":           {public(user), func(c *Config) { c.PrivateKey, c.PrivateKeyFile = newKey(t).pem, file(t, "id", user.pem.Reveal()) }},
		"encrypted":      {public(encrypted), func(c *Config) { c.PrivateKey, c.Passphrase = NewSecret(locked), NewSecret("open sesame") }},
		"encrypted, of a pool": {public(encrypted), func(c *Config) {
			c.PrivateKey, c.Passphrase, c.Pool = NewSecret(locked), NewSecret("open sesame"), NewPool(Limits{})
		}},
		"rsa":   {public(rsaUser), func(c *Config) { c.PrivateKey = rsaUser.pem }},
		"ecdsa": {public(ecdsaUser), func(c *Config) { c.PrivateKey = ecdsaUser.pem }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.allow(test.allowed)
			cfg := s.start().cfg()
			cfg.PrivateKey = Secret{}
			test.change(&cfg)
			if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// Keys that are none are errors that say what is wrong, before anything is dialled.
func TestBadKeys(t *testing.T) {
	block, err := ssh.MarshalPrivateKeyWithPassphrase(ed25519.NewKeyFromSeed(make([]byte, 32)), "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	locked := NewSecret(string(pem.EncodeToMemory(block)))
	for name, test := range map[string]struct {
		cfg   Config
		field string
		says  string
	}{
		"path":             {Config{PrivateKey: NewSecret("~/.ssh/id_ed25519")}, "private_key", "private_key_file"},
		"public":           {Config{PrivateKey: NewSecret(newKey(t).line)}, "private_key", "public key"},
		"putty":            {Config{PrivateKey: NewSecret("PuTTY-User-Key-File-3: ssh-ed25519\n")}, "private_key", "puttygen"},
		"broken":           {Config{PrivateKey: NewSecret("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")}, "private_key", "private_key: "},
		"no passphrase":    {Config{PrivateKey: locked}, "private_key", "set passphrase"},
		"wrong passphrase": {Config{PrivateKey: locked, Passphrase: NewSecret("x")}, "private_key", "does not fit"},
		"no file":          {Config{PrivateKeyFile: "/no/such/file"}, "private_key_file", "/no/such/file"},
		"no certificate":   {Config{Certificate: newKey(t).line}, "certificate", ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.cfg.Address = "no-such-host.invalid"
			_, err := client(t, test.cfg).Run(t.Context(), Script{})
			var config *ConfigError
			if !errors.As(err, &config) || config.Field != test.field || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestAgent(t *testing.T) {
	keyring := agent.NewKeyring()
	first, second, third := inAgent(t, keyring, "first@laptop"), inAgent(t, keyring, "second@laptop"), inAgent(t, keyring, "third@laptop")
	socket := serveAgent(t, keyring)
	line := string(ssh.MarshalAuthorizedKey(second))
	published := file(t, "id_second", "")
	if err := os.WriteFile(published+".pub", []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		identity string
		allowed  ssh.PublicKey
		offers   int32
		says     string // nothing: the login succeeds
	}{
		"first of all":    {"", first, 1, ""},
		"last of all":     {"", third, 3, ""},
		"by key":          {line, second, 1, ""},
		"by fingerprint":  {ssh.FingerprintSHA256(second), second, 1, ""},
		"by MD5":          {"MD5:" + ssh.FingerprintLegacyMD5(second), second, 1, ""},
		"by comment":      {"second@laptop", second, 1, ""},
		"by public file":  {published + ".pub", second, 1, ""},
		"by private file": {published, second, 1, ""},
		"the wrong one":   {"first@laptop", second, 1, "first@laptop"},
		"not there":       {"nobody", second, 0, "third@laptop"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.allow(test.allowed)
			cfg := s.start().cfg()
			cfg.PrivateKey, cfg.Agent, cfg.AgentSocket, cfg.AgentIdentity = Secret{}, true, socket, test.identity
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var auth *AuthError
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.As(err, &auth) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("%T %v", err, err)
			}
			if s.offers.Load() != test.offers {
				t.Errorf("%d keys were offered", s.offers.Load())
			}
		})
	}
}

// Each key is offered once, and no more than sshd takes.
func TestManyKeys(t *testing.T) {
	keyring := agent.NewKeyring()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	if err := keyring.Add(agent.AddedKey{PrivateKey: private, Comment: "also in the agent"}); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		inAgent(t, keyring, "another")
	}
	s := newServer(t)
	s.allow(newKey(t).PublicKey())
	cfg := s.start().cfg()
	mine := keyOf(t, private)
	cfg.PrivateKey, cfg.PrivateKeyFile = mine.pem, file(t, "id", mine.pem.Reveal())
	cfg.Agent, cfg.AgentSocket = true, serveAgent(t, keyring)
	_, err := client(t, cfg).Run(t.Context(), Script{})
	var auth *AuthError
	if !errors.As(err, &auth) || s.offers.Load() != maxTries || len(auth.Tried) != maxTries {
		t.Errorf("%d keys were offered: %v", s.offers.Load(), err)
	}
	if !strings.Contains(err.Error(), "only the first 6 of 10 keys") {
		t.Error(err)
	}
}

func TestAgentTrouble(t *testing.T) {
	keyring := agent.NewKeyring()
	public := inAgent(t, keyring, "mine")
	for name, test := range map[string]struct{ socket, says string }{
		"no agent":    {"/no/such/socket", "connecting to the agent"},
		"says no":     {serveAgent(t, refusesToSign{keyring.(agent.ExtendedAgent)}), "did not sign"},
		"no variable": {"", "SSH_AUTH_SOCK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSH_AUTH_SOCK", "")
			s := newServer(t)
			s.allow(public)
			cfg := s.start().cfg()
			cfg.PrivateKey, cfg.Agent, cfg.AgentSocket = Secret{}, true, test.socket
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var auth *AuthError
			if !errors.As(err, &auth) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	user, authority := newKey(t), newKey(t)
	cert, _ := certify(t, user, authority, ssh.UserCert, nil, "root")
	old, _ := certify(t, user, authority, ssh.UserCert, expired, "root")
	line, oldLine := string(ssh.MarshalAuthorizedKey(cert)), string(ssh.MarshalAuthorizedKey(old))
	keyring := agent.NewKeyring()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	ofAgent, _ := certify(t, keyOf(t, private), authority, ssh.UserCert, nil, "root")
	beside := file(t, "id", user.pem.Reveal())
	if err := os.WriteFile(beside+"-cert.pub", []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"inline":     {func(c *Config) { c.PrivateKey, c.Certificate = user.pem, line }, ""},
		"file":       {func(c *Config) { c.PrivateKey, c.Certificate = user.pem, file(t, "cert", line) }, ""},
		"beside key": {func(c *Config) { c.PrivateKeyFile = beside }, ""},
		"agent": {func(c *Config) {
			c.Agent, c.AgentSocket, c.Certificate = true, serveAgent(t, keyring), string(ssh.MarshalAuthorizedKey(ofAgent))
		}, ""},
		"other key": {func(c *Config) { c.PrivateKey, c.Certificate = newKey(t).pem, line }, "fits no key"},
		"expired":   {func(c *Config) { c.PrivateKey, c.Certificate = user.pem, oldLine }, "no longer valid since"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			checker := ssh.CertChecker{IsUserAuthority: func(k ssh.PublicKey) bool {
				return bytes.Equal(k.Marshal(), authority.PublicKey().Marshal())
			}}
			s.config.PublicKeyCallback = checker.Authenticate
			cfg := s.start().cfg()
			cfg.PrivateKey = Secret{}
			test.change(&cfg)
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var auth *AuthError
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.As(err, &auth) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestPassword(t *testing.T) {
	const good = "correct horse"
	byPassword := func(s *server) {
		s.config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			s.offers.Add(1)
			if string(password) == good {
				return nil, nil
			}
			return nil, errors.New("wrong")
		}
	}
	asks := func(questions []string, echos []bool) func(s *server) {
		return func(s *server) {
			s.config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
				s.offers.Add(1)
				answers, err := ask("", "", questions, echos)
				if err == nil && slices.Equal(answers, []string{good}) {
					_, err = ask("", "welcome", nil, nil)
					return nil, err
				}
				return nil, errors.New("wrong")
			}
		}
	}
	for name, test := range map[string]struct {
		arrange  []func(s *server)
		password string
		offers   int32
		says     string
	}{
		"password":                {[]func(*server){byPassword}, good, 1, ""},
		"keyboard-interactive":    {[]func(*server){asks([]string{"Password: "}, []bool{false})}, good, 1, ""},
		"wrong":                   {[]func(*server){byPassword}, "wrong", 1, "offered: password"},
		"wrong, both ways":        {[]func(*server){byPassword, asks([]string{"Password: "}, []bool{false})}, "wrong", 1, "offered: password"},
		"a question for a person": {[]func(*server){asks([]string{"Your pet's name: "}, []bool{true})}, good, 1, "pet"},
		"none":                    {[]func(*server){byPassword}, "", 0, "it takes: password"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.config.PublicKeyCallback = nil
			for _, arrange := range test.arrange {
				arrange(s)
			}
			cfg := s.start().cfg()
			cfg.PrivateKey, cfg.Password = Secret{}, NewSecret(test.password)
			c := client(t, cfg)
			_, err := c.Run(t.Context(), Script{})
			var auth *AuthError
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.As(err, &auth) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("%T %v", err, err)
			}
			if s.offers.Load() != test.offers {
				t.Errorf("%d tries", s.offers.Load())
			}
			if err != nil && strings.Contains(err.Error(), good) {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

// A refused login is not tried again, by nobody: not by the next script, not by Login.
func TestRefusedLoginIsRemembered(t *testing.T) {
	s := newServer(t)
	s.allow(newKey(t).PublicKey())
	s.config.BannerCallback = func(ssh.ConnMetadata) string { return "Property of \033[31mACME\nKeep out\n" }
	c := s.start().client()
	var auth *AuthError
	for range 3 {
		_, err := c.Run(t.Context(), Script{})
		if !errors.As(err, &auth) {
			t.Fatalf("%T %v", err, err)
		}
	}
	if _, err := c.Login(t.Context()); !errors.As(err, &auth) {
		t.Errorf("%T %v", err, err)
	}
	if s.accepted.Load() != 1 || s.offers.Load() != 1 {
		t.Errorf("%d connections, %d keys offered", s.accepted.Load(), s.offers.Load())
	}
	if auth.Banner != "Property of ?[31mACME | Keep out" {
		t.Errorf("banner %q", auth.Banner)
	}
	if want := []string{"publickey"}; !slices.Equal(auth.Wants, want) {
		t.Errorf("it takes %q", auth.Wants)
	}
}

// A key and then a password, where the host wants both.
func TestTwoSteps(t *testing.T) {
	s := newServer(t)
	s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
		if !bytes.Equal(offered.Marshal(), s.user.PublicKey().Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{
			PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
				if string(password) == "too" {
					return nil, nil
				}
				return nil, errors.New("wrong")
			},
		}}
	}
	cfg := s.start().cfg()
	cfg.Password = NewSecret("too")
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}
