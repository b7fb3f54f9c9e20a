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

// A session is a channel, at first one in which nothing was executed: sshd has no process for it.
type session struct {
	channel  ssh.Channel
	executed chan struct{} // closed when sshd has answered; nil as long as it was not asked
	ended    chan ending   // gets how the shell ended
	closed   chan struct{} // closed when sshd has closed the channel
	given    library       // what its shell has been fed
}

// start starts the shell in a session, and the next one's where next says that there will be one. At most maxSessions are
// open at once.
func (c *connection) start(ctx context.Context, next string) (shell, error) {
	s, err := c.session(ctx)
	if err != nil {
		return shell{}, err
	}
	s.execute()
	if c.isOpenSSH() {
		go c.openAhead(newLibrary(next))
	} else {
		select {
		case <-s.executed:
		case <-ctx.Done(): // whoever goes on with this session finds out
		}
	}
	return shell{
		stdin:  closeWriter{s.channel},
		stdout: s.channel,
		stderr: s.channel.Stderr(),
		ended:  s.ended,
		given:  s.given,
		abandon: sync.OnceFunc(func() {
			go func() { // on a dead connection even Close blocks
				if !c.isOpenSSH() {
					select {
					case <-s.closed:
					case <-time.After(maxParting):
					}
				}
				_ = s.channel.Close()
				c.vacate(s.closed)
			}()
		}),
	}, nil
}

// execute asks sshd for the shell, once.
func (s *session) execute() {
	if s.executed != nil {
		return
	}
	executed := make(chan struct{})
	s.executed = executed
	go func() {
		defer close(executed)
		ok, err := s.channel.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{command}))
		if err == nil && !ok {
			offer(s.ended, ending{status: notExecuted})
			_ = s.channel.Close() // OpenSSH takes nothing in it: who writes would wait for ever
		}
	}()
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

// session is the one that was opened ahead, or a new one.
func (c *connection) session(ctx context.Context) (session, error) {
	var ahead opening
	select { // where both are there, select takes any
	case ahead = <-c.ahead:
	default:
		select {
		case ahead = <-c.ahead:
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return session{}, &NotSentError{Host: c.host.name, Err: context.Cause(ctx)}
		}
	}
	if ahead != nil {
		if s, ok := c.wait(ctx, ahead); ok {
			return s, nil
		}
	}
	return c.openSession(ctx)
}

// openSession opens a session in the slot that the caller has taken, and gives the slot back where it cannot.
func (c *connection) openSession(ctx context.Context) (session, error) {
	s, err := c.insist(ctx)
	if err != nil {
		<-c.slots
	}
	return s, err
}

// insist opens a session, again where sshd refuses: nothing was sent yet.
func (c *connection) insist(ctx context.Context) (session, error) {
	backoff := refusalBackoff
	for attempt := 1; ; attempt++ {
		s, err := c.openChannel(ctx)
		var refusal *ssh.OpenChannelError
		switch {
		case err == nil:
			return s, nil
		case ctx.Err() != nil:
			return session{}, &NotSentError{Host: c.host.name, Err: context.Cause(ctx)}
		case !errors.As(err, &refusal):
			return session{}, &NotSentError{Host: c.host.name, Err: c.lost(err)}
		case attempt == maxRefusals:
			return session{}, &SessionError{Host: c.host.name, Attempts: attempt, Err: err}
		case len(c.slots) > 1: // there may be a place when another script of ours is done
			attempt--
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
		case ahead := <-c.ahead: // it may have the place that was refused
			<-c.slots // one for both
			if s, ok := c.wait(ctx, ahead); ok {
				return s, nil
			}
		}
		backoff = min(2*backoff, time.Second)
	}
}

// openChannel is ssh's OpenChannel with a context.
func (c *connection) openChannel(ctx context.Context) (session, error) {
	type opened struct {
		session
		err error
	}
	result := make(chan opened, 1)
	go func() {
		s, err := c.newSession()
		result <- opened{s, err}
	}()
	select {
	case o := <-result:
		return o.session, o.err
	case <-ctx.Done():
		go func() { // whenever it opens, it is not wanted any more
			if o := <-result; o.err == nil {
				_ = o.channel.Close()
			}
		}()
		return session{}, ctx.Err()
	}
}

func (c *connection) newSession() (session, error) {
	channel, requests, err := c.client.OpenChannel("session", nil)
	if err != nil {
		return session{}, err
	}
	c.hear()
	s := session{channel: channel, ended: make(chan ending, 1), closed: make(chan struct{})}
	go func() {
		c.watch(requests, s.ended)
		close(s.closed)
	}()
	return s, nil
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
