package sshexec

import (
	"context"
	"time"
)

// freshness is for how long the host's last answer, to a script or to the opening of a session, stands for its being there. With
// none since, a script would be sent into a session that was opened ahead, to a host that may be gone, and nobody could tell
// whether it ran. A new one asks first.
const freshness = 2 * time.Second

// An opening is a session that is being opened; it gets one value, or is closed where none could be had.
type opening chan session

// openAhead opens the session of the next script while one runs, so that the next starts a round trip sooner. It runs nothing:
// sshd has no process for a session in which nothing was executed. Only where the next script is sure to come is its shell
// started, too, given its library, and waits for it: that is another round trip, the start of a login shell, and most of what there
// is to send. A session opened ahead holds a slot, as any does.
func (c *connection) openAhead(next library) {
	select {
	case c.slots <- struct{}{}:
	default: // all are in use: the next script has to wait for one of them anyway
		return
	}
	ahead := make(opening, 1)
	select {
	case c.ahead <- ahead:
	default: // there is one
		<-c.slots
		return
	}
	defer close(ahead)
	if s, err := c.newSession(); err == nil {
		if next != "" {
			s.execute()
			if c.host.itself(c.host.way()) {
				_, _ = s.channel.Write([]byte(next)) // where it fails, so does what is sent behind it
				s.given = next
			}
		}
		ahead <- s
	}
}

// wait is for the session. Where there is none, since sshd refused or closed it (ChannelTimeout), its shell has ended, it takes
// too long, the host is silent or ctx is over, its slot serves another: in this one nothing was sent.
func (c *connection) wait(ctx context.Context, ahead opening) (session, bool) {
	select {
	case s, ok := <-ahead:
		switch {
		case !ok:
			return session{}, false
		case s.over() || c.silent():
			go func() { _ = s.channel.Close() }()
			return session{}, false
		}
		return s, true
	case <-ctx.Done():
	case <-time.After(freshness):
	}
	go func() { // whenever it opens, it is not wanted any more
		if s, ok := <-ahead; ok {
			_ = s.channel.Close()
		}
	}()
	return session{}, false
}

// over reports whether nothing can be run in s any more.
func (s session) over() bool {
	select {
	case <-s.closed:
		return true
	default:
		return len(s.ended) > 0
	}
}

// hear notes an answer of the host, by the clock that goes on while this machine sleeps.
func (c *connection) hear() { c.heard.Store(time.Now().UnixNano()) }

func (c *connection) silent() bool {
	age := time.Duration(time.Now().UnixNano() - c.heard.Load())
	return age < 0 || age > freshness
}
