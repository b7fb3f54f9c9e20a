package firewall

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A Socket is something that listens on a host. One that listens in both families is two.
type Socket struct {
	Protocol string // "tcp" or "udp"
	Family   iptables.Family
	Address  netip.Addr // 0.0.0.0 or :: for all addresses
	Port     int
	// Interface is the one that it is bound to, or that a link-local address is on; "" for all.
	Interface string
	// Process names the programs that hold it, with ", " between them; "" where that is not known.
	Process string
}

// Loopback reports whether only the host itself can reach the socket.
func (s Socket) Loopback() bool { return s.Address.IsLoopback() || s.Interface == "lo" }

// Sockets reads what listens on the host, in a session of its own. The error is an *Error.
func (h *Host) Sockets(ctx context.Context) ([]Socket, error) {
	runner, release := h.connection.use()
	defer release()
	parts, _, err := ask(ctx, runner, sshexec.Script{Body: program(socketsScript), Vars: map[string]string{}})
	if err != nil {
		return nil, h.fail("reading what listens", err, Unchanged, "")
	}
	return parseSockets(parts), nil
}

// parseSockets reads the answer of the script.
func parseSockets(parts []section) []Socket {
	text := map[string]string{}
	for _, part := range parts {
		text[part.name()] = part.text
	}
	var found []listener
	if _, ok := text["ss6"]; ok {
		found = append(parseSS(text["ss4"], iptables.IPv4), parseSS(text["ss6"], iptables.IPv6)...)
	} else {
		holders := parseHolders(text["descriptors"], text["names"])
		for _, table := range []string{"tcp", "udp", "tcp6", "udp6"} {
			found = append(found, parseProcNet(text[table], table, holders)...)
		}
	}
	return socketsOf(found)
}

// A listener is a socket as the host lists it.
type listener struct {
	Socket
	dual scope // of an IPv6 socket on all addresses: whether IPv4 comes in by it as well
}

type scope uint8

const (
	unsaid scope = iota
	onlyIPv6
	bothFamilies
)

// socketsOf are the listeners of each family, each once, sorted by protocol, port, family and address.
func socketsOf(found []listener) []Socket {
	var all []Socket
	for _, l := range found {
		s := l.Socket
		all = append(all, s)
		if s.Family != iptables.IPv6 || s.Address != netip.IPv6Unspecified() || l.dual == onlyIPv6 {
			continue
		}
		s.Family, s.Address = iptables.IPv4, netip.IPv4Unspecified()
		// Two sockets can have one port only if the one for IPv6 keeps to itself.
		taken := slices.ContainsFunc(found, func(o listener) bool {
			return o.Protocol == s.Protocol && o.Port == s.Port && o.Family == iptables.IPv4 && o.Address == s.Address
		})
		if l.dual == bothFamilies || !taken {
			all = append(all, s)
		}
	}
	return merged(all)
}

// merged holds one socket for those that differ by process alone.
func merged(all []Socket) []Socket {
	slices.SortFunc(all, func(a, b Socket) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Family, b.Family),
			a.Address.Compare(b.Address), cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.Process, b.Process))
	})
	var out []Socket
	for _, s := range all {
		last := len(out) - 1
		if last < 0 {
			out = append(out, s)
			continue
		}
		same := out[last]
		same.Process = s.Process
		if same != s {
			out = append(out, s)
			continue
		}
		out[last].Process = processNames(append(strings.Split(out[last].Process, ", "), strings.Split(s.Process, ", ")...))
	}
	return out
}

// processNames are the names, each once.
func processNames(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
