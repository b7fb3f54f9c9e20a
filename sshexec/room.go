package sshexec

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// A room bounds how many connections are open at once. One that nobody uses makes place for
// one that is wanted, the longest unused first; where all are in use, it is waited for. A nil
// room has no walls.
type room struct {
	mu      sync.Mutex
	places  int
	taken   int           // more than places where some did not wait
	unused  []*connection // the longest first
	waiting []chan struct{}
}

var errSqueezed = errors.New("it was idle, and its place was wanted for another host")

// enter waits for a place. With urgent it takes one in any case: the login that confirms a
// change must not wait for others that wait for theirs.
func (r *room) enter(ctx context.Context, urgent bool) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	if urgent || r.taken < r.places && len(r.waiting) == 0 {
		r.taken++
		r.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	r.waiting = append(r.waiting, turn)
	r.mu.Unlock()
	r.clear()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, turn); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	} else { // it was let in at this very moment
		r.taken--
		r.admit()
	}
	return context.Cause(ctx)
}

// leave gives back a place; c is the connection that had it, nil where none came about.
func (r *room) leave(c *connection) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(c)
	r.taken--
	r.admit()
}

func (r *room) admit() {
	for r.taken < r.places && len(r.waiting) > 0 {
		close(r.waiting[0])
		r.waiting = r.waiting[1:]
		r.taken++
	}
}

// rest says that nobody uses the connection now. It is called without the connection's lock.
func (r *room) rest(c *connection) {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.forget(c)
	r.unused = append(r.unused, c)
	r.mu.Unlock()
	r.clear()
}

// clear closes unused connections, as many as are waited for.
func (r *room) clear() {
	for {
		r.mu.Lock()
		if len(r.unused) == 0 || len(r.waiting) == 0 {
			r.mu.Unlock()
			return
		}
		c := r.unused[0]
		r.unused = r.unused[1:]
		r.mu.Unlock()
		c.closeUnused(errSqueezed) // or it is in use again by now
	}
}

func (r *room) forget(c *connection) {
	if i := slices.Index(r.unused, c); i >= 0 {
		r.unused = slices.Delete(r.unused, i, i+1)
	}
}
