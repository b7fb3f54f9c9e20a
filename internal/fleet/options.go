package fleet

import (
	"fmt"
	"time"
)

// A Suite is what a host's disk is made of, which decides the version of iptables, sshd and systemd.
type Suite string

// The suites that are proved to work.
const (
	Bullseye Suite = "bullseye" // iptables 1.8.7, OpenSSH 8.4
	Bookworm Suite = "bookworm" // iptables 1.8.9, OpenSSH 9.2
	Trixie   Suite = "trixie"   // iptables 1.8.11, OpenSSH 10

	// Alpine is made of busybox, dropbear, doas and services in OpenRC's style, with Debian 12's iptables.
	Alpine Suite = "alpine"
	// RHEL is Debian 12 with the services of RHEL's iptables-services, and systemd.
	RHEL Suite = "rhel"
)

// A Backend is the kernel interface that a host's iptables uses.
type Backend string

// The two backends.
const (
	NFT    Backend = "nft"
	Legacy Backend = "legacy"
)

// An Init is what runs as PID 1.
type Init string

const (
	// Simple is a script that boots in Debian's order (firewall, network, ssh) and honours which of these are
	// enabled. Quick; there is no systemctl and no systemd-run.
	Simple Init = "simple"
	// Systemd is the real thing, with units, timers, logind and a journal in memory.
	Systemd Init = "systemd"
)

// Options are what a fleet starts with. The zero value is a fleet without hosts.
type Options struct {
	// ID names the fleet among all fleets of the machine. The default is made of the program's name and its
	// process ID. Two fleets of one ID cannot run at a time; who starts the second gets an error.
	ID string

	// Hosts are the hosts to start; see [N] for several of a kind. More can be added by [Fleet.Add].
	Hosts []HostOptions

	// RTT is the round-trip time and Loss the share of packets lost in each direction (0 to 1) on the slow
	// path. Both can be changed while the fleet runs.
	RTT  time.Duration
	Loss float64
}

// HostOptions are what a host is. The zero value is a Debian 12 with iptables over nft.
type HostOptions struct {
	Name    string  // default "h1", "h2" and so on, by its place in the fleet
	Suite   Suite   // default Bookworm
	Backend Backend // default NFT
	Init    Init    // default Simple
	Port    int     // where sshd listens; default 22

	// IPv6Only leaves the host without an IPv4 address, except on its loopback interface.
	IPv6Only bool
}

// N is options for n equal hosts.
func N(n int, each HostOptions) []HostOptions {
	hosts := make([]HostOptions, n)
	for i := range hosts {
		hosts[i] = each
	}
	return hosts
}

// withDefaults fills in what was left out for the host with the given number, counted from 1.
func (o HostOptions) withDefaults(number int) (HostOptions, error) {
	if o.Name == "" {
		o.Name = fmt.Sprintf("h%d", number)
	}
	if o.Suite == "" {
		o.Suite = Bookworm
	}
	if o.Backend == "" {
		o.Backend = NFT
	}
	if o.Init == "" && o.Suite == RHEL {
		o.Init = Systemd
	}
	if o.Init == "" {
		o.Init = Simple
	}
	if o.Port == 0 {
		o.Port = 22
	}
	if o.Backend != NFT && o.Backend != Legacy {
		return o, fmt.Errorf("host %s: backend %q is neither %q nor %q", o.Name, o.Backend, NFT, Legacy)
	}
	if o.Suite == Alpine && o.Init == Systemd || o.Suite == RHEL && o.Init == Simple {
		return o, fmt.Errorf("host %s: suite %s has no init %q", o.Name, o.Suite, o.Init)
	}
	if o.Init != Simple && o.Init != Systemd {
		return o, fmt.Errorf("host %s: init %q is neither %q nor %q", o.Name, o.Init, Simple, Systemd)
	}
	return o, nil
}
