package firewall

import (
	"net/netip"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
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

// interfaceOf is the interface that has an address, "" where none has.
func (s Site) interfaceOf(a netip.Addr) string {
	for _, own := range s.Addresses {
		if own.Address == a.Unmap().WithZone("") {
			return own.Interface
		}
	}
	return ""
}

// tracer is what Trace may know of the host. Of routes only those to neighbours are known: the
// interface for any other destination stays unknown.
func (s Site) tracer() iptables.Tracer {
	t := iptables.Tracer{WithinLimits: true}
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
