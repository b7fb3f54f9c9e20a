package sshexec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// peer listens and lets handle do with each connection what it wants.
func peer(t *testing.T, handle func(n int, conn net.Conn)) *server {
	t.Helper()
	s := newServer(t)
	s.onAccept = func(n int, conn net.Conn) bool { handle(n, conn); return true }
	return s.start()
}

func TestDialErrors(t *testing.T) {
	closedPort, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closedPort.Close()
	says := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}
	silent := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	for name, test := range map[string]struct {
		peer     func(conn net.Conn) // nil: nobody listens
		change   func(*Config)
		kind     DialKind
		stage    string
		attempts int
		says     string
	}{
		"unresolved": {
			change: func(c *Config) { c.Address = "no-such-host.invalid" },
			kind:   Unresolved, stage: "resolving", attempts: 1, says: "check the spelling",
		},
		"refused": {kind: Refused, stage: stageTCP, attempts: 1, says: "nothing listens"},
		"silent": {
			peer: silent, change: func(c *Config) { c.Timeout = 100 * time.Millisecond },
			kind: TimedOut, stage: stageHandshake, attempts: 1, says: "100ms passed",
		},
		"web server": {
			peer: says("HTTP/1.1 400 Bad Request\r\n\r\n"),
			kind: NotSSH, stage: stageHandshake, attempts: 1, says: "HTTP/1.1 400 Bad Request",
		},
		"endless text": {
			peer: says(strings.Repeat("220 mail\r\n", 100_000)),
			kind: NotSSH, stage: stageHandshake, attempts: 1, says: "220 mail",
		},
		"always closed": {peer: says(""), kind: Throttled, stage: stageHandshake, attempts: maxAttempts, says: "MaxStartups"},
		"penalised": {
			peer: says("Not allowed at this time\r\n"), change: func(c *Config) { c.Timeout = 300 * time.Millisecond },
			kind: Throttled, stage: stageHandshake, says: "Not allowed at this time",
		},
		"throttled beyond the bound": {
			peer: says(""), change: func(c *Config) { c.Timeout = 300 * time.Millisecond },
			kind: Throttled, stage: stageHandshake, says: "may be throttling",
		},
		"cut in the key exchange": {
			peer: func(conn net.Conn) {
				_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
				_, _ = conn.Read(make([]byte, 4096))
				_ = conn.Close()
			},
			kind: Throttled, stage: stageHandshake, attempts: maxAttempts,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{
				Name: "web1", Address: "127.0.0.1", Port: closedPort.Addr().(*net.TCPAddr).Port,
				HostKey: newKey(t).line, Timeout: 20 * time.Second,
			}
			if test.peer != nil {
				cfg = peer(t, func(_ int, conn net.Conn) { test.peer(conn) }).cfg()
			}
			if test.change != nil {
				test.change(&cfg)
			}
			c := client(t, cfg)
			_, err := c.Run(t.Context(), Script{})
			var dial *DialError
			if !errors.As(err, &dial) {
				t.Fatalf("%T %v", err, err)
			}
			if dial.Kind != test.kind || dial.Stage != test.stage || test.attempts != 0 && dial.Attempts != test.attempts {
				t.Errorf("kind %d at %s after %d attempts: %v", dial.Kind, dial.Stage, dial.Attempts, err)
			}
			if want := "connecting to host web1 ("; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("message %q", err)
			}
			// The next resource of this host does not wait again.
			if _, again := c.Run(t.Context(), Script{}); !errors.Is(again, err) {
				t.Errorf("then: %v", again)
			}
		})
	}
}

func TestThrottledThenLetIn(t *testing.T) {
	s := newServer(t)
	s.onAccept = func(n int, conn net.Conn) bool {
		if n > 2 {
			return false
		}
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		_ = conn.Close()
		return true
	}
	if _, err := s.start().client().Run(t.Context(), Script{}); err != nil || s.accepted.Load() != 3 {
		t.Errorf("%v after %d connections", err, s.accepted.Load())
	}
}

// A login that was begun is not begun again, and sshd's reason is told.
func TestCutInTheLogin(t *testing.T) {
	s := newServer(t)
	s.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		s.cut()
		return nil, errors.New("no")
	}
	_, err := s.start().client().Run(t.Context(), Script{})
	var dial *DialError
	if !errors.As(err, &dial) || dial.Stage != stageLogin || s.accepted.Load() != 1 {
		t.Errorf("%v after %d connections", err, s.accepted.Load())
	}
}

// The end of the context ends a call wherever the host stalls.
func TestCancelAtEveryStage(t *testing.T) {
	stall := make(chan struct{})
	t.Cleanup(func() { close(stall) })
	for name, arrange := range map[string]func(s *server, here func()){
		"greeting": func(s *server, here func()) {
			s.onAccept = func(int, net.Conn) bool { here(); return true }
		},
		"key exchange": func(s *server, here func()) {
			s.onAccept = func(_ int, conn net.Conn) bool {
				_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
				_, _ = conn.Read(make([]byte, 4096))
				here()
				return true
			}
		},
		"login": func(s *server, here func()) {
			s.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
				here()
				<-stall
				return nil, nil
			}
		},
		"session": func(s *server, here func()) {
			s.onSession = func(int, ssh.NewChannel) bool { here(); return true }
		},
		"transfer": func(s *server, here func()) {
			s.onExec = func(_ int, ch ssh.Channel, _ *ssh.Request) bool {
				_, _ = ch.Read(make([]byte, 1000))
				here()
				<-stall // what follows fills the channel's window and stays there
				return true
			}
		},
		"exec": func(s *server, here func()) {
			s.onExec = func(int, ssh.Channel, *ssh.Request) bool { here(); <-stall; return true }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			ctx, cancel := context.WithCancel(t.Context())
			arrange(s, cancel)
			script := Script{Body: "true"}
			if name == "transfer" {
				script.Input = bytes.Repeat([]byte("line\n"), 1_000_000)
			}
			_, err := s.start().client().Run(ctx, script)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%T %v", err, err)
			}
			if name != "exec" && errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("nothing was sent: %v", err)
			}
		})
	}
}

