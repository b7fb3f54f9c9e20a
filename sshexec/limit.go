package sshexec

// A Pool is what the clients of one process share: it bounds how many dials to one address
// are under way at once, since sshd drops what is above its MaxStartups (10 by default), and
// it keeps one connection to a bastion for all the hosts behind it.
type Pool struct {
	perAddress int
}

// DefaultDials is how many dials to one address a Pool has under way at once.
const DefaultDials = 6

// NewPool returns a Pool with at most dials under way at once to one address (host and port);
// 0 means [DefaultDials].
func NewPool(dials int) *Pool {
	if dials <= 0 {
		dials = DefaultDials
	}
	return &Pool{perAddress: dials}
}
