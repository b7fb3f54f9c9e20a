package sshexec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestRun(t *testing.T) {
	s := newServer(t).start()
	c := s.client()
	for i := range 3 {
		got, err := c.Run(t.Context(), Script{
			Body:  `echo "$n $(cat)"; echo $SSH_CONNECTION >&2; exit 3`,
			Vars:  map[string]string{"n": fmt.Sprint(i)},
			Input: []byte("input"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%d input\n", i); string(got.Stdout) != want || got.Exit != 3 {
			t.Errorf("got %q, status %d", got.Stdout, got.Exit)
		}
		if want := fmt.Sprintf("127.0.0.1 %d\n", s.address.Port); !strings.HasSuffix(string(got.Stderr), want) {
			t.Errorf("stderr %q, want its end %q", got.Stderr, want)
		}
	}
	if s.accepted.Load() != 1 || s.sessions.Load() != 3 {
		t.Errorf("%d connections, %d sessions", s.accepted.Load(), s.sessions.Load())
	}
}

// Whoever comes at once shares one connection, and at most four sessions of it.
func TestRunsShareAConnection(t *testing.T) {
	s := newServer(t).start()
	c := s.client()
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			got, err := c.Run(t.Context(), Script{Body: "sleep 0.05; cat", Input: fmt.Append(nil, i)})
			if err != nil || string(got.Stdout) != fmt.Sprintln(i) {
				t.Errorf("%d: %q, %v", i, got.Stdout, err)
			}
		})
	}
	all.Wait()
	if s.accepted.Load() != 1 || s.sessions.Load() != 40 {
		t.Errorf("%d connections, %d sessions", s.accepted.Load(), s.sessions.Load())
	}
	if most := s.mostOpen.Load(); most > maxSessions {
		t.Errorf("%d sessions at once", most)
	}
}

func TestLargeInput(t *testing.T) {
	s := newServer(t).start()
	input := []byte(strings.Repeat("-A INPUT -s 203.0.113.7/32 -p tcp -j ACCEPT\n", 100_000))
	got, err := s.client().Run(t.Context(), Script{Body: "cat", Input: input})
	if err != nil || string(got.Stdout) != string(input) {
		t.Errorf("%d of %d bytes came back, %v", len(got.Stdout), len(input), err)
	}
}

func TestLoginShellNoise(t *testing.T) {
	noisy := t.TempDir()
	fakeTool(t, noisy, "login", `echo "Welcome!"; echo "a warning" >&2; printf 'no line break'; exec /bin/sh "$@"`)
	s := newServer(t)
	s.shell = []string{noisy + "/login"}
	got, err := s.start().client().Run(t.Context(), Script{Body: "echo a; echo b >&2"})
	if err != nil || string(got.Stdout) != "a\n" || string(got.Stderr) != "b\n" {
		t.Errorf("%q, %q, %v", got.Stdout, got.Stderr, err)
	}
}

// Logins that do not lead to a shell: nothing has run, and what was said is in the error.
func TestLoginWithoutShell(t *testing.T) {
	for name, test := range map[string]struct{ login, said string }{
		"nologin": {`echo "This account is currently not available."; exit 1`, "This account is currently not available."},
		"cloud":   {`echo 'Please login as the user "admin" rather than the user "root".'; echo; exit 142`, `the user "admin"`},
		"echo":    {`cat`, "main() {"},
		"silent":  {`exit 0`, "printed nothing"},
		"escapes": {`printf '\033]0;owned\007\033[31mred'; exit 1`, "?]0;owned??[31mred"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fakeTool(t, dir, "login", test.login)
			s := newServer(t)
			s.shell = []string{dir + "/login"}
			_, err := s.start().client().Run(t.Context(), Script{Body: "echo a"})
			var start *StartError
			if !errors.As(err, &start) || errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), test.said) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestRefusedSessions(t *testing.T) {
	t.Run("some", func(t *testing.T) {
		s := newServer(t)
		s.onSession = func(n int, ch ssh.NewChannel) bool {
			if n > 3 {
				return false
			}
			return ch.Reject(ssh.ConnectionFailed, "open failed") == nil
		}
		if _, err := s.start().client().Run(t.Context(), Script{}); err != nil || s.channels.Load() < 4 || s.sessions.Load() != 1 {
			t.Errorf("%v after %d channels, %d sessions", err, s.channels.Load(), s.sessions.Load())
		}
	})
	t.Run("all", func(t *testing.T) {
		s := newServer(t)
		s.onSession = func(_ int, ch ssh.NewChannel) bool { return ch.Reject(ssh.Prohibited, "no") == nil }
		_, err := s.start().client().Run(t.Context(), Script{})
		var session *SessionError
		if !errors.As(err, &session) || s.channels.Load() != maxRefusals {
			t.Errorf("%v after %d channels", err, s.channels.Load())
		}
	})
	t.Run("exec", func(t *testing.T) {
		s := newServer(t)
		s.onExec = func(_ int, _ ssh.Channel, r *ssh.Request) bool {
			_ = r.Reply(false, nil)
			time.Sleep(50 * time.Millisecond)
			return true
		}
		_, err := s.start().client().Run(t.Context(), Script{})
		var start *StartError
		if !errors.As(err, &start) {
			t.Errorf("%T %v", err, err)
		}
	})
}

// What a connection that breaks in the middle of a script leaves is told exactly: nothing
// ran, or it is not known.
func TestCutWhileRunning(t *testing.T) {
	long := []byte(strings.Repeat("line\n", 1_000_000))
	for name, test := range map[string]struct {
		onExec  func(s *server) func(int, ssh.Channel, *ssh.Request) bool
		input   []byte
		unknown bool
	}{
		"before it is sent": {func(s *server) func(int, ssh.Channel, *ssh.Request) bool {
			return func(_ int, ch ssh.Channel, _ *ssh.Request) bool {
				_, _ = ch.Read(make([]byte, 1000))
				s.cut()
				return true
			}
		}, long, false},
		"after it is sent": {func(s *server) func(int, ssh.Channel, *ssh.Request) bool {
			return func(_ int, ch ssh.Channel, _ *ssh.Request) bool {
				readToEnd(ch)
				s.cut()
				return true
			}
		}, nil, true},
		"no exit status": {func(*server) func(int, ssh.Channel, *ssh.Request) bool {
			return func(_ int, ch ssh.Channel, _ *ssh.Request) bool {
				readToEnd(ch)
				return true // the session is closed
			}
		}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.onExec = test.onExec(s)
			_, err := s.start().client().Run(t.Context(), Script{Body: "cat", Input: test.input})
			var unsent *NotSentError
			if errors.Is(err, ErrOutcomeUnknown) != test.unknown || errors.As(err, &unsent) == test.unknown {
				t.Errorf("%v", err)
			}
			if s.sessions.Load() != 1 {
				t.Errorf("it was sent %d times", s.sessions.Load())
			}
		})
	}
}

