package fleet

import (
	"fmt"
	"os"
	"strings"
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
	return f.publish()
}

// preferred are the addresses that the host's name and slow name stand for: one each, so that it is known how a
// program gets there. IPv4, where the host has it.
func (h *Host) preferred() (fast, slow string) {
	if h.Options.IPv6Only {
		return h.Address6, h.SlowAddress6
	}
	return h.Address, h.SlowAddress
}
