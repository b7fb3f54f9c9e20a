package sshexec

import (
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
		if _, err := c.Run(t.Context(), Script{Followed: true}); err != nil {
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
		if _, err := c.Run(t.Context(), Script{Followed: true}); err != nil {
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
		if _, err := c.Run(t.Context(), Script{Followed: true}); err != nil {
			t.Fatal(err)
		}
		reaches(t, "sessions", &s.sessions, 2)
		time.Sleep(freshness + 100*time.Millisecond)
		runs(t, c)
	})
	t.Run("is as new as the last answer", func(t *testing.T) {
		s := newServer(t)
		c := s.start().client()
		if _, err := c.Run(t.Context(), Script{Body: "sleep 2.2", Followed: true}); err != nil { // longer than freshness
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
