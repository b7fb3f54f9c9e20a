package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// slowSuffix makes of a host's name the name that resolves to its slow address.
const slowSuffix = "-slow"

// writeNames writes the files by which programs find the hosts and trust them, and makes their names resolve.
func (f *Fleet) writeNames() error {
	var known, config strings.Builder
	for _, h := range f.Hosts() {
		key, err := h.key("ed25519")
		if err != nil {
			return err
		}
		names := append([]string{h.Name, h.Name + slowSuffix}, h.addresses()...)
		if h.Port != 22 {
			for i, name := range names {
				names[i] = fmt.Sprintf("[%s]:%d", name, h.Port)
			}
		}
		fmt.Fprintf(&known, "%s %s", strings.Join(names, ","), key.public)
		fast, slow := h.preferred()
		fmt.Fprintf(&config, "Host %s\n  HostName %s\n  Port %d\n", h.Name, fast, h.Port)
		fmt.Fprintf(&config, "Host %s%s\n  HostName %s\n  Port %d\n", h.Name, slowSuffix, slow, h.Port)
	}
	fmt.Fprintf(&config, "Host *\n  User root\n  IdentityFile %s\n  IdentitiesOnly yes\n", f.Key)
	fmt.Fprintf(&config, "  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n", f.KnownHosts)
	if err := os.WriteFile(f.KnownHosts, []byte(known.String()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(f.SSHConfig, []byte(config.String()), 0o644); err != nil {
		return err
	}
	published.Lock()
	published.fleets[f] = true
	published.Unlock()
	return publishNames()
}

// preferred are the addresses that the host's name and slow name stand for: one each, so that it is known how a
// program gets there. IPv4, where the host has it.
func (h *Host) preferred() (fast, slow string) {
	if h.Options.IPv6Only {
		return h.Address6, h.SlowAddress6
	}
	return h.Address, h.SlowAddress
}

// published are the fleets whose hosts' names resolve in this process.
var published = struct {
	sync.Mutex
	fleets  map[*Fleet]bool
	machine []byte // what /etc/hosts holds outside
}{fleets: map[*Fleet]bool{}}

// publishNames makes /etc/hosts, as this process and its children see it, hold the names of all hosts. A name that
// is in two fleets means the one of either.
func publishNames() error {
	published.Lock()
	defer published.Unlock()
	if published.machine == nil {
		if err := coverHosts(); err != nil {
			return fmt.Errorf("making names of hosts resolve: %w", err)
		}
	}
	text := append([]byte(nil), published.machine...)
	for f := range published.fleets {
		hosts := f.Hosts()
		if len(hosts) == 0 {
			delete(published.fleets, f)
		}
		for _, h := range hosts {
			fast, slow := h.preferred()
			text = fmt.Appendf(text, "%s %s\n%s %s%s\n", fast, h.Name, slow, h.Name, slowSuffix)
		}
	}
	return os.WriteFile("/etc/hosts", text, 0o644)
}

// coverHosts lays a file of our own over /etc/hosts, in the mount namespace of this process.
func coverHosts() error {
	machine, err := os.ReadFile("/etc/hosts")
	if err != nil {
		return err
	}
	cover := filepath.Join(ownFolder, "hosts")
	if err := os.WriteFile(cover, nil, 0o644); err != nil {
		return err
	}
	if err := unix.Mount(cover, "/etc/hosts", "", unix.MS_BIND, ""); err != nil {
		return err
	}
	published.machine = fmt.Appendf(nil, "%s\n", machine)
	return nil
}
