package sshexec

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxSessions is how many scripts run on one connection at once. sshd's MaxSessions is 10 by
// default, and a slot there is free only a while after the session's end: with 8 on our side
// it refused one in six, with 5 none (OpenSSH 9.2).
const maxSessions = 4

// A connection is one SSH connection and who uses it.
type connection struct {
	client  *ssh.Client
	host    *host
	address string
	hostKey ssh.PublicKey
	slots   chan struct{} // a place is taken by each session that is open
	ahead   chan opening  // has the session for the next script, where there is one
	room    *room
	done    chan struct{} // closed when the connection is gone
	heard   atomic.Int64  // when the host answered last, in nanoseconds since 1970

	mu      sync.Mutex
	users   int
	idle    time.Duration
	timer   *time.Timer
	retired bool
	closed  bool
	reason  error
}

func newConnection(d *dialed, h *host, room *room, idle, keepalive time.Duration) *connection {
	c := &connection{
		client: d.client, host: h, address: d.address, hostKey: d.hostKey,
		room: room, done: make(chan struct{}), ahead: make(chan opening, 1),
		idle: idle, users: 1,
	}
	sessions := 1
	if c.isOpenSSH() {
		sessions = maxSessions
	}
	c.slots = make(chan struct{}, sessions)
	go func() {
		err := c.client.Wait()
		c.close(err)
		close(c.done)
	}()
	if keepalive > 0 {
		go c.keepAlive(keepalive)
	}
	return c
}

// hold counts a user of the connection; false means that it is gone.
func (c *connection) hold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.users++
	if c.timer != nil {
		c.timer.Stop()
	}
	return true
}

// release ends a hold. Without users the connection is closed after a while, or when another
// needs its place.
func (c *connection) release() {
	c.mu.Lock()
	c.users--
	unused, retired := c.users == 0 && !c.closed, c.retired
	if unused && !retired && c.idle > 0 {
		c.timer = time.AfterFunc(c.idle, func() { c.closeUnused(errors.New("it was idle")) })
	}
	c.mu.Unlock()
	switch {
	case unused && retired:
		go c.closeUnused(errRetired)
	case unused:
		c.room.rest(c)
	}
}

// closeUnused closes the connection if nobody uses it at this moment.
func (c *connection) closeUnused(reason error) {
	c.mu.Lock()
	unused := c.users == 0 && !c.closed
	if unused {
		c.ending(reason)
	}
	c.mu.Unlock()
	if unused {
		c.end()
	}
}

// retire closes the connection as soon as nobody uses it.
func (c *connection) retire() {
	c.mu.Lock()
	c.retired = true
	c.mu.Unlock()
	c.closeUnused(errRetired)
}

var errRetired = errors.New("it was closed by us")

func (c *connection) alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closed
}

// close ends the connection; the first reason is kept.
func (c *connection) close(reason error) {
	c.mu.Lock()
	first := !c.closed
	if first {
		c.ending(reason)
	}
	c.mu.Unlock()
	if first {
		c.end()
	}
}

// ending notes that the connection ends. It is called with c.mu held, and end without it.
func (c *connection) ending(reason error) {
	c.closed, c.reason = true, reason
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *connection) end() {
	_ = c.client.Close()
	c.room.leave(c)
}

// why returns the reason of the connection's end.
func (c *connection) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}
