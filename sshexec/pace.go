package sshexec

import (
	"context"
	"slices"
	"sync"
)

// A pace is how many logins to one address are under way at once. It falls to the half when
// sshd drops one of them and rises by one with each that it lets in: other processes may be
// logging in there too, and sshd counts all of them for its MaxStartups.
type pace struct {
	mu      sync.Mutex
	most    int
	now     int // from 1 to most
	running int
	waiting []chan struct{} // closed for who may go on; the longest waiting first
}

func newPace(most int) *pace { return &pace{most: most, now: most} }

// begin waits until one more login may be under way.
func (p *pace) begin(ctx context.Context) error {
	p.mu.Lock()
	if p.running < p.now && len(p.waiting) == 0 {
		p.running++
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, turn)
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	} else { // it was let in at this very moment
		p.running--
		p.admit()
	}
	return context.Cause(ctx)
}

// end is for a login that is over.
func (p *pace) end(succeeded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if succeeded {
		p.now = min(p.now+1, p.most)
	}
	p.admit()
}

// slow is for a login that sshd dropped.
func (p *pace) slow() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = max(p.now/2, 1)
}

func (p *pace) admit() {
	for p.running < p.now && len(p.waiting) > 0 {
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
		p.running++
	}
}
