package sshexec

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// A Pool is what the clients of one process share. It bounds how many connections are open at
// once, and how many logins to one address are under way, since sshd drops what is above its
// MaxStartups (10 by default); it keeps one connection to a bastion for all the hosts behind
// it; and it remembers parsed keys and known_hosts files. A nil Pool does none of this. It is
// safe for concurrent use.
type Pool struct {
	logins int
	room   *room

	mu       sync.Mutex
	paces    map[string]*pace
	bastions map[string]*Client
	hosts    map[string]hostsFiles
	signers  map[string]ssh.Signer
}

// Limits are those of a [Pool]; what is 0 has the default.
type Limits struct {
	// Connections is how many are open at once. Those to bastions do not count, and those of
	// Client.Login do not wait. There are never more than half of the process's file descriptors.
	Connections int
	// Logins is how many to one address (host and port) are under way at once.
	Logins int
}

// Defaults of [Limits].
const (
	DefaultConnections = 256
	DefaultLogins      = 6
)

// ownDescriptors is how many descriptors this process may need for anything but hosts.
const ownDescriptors = 64

// NewPool returns a Pool with those limits.
func NewPool(limits Limits) *Pool {
	connections, logins := limits.Connections, limits.Logins
	if connections <= 0 {
		connections = DefaultConnections
	}
	if logins <= 0 {
		logins = DefaultLogins
	}
	return &Pool{
		logins:   min(logins, connections),
		room:     &room{places: placesWithin(connections, maxDescriptors())},
		paces:    map[string]*pace{},
		bastions: map[string]*Client{},
		hosts:    map[string]hostsFiles{},
		signers:  map[string]ssh.Signer{},
	}
}

// placesWithin is how many of the wanted connections so many descriptors are enough for; 0 of them
// means that there is no bound. Each host may need two, while a new login confirms a change.
func placesWithin(wanted int, descriptors uint64) int {
	if descriptors == 0 || descriptors > 1<<20 {
		return wanted
	}
	return max(1, min(wanted, (int(descriptors)-ownDescriptors)/2))
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

// pace is that of the logins to an address; nil for a nil Pool.
func (p *Pool) pace(address string) *pace {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paces[address] == nil {
		p.paces[address] = newPace(p.logins)
	}
	return p.paces[address]
}

// bastion returns the client for cfg that all hosts behind it share.
func (p *Pool) bastion(cfg Config) *Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := cfg.Identity()
	if p.bastions[key] == nil {
		cfg.Pool = p
		p.bastions[key] = New(cfg)
		p.bastions[key].carries = true
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
