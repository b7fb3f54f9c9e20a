package sshexec

import (
	"context"
	"errors"
	"net"
	"sync"

	"golang.org/x/crypto/ssh"
)

// A bastionError is a bastion that could not be reached, in a dial of a host behind it.
type bastionError struct{ err error }

func (e *bastionError) Error() string { return e.err.Error() }

func (e *bastionError) Unwrap() error { return e.err }

// through returns the dialer of the hosts behind c.
func (c *Client) through(ctx context.Context, address string) (net.Conn, error) {
	for {
		conn, fresh, err := c.connect(ctx)
		if err != nil {
			return nil, &bastionError{err}
		}
		tunnel, err := conn.client.DialContext(ctx, "tcp", address)
		if err == nil {
			return &tunnelConn{Conn: tunnel, release: sync.OnceFunc(conn.release)}, nil
		}
		conn.release()
		var refusal *ssh.OpenChannelError
		if errors.As(err, &refusal) || fresh || ctx.Err() != nil {
			return nil, err
		}
		// It was dead before it was used.
		if err = conn.lost(err); conn.alive() {
			return nil, err
		}
	}
}

// A tunnelConn keeps its bastion's connection from being idle.
type tunnelConn struct {
	net.Conn
	release func()
}

func (t *tunnelConn) Close() error {
	defer t.release()
	return t.Conn.Close()
}
