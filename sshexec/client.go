package sshexec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// failureMemory is how long a host that could not be reached is not tried again: the many
// resources of a dead host share one timeout, not one each.
const failureMemory = time.Minute

// A Client runs scripts on a host over SSH, on one connection. It is safe for concurrent use.
type Client struct {
	cfg     Config
	address string        // host:port of an earlier connection; "" means that of cfg
	hostKey ssh.PublicKey // of an earlier connection
	urgent  bool          // its connection does not wait for a place in the Pool's room
	carries bool          // and this one's needs none: it is a bastion's, and without hosts behind it for a moment only

	mu      sync.Mutex
	target  *target
	bastion *Client // made by this Client; the Clients of its Logins go through it too
	conn    *connection
	dialing *dialing
	failed  error
	until   time.Time // failed is remembered until then; zero means for ever
}

// A dialing is one dial and those who wait for it.
type dialing struct {
	done   chan struct{}
	cancel context.CancelFunc

	// Guarded by Client.mu; conn and err do not change after done is closed.
	waiters int
	over    bool
	conn    *connection
	err     error
}

// New returns a Client for the host of cfg. It does no I/O: what is wrong with cfg is the
// error of the first Run.
func New(cfg Config) *Client { return &Client{cfg: cfg} }

// Name is what messages call the host.
func (c *Client) Name() string { return c.cfg.label() }

// Remote is true.
func (c *Client) Remote() bool { return true }

// Format writes the host's name, whatever the verb: fmt shows no other field.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sshexec.Client("+c.Name()+")")
}

// Run runs script on the host, opening the connection first where there is none. At most
// four scripts of a Client run at once, others wait. The end of ctx stops a script that runs
// (TERM to its process group), as long as the host can be reached.
//
// The errors: [*ConfigError], [*DialError], [*HostKeyError] and [*AuthError] of the
// connection; [*PrivilegeError], [*StartError], [*SessionError], [*InputError] and
// [*NotSentError] where nothing ran; [*OutputError]; [ErrOutcomeUnknown]. With the last two
// the Result holds what was received.
func (c *Client) Run(ctx context.Context, script Script) (Result, error) {
	for {
		conn, fresh, err := c.connect(ctx)
		if err != nil {
			return Result{}, err
		}
		result, err := conn.host.execute(ctx, script, func(ctx context.Context) (shell, error) {
			return conn.start(ctx, script.Next)
		})
		if err == nil {
			conn.hear()
		}
		conn.release()
		// A connection that was dead before it was used is no fault of the host.
		var unsent *NotSentError
		if fresh || ctx.Err() != nil || conn.alive() || !errors.As(err, &unsent) {
			return result, err
		}
	}
}

// Login opens a new TCP connection to the address that the Client is connected to, logs in,
// and requires the host key of the connection there is. An error means that a new login is
// not possible now; nothing is remembered of it.
func (c *Client) Login(ctx context.Context) (Runner, error) {
	second := &Client{cfg: c.cfg, urgent: true}
	c.mu.Lock()
	second.target = c.target
	if c.conn != nil {
		second.address, second.hostKey = c.conn.address, c.conn.hostKey
	}
	refused := c.failed
	if !c.until.IsZero() {
		refused = nil
	}
	c.mu.Unlock()
	if refused != nil {
		return nil, refused
	}
	conn, _, err := second.connect(ctx)
	if err != nil {
		return nil, err
	}
	conn.release()
	second.urgent = false
	c.mu.Lock()
	c.failed = nil
	c.mu.Unlock()
	return second, nil
}

// Close ends the connection. A later Run opens another.
func (c *Client) Close() error {
	conn, bastion := c.drop()
	if conn != nil {
		conn.close(errRetired)
	}
	if bastion != nil {
		bastion.retire()
	}
	return nil
}

// retire ends the connection of a bastion when the last host behind it is done with it.
func (c *Client) retire() {
	conn, bastion := c.drop()
	if conn != nil {
		conn.retire()
	}
	if bastion != nil {
		bastion.retire()
	}
}

// drop lets go of the connection and of a dial that is under way.
func (c *Client) drop() (conn *connection, bastion *Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, bastion = c.conn, c.bastion
	if c.dialing != nil {
		c.dialing.cancel()
	}
	c.conn, c.dialing = nil, nil
	return conn, bastion
}