func readToEnd(ch ssh.Channel) {
	buffer := make([]byte, 4096)
	for {
		if _, err := ch.Read(buffer); err != nil {
			return
		}
	}
}

// The script says itself that it ended; a connection that is cut right then loses nothing.
func TestCutAfterTheEnd(t *testing.T) {
	s := newServer(t)
	s.onExec = func(_ int, ch ssh.Channel, r *ssh.Request) bool {
		_ = r.Reply(true, nil)
		runFrame(t, ch)
		s.cut()
		return true
	}
	got, err := s.start().client().Run(t.Context(), Script{Body: "echo a; exit 4"})
	if err != nil || got.Exit != 4 || string(got.Stdout) != "a\n" {
		t.Errorf("%q, status %d, %v", got.Stdout, got.Exit, err)
	}
}

// A connection that died while nobody used it is replaced, and nobody is told.
func TestDeadConnectionIsReplaced(t *testing.T) {
	s := newServer(t).start()
	c := s.client()
	for range 3 {
		if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil {
			t.Fatal(err)
		}
		s.cut()
	}
	if s.accepted.Load() != 3 {
		t.Errorf("%d connections", s.accepted.Load())
	}
}

func TestCloseAndRunAgain(t *testing.T) {
	s := newServer(t).start()
	c := s.client()
	for range 2 {
		if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if s.accepted.Load() != 2 {
		t.Errorf("%d connections", s.accepted.Load())
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.IdleTimeout = 20 * time.Millisecond
	c := client(t, cfg)
	if _, err := c.Run(t.Context(), Script{Body: "sleep 0.2"}); err != nil {
		t.Fatal(err) // a script at work is not idle
	}
	<-c.conn.done
	if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil || s.accepted.Load() != 2 {
		t.Errorf("%v, %d connections", err, s.accepted.Load())
	}
}

func TestKeepaliveEndsADeadConnection(t *testing.T) {
	s := newServer(t)
	s.onGlobal = func(*ssh.Request) bool { return true } // it never answers
	s.start()
	cfg := s.cfg()
	cfg.Keepalive = 20 * time.Millisecond
	_, err := client(t, cfg).Run(t.Context(), Script{Body: "sleep 600"})
	if !errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), "no sign of life") {
		t.Error(err)
	}
}

func TestKeepaliveKeepsALiveConnection(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.Keepalive = 10 * time.Millisecond
	if _, err := client(t, cfg).Run(t.Context(), Script{Body: "sleep 0.3"}); err != nil {
		t.Error(err)
	}
}

func TestCancelStopsTheScript(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t).start()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { waitFor(t, dir+"/begun"); cancel() }()
	_, err := s.client().Run(ctx, Script{
		Body: `trap 'echo >"$dir/stopped"; exit' TERM; echo >"$dir/begun"; while :; do sleep 1; done`,
		Vars: map[string]string{"dir": dir},
	})
	if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	waitFor(t, dir+"/stopped")
}

// One who does not want to wait any more leaves the others their dial.
func TestCancelOneOfMany(t *testing.T) {
	s := newServer(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	s.onAccept = func(int, net.Conn) bool { close(begun); <-goOn; return false }
	c := s.start().client()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		_, err := c.Run(ctx, Script{})
		var dial *DialError
		if !errors.As(err, &dial) || dial.Kind != Canceled || !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		close(goOn)
	})
	all.Go(func() {
		if _, err := c.Run(t.Context(), Script{}); err != nil {
			t.Errorf("not canceled: %v", err)
		}
	})
	<-begun
	for waiting := 0; waiting < 2; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		waiting = c.dialing.waiters
		c.mu.Unlock()
	}
	cancel()
	all.Wait()
	if s.accepted.Load() != 1 {
		t.Errorf("%d connections", s.accepted.Load())
	}
}
