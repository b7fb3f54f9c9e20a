package sshexec

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	maxAttempts  = 5
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = 4 * time.Second
)

// penalised is what sshd says (from 9.8 on) to an address that it keeps out for a while because of what came from
// there before: PerSourcePenalties, by default some seconds.
const penalised = "Not allowed at this time"

// paced is login when its turn has come; waiting for that is not within its bound.
func (t *target) paced(ctx context.Context) (*dialed, error) {
	p := t.cfg.Pool.pace(t.via + " " + t.address)
	if p == nil {
		return t.login(ctx, p)
	}
	if err := p.begin(ctx); err != nil {
		return nil, dialError(ctx, hop{t.cfg.label(), t.address, t.cfg.user(), t.via}, "waiting for its turn", err)
	}
	d, err := t.login(ctx, p)
	p.end(err == nil)
	return d, err
}

// login dials until it has a connection. Only one thing is tried again, within the bound of
// the whole: that sshd hung up before it said who it is. It does so above MaxStartups, which
// is over in a moment, and with an address it penalises, which takes longer and is said.
func (t *target) login(ctx context.Context, p *pace) (*dialed, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.timeout(), errTimeout(t.cfg))
	defer cancel()
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		d, err := t.attempt(ctx)
		var failure *DialError
		if !errors.As(err, &failure) {
			return d, err
		}
		failure.Attempts = attempt
		if failure.Kind != Throttled || attempt >= maxAttempts && !strings.HasPrefix(failure.Said, penalised) {
			return nil, failure
		}
		p.slow()
		select {
		case <-ctx.Done():
			return nil, failure
		case <-time.After(backoff/2 + rand.N(backoff)):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// A heardConn remembers the first bytes that the peer sent, as sshd says why it hangs up in
// the place of its version, and a web server says that it is none; and how it ended.
type heardConn struct {
	net.Conn

	mu    sync.Mutex
	first []byte
	end   error // of reading
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = append(c.first, p[:min(n, maxSaid-len(c.first))]...)
	if err != nil {
		c.end = err
	}
	return n, err
}

// lost returns why nothing more comes, or nil.
func (c *heardConn) lost() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

// judge tells what the peer's first words make of a handshake that failed with err.
func (c *heardConn) judge(err error) (kind DialKind, said string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, _, isSSH := bytes.Cut(c.first, []byte("SSH-"))
	said = printable(first)
	switch {
	case !isSSH && said != "" && !isFarewell(first):
		return NotSSH, said
	case isCut(err):
		return Throttled, said
	}
	return Failed, said
}

// isFarewell knows what sshd says in place of its version.
func isFarewell(text []byte) bool {
	return bytes.HasPrefix(text, []byte("Exceeded MaxStartups")) || bytes.HasPrefix(text, []byte(penalised))
}
