package sshexec

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// of returns clients for so many hosts, which share a Pool.
func of(t *testing.T, limits Limits, hosts int) (*server, []*Client) {
	t.Helper()
	s := newServer(t).start()
	pool := NewPool(limits)
	clients := make([]*Client, hosts)
	for i := range clients {
		cfg := s.cfg()
		cfg.Pool = pool
		clients[i] = client(t, cfg)
	}
	return s, clients
}

// More hosts than there may be connections are all reached, whether one after the other or at once.
func TestConnectionsAreBounded(t *testing.T) {
	s, clients := of(t, Limits{Connections: 3}, 9)
	room := clients[0].cfg.Pool.room
	check := func() {
		room.mu.Lock()
		defer room.mu.Unlock()
		if room.taken > 3 {
			t.Errorf("%d connections at once", room.taken)
		}
	}
	for _, c := range clients {
		if _, err := c.Run(t.Context(), Script{}); err != nil {
			t.Fatal(err)
		}
		check()
	}
	reaches(t, "logins", &s.logins, 9)
	for i, c := range clients { // the longest unused had to go
		if open := c.conn.alive(); open != (i >= 6) {
			t.Errorf("client %d: open is %v", i, open)
		}
	}
	var all sync.WaitGroup
	for range 2 {
		for _, c := range clients {
			all.Go(func() {
				if _, err := c.Run(t.Context(), Script{Body: "sleep 0.02"}); err != nil {
					t.Error(err)
				}
				check()
			})
		}
	}
	all.Wait()
}

// A change that is in must be confirmed although all places are taken, by others that wait for the same.
func TestLoginWaitsForNoPlace(t *testing.T) {
	_, clients := of(t, Limits{Connections: 1}, 2)
	if _, err := clients[0].Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	if !clients[0].conn.hold() { // it is in use
		t.Fatal("the connection is gone")
	}
	second, err := clients[0].Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var late *DialError
	if _, err := clients[1].Run(ctx, Script{}); !errors.As(err, &late) || late.Kind != TimedOut {
		t.Errorf("there was a place: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	clients[0].conn.release()
	if _, err := clients[1].Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}

func TestPlacesWithin(t *testing.T) {
	for _, test := range []struct {
		wanted      int
		descriptors uint64
		places      int
	}{
		{256, 0, 256}, {256, 1 << 40, 256}, {256, 1 << 20, 256}, {256, 1024, 256}, {1000, 1024, 480}, {256, 256, 96}, {256, 10, 1}, {3, 1024, 3},
	} {
		if got := placesWithin(test.wanted, test.descriptors); got != test.places {
			t.Errorf("%d connections with %d descriptors: %d", test.wanted, test.descriptors, got)
		}
	}
}

// The error says what to do, and it is no fault of the host's that would be remembered.
func TestOutOfDescriptors(t *testing.T) {
	c := New(Config{Name: "web1", Address: "192.0.2.1"})
	exhausted := dialError(t.Context(), hop{name: "web1"}, stageTCP, syscall.EMFILE)
	if text := exhausted.Error(); exhausted.Kind != Exhausted || !strings.Contains(text, "max_connections") || !strings.Contains(text, "ulimit -n") {
		t.Errorf("kind %d: %s", exhausted.Kind, text)
	}
	c.remember(exhausted)
	if c.failed != nil {
		t.Error("the host was blamed")
	}
}
