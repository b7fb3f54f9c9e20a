package firewall

import (
	"sync"

	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A connection holds the runner in use. A commit replaces it by the login that confirmed:
// an older connection may hang on connection tracking alone, the new one has proved itself.
type connection struct {
	mu     sync.Mutex
	name   string
	remote bool
	now    *lease
}

// A lease counts who uses a runner; the last user of a replaced one closes it.
type lease struct {
	runner  sshexec.Runner
	users   int
	retired bool
}

// use returns the runner; release must be called when the script has ended.
func (c *connection) use() (runner sshexec.Runner, release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.now
	l.users++
	return l.runner, func() { c.release(l) }
}

func (c *connection) release(l *lease) {
	c.mu.Lock()
	l.users--
	idle := l.retired && l.users == 0
	c.mu.Unlock()
	if idle {
		_ = l.runner.Close() // a connection that nobody will use again
	}
}

// swap puts a runner in the place of the old one.
func (c *connection) swap(runner sshexec.Runner) {
	c.mu.Lock()
	old := c.now
	if old == nil || old.runner != runner {
		c.now = &lease{runner: runner}
		c.name, c.remote = runner.Name(), runner.Remote()
	}
	replaced := old != nil && old.runner != runner
	if replaced {
		old.users++
		old.retired = true
	}
	c.mu.Unlock()
	if replaced {
		c.release(old)
	}
}

func (c *connection) close() error {
	c.mu.Lock()
	runner := c.now.runner
	c.mu.Unlock()
	return runner.Close()
}
