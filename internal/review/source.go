package review

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Sources are addresses of both families, as the shortest list of networks.
type Sources struct {
	IPv4 []netip.Prefix `json:"ipv4"`
	IPv6 []netip.Prefix `json:"ipv6"`
}

func (s Sources) of(f iptables.Family) []netip.Prefix {
	if f == iptables.IPv6 {
		return s.IPv6
	}
	return s.IPv4
}

func (s *Sources) set(f iptables.Family, prefixes []netip.Prefix) {
	if f == iptables.IPv6 {
		s.IPv6 = prefixes
	} else {
		s.IPv4 = prefixes
	}
}

func (s Sources) empty() bool { return len(s.IPv4)+len(s.IPv6) == 0 }

// String is "anywhere", "10.0.0.0/8 and 2001:db8::/32", "anywhere but 203.0.113.7", "anywhere (IPv6 only)".
func (s Sources) String() string {
	but4, wide4 := exceptions(iptables.IPv4, s.IPv4)
	but6, wide6 := exceptions(iptables.IPv6, s.IPv6)
	switch {
	case wide4 && wide6:
		return "anywhere" + but(append(but4, but6...))
	case wide4 && len(s.IPv6) == 0:
		return "anywhere" + but(but4) + " (IPv4 only)"
	case wide6 && len(s.IPv4) == 0:
		return "anywhere" + but(but6) + " (IPv6 only)"
	case wide4:
		return "anywhere in IPv4" + but(but4) + ", and " + enumerate(s.IPv6)
	case wide6:
		return enumerate(s.IPv4) + ", and anywhere in IPv6" + but(but6)
	}
	return enumerate(append(append([]netip.Prefix{}, s.IPv4...), s.IPv6...))
}

func but(networks []netip.Prefix) string {
	if len(networks) == 0 {
		return ""
	}
	return " but " + enumerate(networks)
}

// exceptions are the networks that a list leaves out, where it is most of the family.
func exceptions(f iptables.Family, networks []netip.Prefix) ([]netip.Prefix, bool) {
	if !most(f, networks) {
		return nil, false
	}
	return offLink(f, iptables.Reach{Dropped: iptables.Without(f, []netip.Prefix{iptables.Everyone(f)}, networks)}).Dropped, true
}

// most reports whether the networks hold most of the addresses that are anybody's.
func most(f iptables.Family, networks []netip.Prefix) bool {
	if len(networks) == 0 || len(networks) == 1 && networks[0].Bits() == 0 { // nearly always, and soon answered
		return len(networks) == 1
	}
	return firewall.MostOf(f, networks)
}

// maxNetworks bounds how many networks a sentence names. The JSON has all.
const maxNetworks = 6

func enumerate(networks []netip.Prefix) string {
	if len(networks) == 0 {
		return "nowhere"
	}
	var names []string
	for i, p := range networks {
		if i == maxNetworks-1 && len(networks) > maxNetworks {
			names = append(names, fmt.Sprintf("%d more networks", len(networks)-i))
			break
		}
		names = append(names, network(p))
	}
	return conjunction(names)
}

func network(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// conjunction is "a", "a and b", "a, b and c".
func conjunction(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
