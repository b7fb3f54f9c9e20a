package sshexec

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestSessionOpenedAhead(t *testing.T) {
	t.Run("is taken", func(t *testing.T) {
		s := newServer(t)
		s.onSession = func(n int, _ ssh.NewChannel) bool { return n > 2 } // nobody answers the third
		c := s.start().client()
		runs(t, c)
		reaches(t, "channels", &s.channels, 2)
		runs(t, c)
	})
	t.Run("has its shell", func(t *testing.T) {
		s := newServer(t)
		c := s.start().client()
		if _, err := c.Run(t.Context(), Script{Next: "nothing() { :; }"}); err != nil {
			t.Fatal(err)
		}
		reaches(t, "sessions", &s.sessions, 2)
		runs(t, c)
		reaches(t, "channels", &s.channels, 3)
		if n := s.sessions.Load(); n != 2 {
			t.Errorf("%d shells for two scripts", n)
		}
	})
	t.Run("and its shell has ended", func(t *testing.T) {
		s := newServer(t)
		s.onExec = func(n int, ch ssh.Channel, r *ssh.Request) bool {
			if n != 2 {
				return false
			}
			_ = r.Reply(true, nil)
			_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{1}))
			<-t.Context().Done() // the channel stays open
			return true
		}
		c := s.start().client()
		if _, err := c.Run(t.Context(), Script{Next: "nothing() { :; }"}); err != nil {
			t.Fatal(err)
		}
		reaches(t, "sessions", &s.sessions, 2)
		time.Sleep(200 * time.Millisecond) // until that is heard of
		runs(t, c)
	})
	t.Run("is too old", func(t *testing.T) {
		s := newServer(t)
		s.onExec = func(n int, _ ssh.Channel, _ *ssh.Request) bool {
			if n == 2 {
				<-t.Context().Done() // who uses it waits as long
			}
			return n == 2
		}
		c := s.start().client()
		if _, err := c.Run(t.Context(), Script{Next: "nothing() { :; }"}); err != nil {
			t.Fatal(err)
		}
		reaches(t, "sessions", &s.sessions, 2)
		time.Sleep(freshness + 100*time.Millisecond)
		runs(t, c)
	})
	t.Run("is as new as the last answer", func(t *testing.T) {
		s := newServer(t)
		c := s.start().client()
		if _, err := c.Run(t.Context(), Script{Body: "sleep 2.2", Next: "nothing() { :; }"}); err != nil { // longer than freshness
			t.Fatal(err)
		}
		runs(t, c)
		if n := s.sessions.Load(); n != 2 {
			t.Errorf("%d shells for two scripts", n)
		}
	})
	t.Run("was closed by sshd", func(t *testing.T) {
		s := newServer(t)
		var closed atomic.Bool
		s.onSession = func(n int, asked ssh.NewChannel) bool {
			if n != 2 {
				return false
			}
			if ch, _, err := asked.Accept(); err == nil {
				_ = ch.Close()
			}
			closed.Store(true)
			return true
		}
		c := s.start().client()
		runs(t, c)
		for !closed.Load() {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond) // until that is heard of
		runs(t, c)
	})
	for name, answer := range map[string]func(*ssh.Request){
		"and its shell was refused":         func(r *ssh.Request) { _ = r.Reply(false, nil) },
		"and nothing is heard of its shell": func(*ssh.Request) {},
	} {
		t.Run(name, func(t *testing.T) { // nor is anything read in it, as by OpenSSH, whose window opens with the shell
			s := newServer(t)
			s.onExec = func(n int, _ ssh.Channel, r *ssh.Request) bool {
				if n == 2 {
					answer(r)
					<-t.Context().Done()
				}
				return n == 2
			}
			c := s.start().client()
			if _, err := c.Run(t.Context(), Script{Next: strings.Repeat("nothing() { :; }\n", 3<<20/17)}); err != nil {
				t.Fatal(err)
			}
			reaches(t, "sessions", &s.sessions, 2)
			runs(t, c)
		})
	}
	t.Run("was refused", func(t *testing.T) {
		s := newServer(t)
		s.onSession = func(n int, asked ssh.NewChannel) bool {
			return n == 2 && asked.Reject(ssh.ResourceShortage, "MaxSessions 1") == nil
		}
		c := s.start().client()
		runs(t, c)
		reaches(t, "channels", &s.channels, 2)
		runs(t, c)
	})
}

func runs(t *testing.T, c *Client) {
	t.Helper()
	result, err := c.Run(t.Context(), Script{Body: "echo a"})
	if err != nil || string(result.Stdout) != "a\n" {
		t.Fatalf("%q, %v", result.Stdout, err)
	}
}

// A shell that was started ahead has been given the library that was named, and is given no other's twice.
func TestLibraryIsGivenAhead(t *testing.T) {
	s := newServer(t).start()
	for name, c := range map[string]struct {
		privilege Privilege
		next      string // of the first script, "" for the library of the second
		given     int    // how often that library is defined
	}{
		"ahead":             {None, "", 1},
		"another one":       {None, "other() { :; }", 1},
		"to who is root":    {Auto, "", 1},
		"by its own script": {None, "-", 1},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := s.cfg()
			cfg.Privilege = c.privilege
			runner := client(t, cfg)
			defined := filepath.Join(t.TempDir(), "defined")
			library := "greet() { echo \"hello $1\"; }\necho x >>" + quote(defined) + "\n" // which a library must not do
			next := cmp.Or(c.next, library)
			if c.next == "-" {
				next = ""
			}
			before := s.sessions.Load()
			if _, err := runner.Run(t.Context(), Script{Next: next}); err != nil {
				t.Fatal(err)
			}
			if next != "" {
				reaches(t, "sessions", &s.sessions, before+2)
			}
			for began := time.Now(); next == library; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(defined); err == nil {
					break
				}
				if time.Since(began) > 10*time.Second {
					t.Fatal("it was not given ahead")
				}
			}
			result, err := runner.Run(t.Context(), Script{Library: library, Body: "greet you"})
			if err != nil || string(result.Stdout) != "hello you\n" {
				t.Errorf("%q, %v", result.Stdout, err)
			}
			if text, _ := os.ReadFile(defined); len(text) != 2*c.given {
				t.Errorf("defined %d times", len(text)/2)
			}
		})
	}
}

// What only a tool makes root defines nothing before.
func TestWhoRunsItself(t *testing.T) {
	for name, c := range map[string]struct {
		elevation
		known way
		want  bool
	}{
		"as it is":     {elevation{privilege: None, user: "someone"}, wayUnknown, true},
		"root":         {elevation{privilege: Auto, user: "root"}, wayUnknown, true},
		"no root":      {elevation{privilege: Auto, user: "someone"}, wayUnknown, false},
		"by sudo":      {elevation{privilege: Auto, user: "someone"}, waySudo, false},
		"named root":   {elevation{privilege: Auto, user: "root"}, wayNotRoot, false},
		"known before": {elevation{privilege: Auto, user: "toor"}, wayRoot, true},
	} {
		if got := c.itself(c.known); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
