package firewall

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// A Site is what is known of a host's surroundings, beside its rules. The zero Site knows nothing.
type Site struct {
	Addresses []SiteAddress
	// Uplinks are the interfaces that lead to the rest of the world.
	Uplinks map[iptables.Family]string
}

// A SiteAddress is one of the host's own.
type SiteAddress struct {
	Interface string
	Address   netip.Addr
	Network   netip.Prefix // that the interface leads to
}

// parseAddresses reads `ip -o addr show`. What it does not understand it leaves out.
func parseAddresses(text string) []SiteAddress {
	var all []SiteAddress
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 4 || words[2] != "inet" && words[2] != "inet6" {
			continue
		}
		own, length, _ := strings.Cut(words[3], "/")
		network := own + "/" + length
		if len(words) > 5 && words[4] == "peer" { // "inet 10.8.0.1 peer 10.8.0.2/32"
			network = words[5]
		}
		a, err := netip.ParseAddr(own)
		if err != nil {
			continue
		}
		p, err := netip.ParsePrefix(network)
		if err != nil {
			p = netip.PrefixFrom(a, a.BitLen())
		}
		name, _, _ := strings.Cut(words[1], "@")
		all = append(all, SiteAddress{name, a, p.Masked()})
	}
	return all
}

// setUplink reads `ip -o route get`: "1.1.1.1 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0".
func (s *Site) setUplink(f iptables.Family, route []string) {
	at := slices.Index(route, "dev") + 1
	if at == 0 || at == len(route) || route[at] == "lo" {
		return
	}
	if s.Uplinks == nil {
		s.Uplinks = map[iptables.Family]string{}
	}
	s.Uplinks[f] = route[at]
}

// interfaceOf is the interface that has an address, "" where none has.
func (s Site) interfaceOf(a netip.Addr) string {
	for _, own := range s.Addresses {
		if own.Address == a.Unmap().WithZone("") {
			return own.Interface
		}
	}
	return ""
}

// tracer is what Trace may know of the host with that ruleset. Of routes only those to neighbours are known: the
// interface for any other destination stays unknown.
func (s Site) tracer(rs iptables.Ruleset) iptables.Tracer {
	t := iptables.Tracer{WithinLimits: true, Sets: map[string]iptables.Set{}}
	for _, name := range rs.Sets() {
		if set, _ := rs.Set(name); traceable(set) {
			told := iptables.Set{Type: set.Type}
			for _, e := range slices.Concat(set.Entries, set.Temporary) {
				told.Members = append(told.Members, e.String())
			}
			t.Sets[name] = told
		}
	}
	if len(s.Addresses) == 0 {
		return t
	}
	t.Networks = map[string][]netip.Prefix{}
	for _, own := range s.Addresses {
		t.Addresses = append(t.Addresses, own.Address)
		t.Networks[own.Interface] = append(t.Networks[own.Interface], own.Network)
	}
	return t
}

// traceable reports whether a set is known well enough to be told to a Tracer (see iptables.Set).
func traceable(s ipset.Set) bool { return !s.Unread && !strings.Contains(s.Extra, "mask ") }

// A way is by which interface, and to which of its addresses, somebody comes. The zero way is unknown.
type way struct {
	in string
	to netip.Addr
}

// ways are those by which other machines reach the host itself in a family, the uplink's first. Addresses of
// the link alone (fe80::1) count only where there is no other.
func (s Site) ways(f iptables.Family) []way {
	var uplink, others, links []way
	for _, own := range s.Addresses {
		w := way{own.Interface, own.Address}
		switch {
		case own.Address.Is4() != (f == iptables.IPv4), own.Address.IsLoopback():
		case own.Address.IsLinkLocalUnicast():
			links = append(links, w)
		case own.Interface == s.Uplinks[f]:
			uplink = append(uplink, w)
		default:
			others = append(others, w)
		}
	}
	if len(uplink)+len(others) == 0 {
		return links
	}
	return append(uplink, others...)
}
