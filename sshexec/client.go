package sshexec

import (
	"context"
	"errors"
)

// A Client runs scripts on a host over SSH, on one connection. It is safe for concurrent use.
type Client struct {
	cfg Config
}

// New returns a Client for the host of cfg. It does no I/O: what is wrong with cfg is the
// error of the first Run.
func New(cfg Config) *Client { return &Client{cfg: cfg} }

// Name is what messages call the host.
func (c *Client) Name() string { return c.cfg.label() }

// Remote is true.
func (c *Client) Remote() bool { return true }

// Run runs script on the host, opening the connection first where there is none. At most
// four scripts of a Client run at once, others wait.
func (c *Client) Run(ctx context.Context, script Script) (Result, error) {
	return Result{}, errors.New("sshexec: under construction")
}

// Login opens a new TCP connection to the address that the Client is connected to, logs in,
// and requires the same host key. It tries once: an error means that a new login is not
// possible now.
func (c *Client) Login(ctx context.Context) (Runner, error) {
	return nil, errors.New("sshexec: under construction")
}

// Close ends the connection. A later Run opens another.
func (c *Client) Close() error { return nil }
