package sshexec

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Whatever goes wrong, and however often, nothing is left: no goroutine, no open file.
func TestNothingIsLeft(t *testing.T) {
	s := newServer(t).start()
	b, through := behind(t, s.cfg())
	dead := peer(t, func(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	closing := peer(t, func(_ int, conn net.Conn) { _ = conn.Close() })
	lost := newServer(t)
	lost.onExec = func(_ int, ch ssh.Channel, _ *ssh.Request) bool { readToEnd(ch); lost.cut(); return true }
	lost.start()
	round := func() {
		var all sync.WaitGroup
		for _, cfg := range []Config{s.cfg(), through, dead.cfg(), closing.cfg(), lost.cfg()} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				c := New(cfg)
				defer func() { _ = c.Close() }()
				_, _ = c.Run(ctx, Script{Body: "echo a"})
				if second, err := c.Login(ctx); err == nil {
					_ = second.Close()
				}
				_, _ = c.Run(ctx, Script{Body: "sleep 5"})
			})
		}
		all.Go(func() { _, _ = Local(None, Secret{}).Run(t.Context(), Script{Body: "echo a", Input: []byte("b")}) })
		all.Wait()
	}
	round()
	for _, peer := range []*server{s, b, dead, closing, lost} {
		peer.cut()
	}
	before, filesBefore := settled(t)
	for range 5 {
		round()
		for _, peer := range []*server{s, b, dead, closing, lost} {
			peer.cut()
		}
	}
	if after, filesAfter := settled(t); after > before+3 || filesAfter > filesBefore+3 {
		stacks := make([]byte, 1<<20)
		t.Errorf("goroutines %d -> %d, open files %d -> %d\n%s", before, after, filesBefore, filesAfter, stacks[:runtime.Stack(stacks, true)])
	}
}

// settled waits until the numbers of goroutines and open files stay as they are.
func settled(t *testing.T) (goroutines, files int) {
	t.Helper()
	for same := 0; same < 10; time.Sleep(100 * time.Millisecond) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Logf("open files are not counted: %v", err)
		}
		if runtime.NumGoroutine() == goroutines && len(entries) == files {
			same++
			continue
		}
		same, goroutines, files = 0, runtime.NumGoroutine(), len(entries)
	}
	return goroutines, files
}