// A deadline of the caller ends a dial like the bound of the dial itself.
func TestDeadlineWhileDialling(t *testing.T) {
	s := peer(t, func(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.client().Run(ctx, Script{})
	var dial *DialError
	if !errors.As(err, &dial) || dial.Kind != TimedOut || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%T %v", err, err)
	}
}

// A host that never answers does not keep another waiting, whatever they share.
func TestDeadHostSlowsNobody(t *testing.T) {
	pool := NewPool(Limits{Logins: 1})
	dead := peer(t, func(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	alive := newServer(t).start()
	deadCfg, aliveCfg := dead.cfg(), alive.cfg()
	deadCfg.Pool, aliveCfg.Pool = pool, pool
	ctx, cancel := context.WithCancel(t.Context())
	deadClient := client(t, deadCfg)
	var waiting sync.WaitGroup
	for range 10 {
		waiting.Go(func() {
			if _, err := deadClient.Run(ctx, Script{}); !errors.Is(err, context.Canceled) {
				t.Errorf("the dead host: %v", err)
			}
		})
	}
	for dead.accepted.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := client(t, aliveCfg).Run(t.Context(), Script{}); err != nil { // while the others wait
		t.Error(err)
	}
	cancel()
	waiting.Wait()
}

func TestPoolPacesLogins(t *testing.T) {
	const clients, limit = 12, 3
	s := newServer(t)
	var now, most atomic.Int32
	allow := s.config.PublicKeyCallback
	s.config.PublicKeyCallback = func(m ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m; m = most.Load() {
			if most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
		return allow(m, k)
	}
	s.start()
	pool := NewPool(Limits{Logins: limit})
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			cfg := s.cfg()
			cfg.Pool = pool
			if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	reaches(t, "logins", &s.logins, clients)
	if most.Load() > limit {
		t.Errorf("%d logins at once", most.Load())
	}
}

// Login is a connection and a login of its own, and to the very same host.
func TestLogin(t *testing.T) {
	s := newServer(t).start()
	first := s.client()
	if _, err := first.Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	second, err := first.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reaches(t, "connections", &s.accepted, 2)
	reaches(t, "logins", &s.logins, 2)
	if _, err := second.Run(t.Context(), Script{}); err != nil || s.accepted.Load() != 2 {
		t.Errorf("%v, %d connections", err, s.accepted.Load())
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := first.Run(t.Context(), Script{}); err != nil || s.accepted.Load() != 2 {
		t.Errorf("the first one: %v, %d connections", err, s.accepted.Load())
	}
}

// Even where host keys are not checked, the second login must meet the first one's host.
func TestLoginMeetsAnotherHost(t *testing.T) {
	s := newServer(t)
	other := *s.config
	other.AddHostKey(newKey(t))
	s.onAccept = func(n int, conn net.Conn) bool {
		if n == 1 {
			return false
		}
		if _, _, _, err := ssh.NewServerConn(conn, &other); err == nil {
			t.Error("the handshake went on")
		}
		return true
	}
	s.start()
	cfg := s.cfg()
	cfg.HostKey, cfg.HostKeyPolicy = "", Insecure
	c := client(t, cfg)
	if _, err := c.Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Login(t.Context())
	var changed *HostKeyError
	if !errors.As(err, &changed) || changed.Kind != KeyChanged {
		t.Errorf("%T %v", err, err)
	}
}

// A Login that fails says so and leaves no memory: the next one is a new question.
func TestLoginAfterFailure(t *testing.T) {
	s := newServer(t)
	s.onAccept = func(n int, _ net.Conn) bool { return n == 2 }
	s.start()
	cfg := s.cfg()
	cfg.Timeout = 200 * time.Millisecond
	c := client(t, cfg)
	if _, err := c.Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	var dial *DialError
	if _, err := c.Login(t.Context()); !errors.As(err, &dial) || dial.Kind != TimedOut {
		t.Fatalf("%v", err)
	}
	if _, err := c.Login(t.Context()); err != nil {
		t.Error(err)
	}
}

// What fmt can reach of a Client or a Config holds no secret.
func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "s3cr3t-sentinel"
	cfg := Config{
		Address: "web1", PrivateKey: NewSecret(secret), Passphrase: NewSecret(secret),
		Password: NewSecret(secret), SudoPassword: NewSecret(secret),
	}
	cfg.Bastion = &Config{Address: "b1", Password: NewSecret(secret)}
	c := New(cfg)
	_, err := c.Run(t.Context(), Script{})
	nested := struct{ config Config }{cfg}
	encoded, _ := json.Marshal(cfg)
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", cfg, "secret", cfg.Password)
	for _, text := range []string{string(encoded), logged.String(), cfg.Password.String(), cfg.Password.GoString()} {
		if strings.Contains(text, secret) || !strings.Contains(text, redacted) {
			t.Error(text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{cfg, &cfg, *cfg.Bastion, c, err, nested, &nested, cfg.Password, &cfg.Password,
			Local(Auto, NewSecret(secret)), c.cfg.Identity()} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of %T: %s", verb, value, text)
			}
		}
	}
}

// That somebody did not want to wait says nothing about the host.
func TestCancelIsNotRemembered(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.onAccept = func(n int, _ net.Conn) bool {
		if n == 1 {
			cancel()
		}
		return n == 1
	}
	c := s.start().client()
	if _, err := c.Run(ctx, Script{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := c.Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}
