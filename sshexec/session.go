package sshexec

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	maxRefusals    = 8
	refusalBackoff = 50 * time.Millisecond
	maxClosing     = 5 * time.Second
)

// start opens a session and starts the shell in it. At most maxSessions are open at once.
func (c *connection) start(ctx context.Context) (shell, error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return shell{}, &NotSentError{Host: c.host.name, Err: context.Cause(ctx)}
	}
	channel, requests, err := c.openSession(ctx)
	if err != nil {
		<-c.slots
		return shell{}, err
	}
	ended, closed := make(chan ending, 1), make(chan struct{})
	go func() {
		c.watch(requests, ended)
		close(closed)
	}()
	executed := make(chan struct{})
	go func() {
		defer close(executed)
		ok, err := channel.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{command}))
		if err == nil && !ok {
			offer(ended, ending{status: notExecuted})
		}
	}()
	if !c.isOpenSSH() {
		select {
		case <-executed:
		case <-ctx.Done(): // whoever goes on with this session finds out
		}
	}
	return shell{
		stdin:  closeWriter{channel},
		stdout: channel,
		stderr: channel.Stderr(),
		ended:  ended,
		abandon: sync.OnceFunc(func() {
			go func() { // on a dead connection even Close blocks
				if !c.isOpenSSH() {
					select {
					case <-closed:
					case <-time.After(maxParting):
					}
				}
				_ = channel.Close()
				c.vacate(closed)
			}()
		}),
	}, nil
}

// isOpenSSH reports whether sshd is OpenSSH's. It keeps what comes before the shell is there, so a
// script can follow its command at once, which saves a round trip; and sessions may overlap.
// dropbear (2022.83) loses early input, and ends a session that begins while another one
// is ending.
func (c *connection) isOpenSSH() bool {
	return bytes.Contains(c.client.ServerVersion(), []byte("OpenSSH"))
}

// maxParting is how long a session may take to end by itself before it is closed from here.
const maxParting = time.Second

// vacate gives the place of a session to the next one when sshd has closed it too: until
// then sshd counts it.
func (c *connection) vacate(closed <-chan struct{}) {
	select {
	case <-closed:
	case <-time.After(maxClosing):
	}
	<-c.slots
}

type closeWriter struct{ ssh.Channel }

func (w closeWriter) Close() error { return w.CloseWrite() }

// openSession opens a session's channel, again where sshd refuses: nothing was sent yet.
func (c *connection) openSession(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	backoff := refusalBackoff
	for attempt := 1; ; attempt++ {
		channel, requests, err := c.openChannel(ctx)
		var refusal *ssh.OpenChannelError
		switch {
		case err == nil:
			return channel, requests, nil
		case ctx.Err() != nil:
			return nil, nil, &NotSentError{Host: c.host.name, Err: context.Cause(ctx)}
		case !errors.As(err, &refusal):
			return nil, nil, &NotSentError{Host: c.host.name, Err: c.lost(err)}
		case attempt == maxRefusals:
			return nil, nil, &SessionError{Host: c.host.name, Attempts: attempt, Err: err}
		case len(c.slots) > 1: // there may be a place when another script of ours is done
			attempt--
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, time.Second)
	}
}

// openChannel is ssh's OpenChannel with a context.
func (c *connection) openChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		channel  ssh.Channel
		requests <-chan *ssh.Request
		err      error
	}
	result := make(chan opened, 1)
	go func() {
		channel, requests, err := c.client.OpenChannel("session", nil)
		result <- opened{channel, requests, err}
	}()
	select {
	case o := <-result:
		return o.channel, o.requests, o.err
	case <-ctx.Done():
		go func() { // whenever it opens, it is not wanted any more
			if o := <-result; o.err == nil {
				go ssh.DiscardRequests(o.requests)
				_ = o.channel.Close()
			}
		}()
		return nil, nil, ctx.Err()
	}
}

// watch waits for the shell's exit status.
func (c *connection) watch(requests <-chan *ssh.Request, ended chan<- ending) {
	known := false
	for r := range requests {
		var status struct{ Status uint32 }
		var signal struct {
			Name       string
			CoreDumped bool
			Message    string
			Language   string
		}
		switch {
		case r.Type == "exit-status" && ssh.Unmarshal(r.Payload, &status) == nil:
			offer(ended, ending{status: int(status.Status)})
			known = true
		case r.Type == "exit-signal" && ssh.Unmarshal(r.Payload, &signal) == nil:
			offer(ended, ending{signal: printable([]byte(signal.Name))})
			known = true
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
	if !known {
		offer(ended, ending{err: c.lost(errors.New("sshd closed the session without an exit status"))})
	}
}

// offer sends the first ending; others do not matter.
func offer(ended chan<- ending, e ending) {
	select {
	case ended <- e:
	default:
	}
}

// lost returns the reason of the connection's end, or err where it goes on.
func (c *connection) lost(err error) error {
	// ssh ends the channels of a connection a moment before the connection.
	select {
	case <-c.done:
	case <-time.After(100 * time.Millisecond):
		if c.alive() {
			return err
		}
	}
	return &lostError{c.why()}
}

// A lostError is a connection that ended by itself.
type lostError struct{ reason error }

func (e *lostError) Error() string {
	if e.reason == nil {
		return "the connection was lost"
	}
	return "the connection was lost: " + e.reason.Error()
}

func (e *lostError) Unwrap() error { return e.reason }