// connect returns the connection, held for the caller, and whether it was dialled just now.
// Callers that come together share one dial; it ends when none of them wants it any more.
func (c *Client) connect(ctx context.Context) (conn *connection, fresh bool, err error) {
	c.mu.Lock()
	if c.conn != nil && c.conn.hold() {
		defer c.mu.Unlock()
		return c.conn, false, nil
	}
	if c.failed != nil && (c.until.IsZero() || time.Now().Before(c.until)) {
		defer c.mu.Unlock()
		return nil, false, c.failed
	}
	d := c.dialing
	if d == nil {
		d = c.dial(context.WithoutCancel(ctx))
		c.dialing = d
	}
	d.waiters++
	c.mu.Unlock()

	select {
	case <-d.done:
	case <-ctx.Done():
		c.leave(d)
		return nil, false, c.impatient(ctx)
	}
	if err = d.err; err == nil && !d.conn.hold() {
		err = &NotSentError{Host: c.Name(), Err: &lostError{d.conn.why()}}
	}
	c.leave(d)
	return d.conn, true, err
}

// leave takes a waiter from d; the last one ends the dial, or its hold on the connection.
func (c *Client) leave(d *dialing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d.waiters--
	if d.waiters > 0 {
		return
	}
	d.cancel()
	if c.dialing == d {
		c.dialing = nil
	}
	if d.over && d.conn != nil {
		d.conn.release()
	}
}

func (c *Client) impatient(ctx context.Context) error {
	h := hop{name: c.cfg.label(), address: cmp.Or(c.address, c.cfg.endpoint()), user: c.cfg.user()}
	return dialError(ctx, h, "connecting", context.Cause(ctx))
}

// dial starts a dial. It is called with c.mu held and waits for nothing.
func (c *Client) dial(ctx context.Context) *dialing {
	ctx, cancel := context.WithCancel(ctx)
	d := &dialing{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(d.done)
		conn, err := c.open(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		d.over, d.conn, d.err = true, conn, err
		if c.dialing == d {
			c.dialing, c.conn = nil, conn
			c.remember(err)
		} else if conn != nil { // nobody wants it any more
			go conn.close(context.Canceled)
		}
	}()
	return d
}

// remember keeps err for those who come next: sshd and fail2ban lock out an address that
// offers wrong credentials again and again, and a dead host costs its timeout once.
func (c *Client) remember(err error) {
	var auth *AuthError
	var key *HostKeyError
	var dial *DialError
	c.failed, c.until = nil, time.Time{}
	switch {
	case errors.As(err, &auth), errors.As(err, &key):
		c.failed = err
	case errors.As(err, &dial) && dial.Kind != Exhausted:
		c.failed, c.until = err, time.Now().Add(failureMemory)
	}
}

// open resolves, dials and logs in.
func (c *Client) open(ctx context.Context) (*connection, error) {
	t, err := c.resolved(ctx)
	if err != nil {
		return nil, err
	}
	var room *room
	if t.cfg.Pool != nil && !c.carries {
		room = t.cfg.Pool.room
	}
	if err := room.enter(ctx, c.urgent); err != nil {
		return nil, c.impatient(ctx)
	}
	d, err := t.paced(ctx)
	if err != nil {
		room.leave(nil)
		return nil, err
	}
	h := &host{name: t.cfg.label(), elevation: elevation{t.cfg.Privilege, t.cfg.SudoPassword, t.cfg.user()}}
	return newConnection(d, h, room, cmp.Or(t.cfg.IdleTimeout, DefaultIdleTimeout), cmp.Or(t.cfg.Keepalive, DefaultKeepalive)), nil
}

// resolved returns the target of this Client, with aliases resolved and keys read.
func (c *Client) resolved(ctx context.Context) (*target, error) {
	c.mu.Lock()
	t, address, hostKey := c.target, c.address, c.hostKey
	c.mu.Unlock()
	if t == nil {
		var err error
		if t, err = c.resolve(ctx); err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.target = t
		c.mu.Unlock()
	}
	again := *t
	again.address, again.expected = cmp.Or(address, t.address), hostKey
	return &again, nil
}
