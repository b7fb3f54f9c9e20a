package sshexec

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/semaphore"
)

// A Pool is what the clients of one process share. It bounds how many logins to one address
// are under way at once, since sshd drops what is above its MaxStartups (10 by default); it
// keeps one connection to a bastion for all the hosts behind it; and it remembers parsed keys
// and known_hosts files. A nil Pool does none of this. It is safe for concurrent use.
type Pool struct {
	logins int

	mu       sync.Mutex
	slots    map[string]*semaphore.Weighted
	bastions map[string]*Client
	hosts    map[string]hostsFiles
	signers  map[string]ssh.Signer
}

// DefaultLogins is how many logins to one address a Pool has under way at once.
const DefaultLogins = 6

// NewPool returns a Pool with at most logins under way at once to one address (host and
// port); 0 means [DefaultLogins].
func NewPool(logins int) *Pool {
	if logins <= 0 {
		logins = DefaultLogins
	}
	return &Pool{
		logins:   logins,
		slots:    map[string]*semaphore.Weighted{},
		bastions: map[string]*Client{},
		hosts:    map[string]hostsFiles{},
		signers:  map[string]ssh.Signer{},
	}
}

// Close ends the connections to bastions. The Pool can be used again after it.
func (p *Pool) Close() error {
	p.mu.Lock()
	bastions := p.bastions
	p.bastions = map[string]*Client{}
	p.mu.Unlock()
	for _, b := range bastions {
		_ = b.Close()
	}
	return nil
}

// slot waits for a login to address to be allowed; the caller calls done after it.
func (p *Pool) slot(ctx context.Context, address string) (done func(), err error) {
	if p == nil {
		return func() {}, nil
	}
	p.mu.Lock()
	slots := p.slots[address]
	if slots == nil {
		slots = semaphore.NewWeighted(int64(p.logins))
		p.slots[address] = slots
	}
	p.mu.Unlock()
	if err := slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { slots.Release(1) }), nil
}

// bastion returns the client for cfg that all hosts behind it share.
func (p *Pool) bastion(cfg Config) *Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := cfg.Identity()
	if p.bastions[key] == nil {
		cfg.Pool = p
		p.bastions[key] = New(cfg)
	}
	return p.bastions[key]
}

// hostsFiles is the content of known_hosts files at one moment.
type hostsFiles struct {
	stamp string
	db    *knownhosts.HostKeyDB
}

// knownHosts returns the content of the files, parsed again only when one of them changed:
// a thousand hosts often have their thousand lines in one file.
func (p *Pool) knownHosts(files []string) (*knownhosts.HostKeyDB, error) {
	if p == nil {
		return loadKnownHosts(files)
	}
	var stamp strings.Builder
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			fmt.Fprintf(&stamp, "%d %d\n", info.Size(), info.ModTime().UnixNano())
		}
	}
	key := strings.Join(files, "\n")
	p.mu.Lock()
	known := p.hosts[key]
	p.mu.Unlock()
	if known.db != nil && known.stamp == stamp.String() {
		return known.db, nil
	}
	db, err := loadKnownHosts(files)
	if err == nil {
		p.mu.Lock()
		p.hosts[key] = hostsFiles{stamp.String(), db}
		p.mu.Unlock()
	}
	return db, err
}
