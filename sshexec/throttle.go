package sshexec

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

const (
	maxAttempts  = 5
	firstBackoff = 250 * time.Millisecond
)

// login dials until it has a connection. Only one thing is tried again, within the bound of
// the whole: that sshd hung up before it said who it is. It does so above MaxStartups, which
// is over in a moment, and with an address it penalises, which takes longer.
func (t *target) login(ctx context.Context) (*dialed, error) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		d, err := t.attempt(ctx)
		var failure *DialError
		if !errors.As(err, &failure) {
			return d, err
		}
		failure.Attempts = attempt
		if failure.Kind != Throttled || attempt == maxAttempts {
			return nil, failure
		}
		select {
		case <-ctx.Done():
			return nil, failure
		case <-time.After(backoff/2 + rand.N(backoff)):
		}
		backoff *= 2
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
	return bytes.HasPrefix(text, []byte("Exceeded MaxStartups")) ||
		bytes.HasPrefix(text, []byte("Not allowed at this time")) // PerSourcePenalties, from 9.8 on
}
