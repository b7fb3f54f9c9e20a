package firewall

import (
	"fmt"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ICMP error messages without which paths break: fragmentation needed is a code of
// destination-unreachable (3) in IPv4 and packet-too-big (2) in IPv6.
var (
	icmpErrors   = []int{3, 11, 12}
	icmpv6Errors = []int{1, 2, 3, 4}
)

// What IPv6 itself needs on a link, beside errors: without it a host loses its neighbours,
// its router and its address within minutes, whatever its administrator thinks of ICMP. The
// kernel accepts neighbour discovery with hop limit 255 only, so that a rule need not ask. Multicast
// listener queries (130) must be answered (131, 132, 143), or a switch that snoops them
// stops passing on neighbour solicitations.
var (
	neighbourIn  = []int{130, 133, 134, 135, 136}
	neighbourOut = []int{131, 132, 133, 134, 135, 136, 143}
)

const (
	echoRequest   = 8
	echoRequestV6 = 128
)

// linesOf are the policy's lines for one family, in the order in which they stand on an
// otherwise empty chain.
func (p DefaultPolicy) linesOf(f iptables.Family) (Lines, error) {
	var vectors [][]string
	add := func(args ...string) { vectors = append(vectors, args) }
	if p.Policy != "ACCEPT" {
		p.keep(f, add)
	}
	if p.DropInvalid {
		add("-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")
	}
	if p.Log != nil {
		args := []string{"-m", "limit", "--limit", p.logRate(), "-j", "LOG", "--log-prefix", p.logPrefix()}
		if p.Log.Level != "" {
			args = append(args, "--log-level", p.Log.Level)
		}
		add(args...)
	}
	if p.method() == "rule" {
		if p.Policy == "REJECT" {
			add("-j", "REJECT", "--reject-with", rejectWith(f, ""))
		} else {
			add("-j", p.Policy)
		}
	}
	var lines Lines
	for _, args := range vectors {
		rules, err := iptables.ParseArgs(f, "filter", args)
		if err != nil {
			return nil, fmt.Errorf("%s default policy of %s: %w", f, p.Chain, err)
		}
		for _, r := range rules {
			lines = append(lines, Line{p.chainOf(f), r})
		}
	}
	return lines, nil
}

// keep adds what stays alive under a policy that refuses.
func (p DefaultPolicy) keep(f iptables.Family, add func(...string)) {
	if p.Loopback {
		switch p.Chain {
		case "INPUT":
			add("-i", "lo", "-j", "ACCEPT")
		case "OUTPUT":
			add("-o", "lo", "-j", "ACCEPT")
		}
	}
	if p.PingRate != "" {
		// All but the first request of a running ping are ESTABLISHED: behind that line, the
		// rate would bound how many pings may begin, and none that is under way.
		add(append(icmpType(f, echo(f)), "-m", "limit", "--limit", p.PingRate, "-j", "ACCEPT")...)
		add(append(icmpType(f, echo(f)), "-j", "DROP")...)
	}
	if p.Established {
		add("-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT")
	}
	for _, t := range p.icmpTypes(f) {
		add(append(icmpType(f, t), "-j", "ACCEPT")...)
	}
	p.keepAddress(f, add)
}

// icmpTypes are the ICMP types that are accepted without a bound; -1 is all of them.
func (p DefaultPolicy) icmpTypes(f iptables.Family) []int {
	if p.ICMP == "all" {
		return []int{-1}
	}
	var types []int
	switch {
	case f == iptables.IPv4 && p.ICMP != "none":
		types = append(types, icmpErrors...)
	case f == iptables.IPv6:
		types = append(types, icmpv6Errors...)
		switch p.Chain {
		case "INPUT":
			types = append(types, neighbourIn...)
		case "OUTPUT":
			types = append(types, neighbourOut...)
		}
	}
	if p.ICMP == "ping" && p.PingRate == "" {
		types = append(types, echo(f))
	}
	return types
}

// keepAddress lets the host keep the address that it has by DHCP. The answers to a renewal
// for IPv4 are ESTABLISHED, and everything before it goes past iptables, on raw sockets.
func (p DefaultPolicy) keepAddress(f iptables.Family, add func(...string)) {
	switch {
	case f == iptables.IPv6 && p.Chain == "INPUT":
		add("-s", "fe80::/10", "-p", "udp", "--dport", "546", "-j", "ACCEPT")
	case f == iptables.IPv6 && p.Chain == "OUTPUT":
		add("-d", "ff02::1:2", "-p", "udp", "--sport", "546", "--dport", "547", "-j", "ACCEPT")
	case f == iptables.IPv4 && p.Chain == "OUTPUT":
		add("-p", "udp", "--sport", "68", "--dport", "67", "-j", "ACCEPT")
	}
}

func echo(f iptables.Family) int {
	if f == iptables.IPv6 {
		return echoRequestV6
	}
	return echoRequest
}

// icmpType is the match for one ICMP type of the family, -1 for all.
func icmpType(f iptables.Family, t int) []string {
	args := []string{"-p", "icmp"}
	option := "--icmp-type"
	if f == iptables.IPv6 {
		args, option = []string{"-p", "ipv6-icmp"}, "--icmpv6-type"
	}
	if t >= 0 {
		args = append(args, option, fmt.Sprint(t))
	}
	return args
}
