package sshexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/ssh"
)

// haveSSH says whether what needs the program ssh can be tested; with TF_ACC=1 it must.
func haveSSH(t *testing.T) bool {
	t.Helper()
	_, err := exec.LookPath("ssh")
	if err != nil && os.Getenv("TF_ACC") != "" {
		t.Fatal("ssh is not installed (package openssh-client)")
	}
	if err != nil {
		t.Log("not tested, as ssh is not installed (package openssh-client)")
	}
	return err == nil
}

func TestSSHConfig(t *testing.T) {
	if !haveSSH(t) {
		return
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("EXTRA", "/extra")
	path := file(t, "config", `
Host web1
  HostName 203.0.113.7
  Port 2222
  User deploy
  IdentityFile %d/.ssh/id_%r
  IdentityFile ${EXTRA}/id_100%%
  CertificateFile none
  UserKnownHostsFile /kh1 /kh2
  GlobalKnownHostsFile none
  HostKeyAlias webalias
  StrictHostKeyChecking accept-new
  IdentityAgent /run/agent.sock
  IdentitiesOnly yes
Host web2
  StrictHostKeyChecking no
  ProxyJump jump@b1:2200,ssh://b2
Host b1
  ProxyJump b0
Host b0
  HostName 203.0.113.10
  User zero
Host commanded
  ProxyCommand nc %h %p
Host token
  IdentityFile ~/id_%T
Match host matched user bob
  HostName 203.0.113.99
`)
	base := Config{SSHConfig: true, SSHConfigFile: path, Agent: true}
	of := func(address string, change func(*Config)) Config {
		cfg := base
		cfg.Address = address
		if change != nil {
			change(&cfg)
		}
		return cfg
	}
	resolve := func(t *testing.T, cfg Config) Config {
		t.Helper()
		got, err := withSSHConfig(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	compare := cmp.Options{cmp.AllowUnexported(Config{}), cmpopts.IgnoreTypes(Secret{}), cmpopts.EquateEmpty()}

	t.Run("all of it", func(t *testing.T) {
		want := of("203.0.113.7", func(c *Config) {
			c.Name, c.Port, c.User = "web1", 2222, "deploy"
			c.identityFiles = []string{home + "/.ssh/id_deploy", "/extra/id_100%"}
			c.KnownHostsFiles, c.hostKeyAlias, c.HostKeyPolicy = []string{"/kh1", "/kh2"}, "webalias", AcceptNew
			c.AgentSocket, c.identitiesOnly = "/run/agent.sock", true
		})
		if diff := cmp.Diff(want, resolve(t, of("web1", nil)), compare); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("what is set wins", func(t *testing.T) {
		got := resolve(t, of("web1", func(c *Config) {
			c.Name, c.User, c.Port, c.HostKeyPolicy, c.KnownHostsFiles = "front", "root", 22, Strict, []string{"/mine"}
			c.PrivateKeyFile, c.AgentSocket = "/key", "/mine.sock"
		}))
		want := of("203.0.113.7", func(c *Config) {
			c.Name, c.User, c.Port, c.HostKeyPolicy, c.KnownHostsFiles = "front", "root", 22, Strict, []string{"/mine"}
			c.PrivateKeyFile, c.AgentSocket, c.hostKeyAlias, c.identitiesOnly = "/key", "/mine.sock", "webalias", true
		})
		if diff := cmp.Diff(want, got, compare); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("match", func(t *testing.T) {
		if got := resolve(t, of("matched", func(c *Config) { c.User = "bob" })); got.Address != "203.0.113.99" {
			t.Errorf("address %s", got.Address)
		}
		if got := resolve(t, of("matched", func(c *Config) { c.User = "ann" })); got.Address != "matched" {
			t.Errorf("address %s", got.Address)
		}
	})
	t.Run("jumps", func(t *testing.T) {
		got := resolve(t, of("web2", func(c *Config) { c.Password, c.PrivateKey = NewSecret("p"), NewSecret("k") }))
		if got.HostKeyPolicy != AcceptNew {
			t.Errorf("StrictHostKeyChecking no became %q", got.HostKeyPolicy)
		}
		last := got.Bastion
		first := last.Bastion
		if last.Address != "b2" || first.Address != "b1" || first.User != "jump" || first.Port != 2200 || first.Bastion != nil {
			t.Errorf("through %+v and %+v", first, last)
		}
		if !first.Password.IsZero() || first.PrivateKey.Reveal() != "k" {
			t.Error("a jump host is to see the key and not the password")
		}
		if first = new(resolve(t, *first)); first.Bastion == nil || first.Bastion.Address != "b0" || first.User != "jump" {
			t.Errorf("b1 is reached through %+v", first.Bastion)
		}
	})
	for name, test := range map[string]struct{ address, says string }{
		"ProxyCommand":  {"commanded", "use ProxyJump"},
		"unknown token": {"token", "%T"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := withSSHConfig(t.Context(), of(test.address, nil))
			var config *ConfigError
			if !errors.As(err, &config) || config.Field != "ssh_config" || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
	t.Run("no file", func(t *testing.T) {
		cfg := of("web1", func(c *Config) { c.SSHConfigFile = "/no/such/file" })
		if _, err := withSSHConfig(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "/no/such/file") {
			t.Error(err)
		}
	})
}

func TestParseJump(t *testing.T) {
	for spec, want := range map[string]string{
		"b1":                            " b1 0",
		"me@b1":                         "me b1 0",
		"me@b1:2200":                    "me b1 2200",
		"ssh://me@b1:2200":              "me b1 2200",
		"203.0.113.1":                   " 203.0.113.1 0",
		"2001:db8::1":                   " 2001:db8::1 0",
		"me@[2001:db8::1]:22":           "me 2001:db8::1 22",
		"me@example.com@b1":             "me@example.com b1 0",
		"-oProxyCommand=x":              "error",
		"":                              "error",
		"b1:port":                       "error",
		"ssh://-x":                      "error",
		"me@2001:db8::1":                "me 2001:db8::1 0",
		"ssh://[2001:db8::1]:2200":      " 2001:db8::1 2200",
		"DOMAIN\\me@b1":                 "DOMAIN\\me b1 0",
		"b1 b2":                         "error",
		"b1:99999":                      "error",
		"ssh://me%40example.com@b1:220": "me@example.com b1 220",
	} {
		got := "error"
		if jump, err := parseJump(spec); err == nil {
			got = fmt.Sprintf("%s %s %d", jump.User, jump.Address, jump.Port)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", spec, got, want)
		}
	}
}

// The whole way by an alias: its jump host, its key, its known_hosts.
func TestRunByAlias(t *testing.T) {
	if !haveSSH(t) {
		return
	}
	s, b := newServer(t).start(), newServer(t)
	b.forward = true
	b.user = s.user
	b.start()
	line := func(s *server) string {
		return fmt.Sprintf("[127.0.0.1]:%d %s", s.address.Port, ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
	}
	known := file(t, "known_hosts", line(s)+line(b))
	path := file(t, "config", fmt.Sprintf(`
Host *
  User root
  IdentityFile %s
  UserKnownHostsFile %s
Host web1
  HostName 127.0.0.1
  Port %d
  ProxyJump b1
Host b1
  HostName 127.0.0.1
  Port %d
`, file(t, "id", s.user.pem.Reveal()), known, s.address.Port, b.address.Port))
	cfg := Config{Address: "web1", SSHConfig: true, SSHConfigFile: path, Privilege: None}
	got, err := client(t, cfg).Run(t.Context(), Script{Body: "echo a"})
	if err != nil || string(got.Stdout) != "a\n" || b.tunnels.Load() != 1 {
		t.Errorf("%q, %v, %d tunnels", got.Stdout, err, b.tunnels.Load())
	}
}

// With IdentitiesOnly an agent full of keys is asked only for those that are named.
func TestIdentitiesOnly(t *testing.T) {
	ring := keyring{}
	mine, others := newKey(t), []key{newKey(t), newKey(t)}
	path := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(path+".pub", []byte(mine.line), 0o600); err != nil {
		t.Fatal(err)
	}
	ring.addKeyFile(&Config{}, path) // the private key is only in the agent
	held := []identity{{others[0], "a"}, {mine, "b"}, {others[1], "c"}}
	if got := ring.fromAgent(held, true); len(got) != 1 || got[0].source != "b" {
		t.Errorf("only: %v", got)
	}
	if got := ring.fromAgent(held, false); len(got) != 3 || got[0].source != "b" {
		t.Errorf("first: %v", got)
	}
	if ring.notes != nil {
		t.Errorf("%q", ring.notes)
	}
}
