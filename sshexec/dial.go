package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// A hop is a host as messages call it.
type hop struct{ name, address, user, via string }

// A dialer opens the TCP connection, or what stands for it behind a bastion.
type dialer func(ctx context.Context, address string) (net.Conn, error)

// dialTCP is the dialer without a bastion.
func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

// A target is all that a dial needs, with files read and aliases resolved.
type target struct {
	cfg      *Config
	ring     keyring
	via      string // the bastion, as messages call it
	dial     dialer
	address  string        // host:port to dial
	expected ssh.PublicKey // the host key it must have; nil: any that is known
}

// A dialed is a connection right after its login.
type dialed struct {
	client  *ssh.Client
	address string // the address that answered
	hostKey ssh.PublicKey
}

// The stages of a dial, as messages call them.
const (
	stageTCP       = "TCP"
	stageHandshake = "handshake"
	stageLogin     = "authentication"
)

// attempt dials once: TCP, handshake, login. The end of ctx ends it at any point.
func (t *target) attempt(ctx context.Context) (*dialed, error) {
	h := hop{t.cfg.label(), t.address, t.cfg.user(), t.via}
	raw, err := t.dial(ctx, t.address)
	if err != nil {
		return nil, dialError(ctx, h, stageTCP, err)
	}
	if remote, ok := raw.RemoteAddr().(*net.TCPAddr); ok && t.via == "" {
		h.address = remote.String()
	}
	check, err := newHostCheck(t.cfg, h, t.expected)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	heard := &heardConn{Conn: raw}
	login := newLogin(ctx, t.cfg, h, t.ring, heard.lost)
	defer login.close()
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	conn, channels, requests, err := ssh.NewClientConn(heard, t.address, &ssh.ClientConfig{
		User:              t.cfg.user(),
		AuthCallback:      login.next,
		BannerCallback:    login.hear,
		HostKeyCallback:   check.callback,
		HostKeyAlgorithms: check.algorithms(),
	})
	if !stop() && err == nil {
		err = errors.Join(context.Cause(ctx), conn.Close())
	}
	if err != nil {
		_ = raw.Close()
		return nil, t.failure(ctx, h, heard, check, login, err)
	}
	hostKey, _ := check.verdict()
	return &dialed{ssh.NewClient(conn, channels, requests), h.address, hostKey}, nil
}

// failure tells what stopped a dial that got its TCP connection.
func (t *target) failure(ctx context.Context, h hop, heard *heardConn, check *hostCheck, login *login, err error) error {
	offered, refused := check.verdict()
	var negotiation *ssh.AlgorithmNegotiationError
	switch {
	case refused != nil:
		return refused
	case ctx.Err() != nil:
	case errors.As(err, &negotiation) && negotiation.What == "host key":
		return check.noneOffered(negotiation)
	case offered != nil:
		if refused := login.verdict(err); refused != nil {
			return refused
		}
	}
	if offered != nil {
		return dialError(ctx, h, stageLogin, err)
	}
	failure := dialError(ctx, h, stageHandshake, err)
	if failure.Kind == Failed {
		failure.Kind, failure.Said = heard.judge(err)
	}
	return failure
}

// dialError sorts what can happen to a connection.
func dialError(ctx context.Context, h hop, stage string, err error) *DialError {
	e := &DialError{Host: h.name, Address: h.address, User: h.user, Via: h.via, Stage: stage, Attempts: 1, Err: err}
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		e.Address, e.Err = op.Addr.String(), op.Err // the rest of its text repeats the address
	}
	var bastion *bastionError
	var dns *net.DNSError
	var timeout net.Error
	var refusal *ssh.OpenChannelError
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		e.Kind, e.Err = Canceled, context.Cause(ctx)
	case ctx.Err() != nil:
		e.Kind, e.Err = TimedOut, context.Cause(ctx)
	case errors.As(err, &bastion):
		e.Address, e.Err = h.address, err // of the bastion's own errors none says anything of this host
	case outOfDescriptors(err):
		e.Kind = Exhausted
	case errors.As(err, &dns):
		e.Kind, e.Stage, e.Err = Unresolved, "resolving", dns
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Kind = Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.As(err, &refusal):
		e.Kind = Unreachable
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind = TimedOut
	case stage == stageTCP && h.via == "" && isCut(err): // so soon that connect sees it
		e.Kind = Throttled
	}
	return e
}

// isCut says whether err is a connection that somebody else ended.
func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED)
}

// A timeoutError is the end of a dial by its own bound.
type timeoutError struct{ bound time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("%v passed", e.bound) }

func (e *timeoutError) Unwrap() error { return context.DeadlineExceeded }

func errTimeout(cfg *Config) error { return &timeoutError{cfg.timeout()} }
