package firewall

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Port is what a service listens on: "22/tcp", "9000-9100/udp", a protocol without ports
// ("esp", "icmp") or with all of them ("tcp"), or "all".
type Port struct {
	From, To int    // 0: the protocol has no ports, or all are meant
	Protocol string // as iptables names it, or "all"
}

// portProtocols are the protocols with ports, in the order in which their lines are printed.
var portProtocols = []string{"tcp", "udp", "sctp", "dccp", "udplite"}

// wholeProtocols are those that stand alone, with the family that they are confined to, 0 for both.
// "icmp" means the ICMP of the family that the line is for.
var wholeProtocols = map[string]iptables.Family{
	"all": 0, "tcp": 0, "udp": 0, "sctp": 0, "dccp": 0, "udplite": 0,
	"icmp": 0, "ipv6-icmp": iptables.IPv6, "igmp": iptables.IPv4,
	"esp": 0, "ah": 0, "gre": 0, "ipip": 0, "ipencap": 0, "ipv6": 0, "ipcomp": 0,
	"ospf": 0, "pim": 0, "vrrp": 0, "l2tp": 0, "eigrp": 0, "etherip": 0, "hip": 0,
}

// ParsePort reads a port. Ranges are written with "-" or, as iptables does, with ":". The
// error says what would be right.
func ParsePort(s string) (Port, error) {
	number, protocol, ok := strings.Cut(strings.ToLower(s), "/")
	if !ok {
		if _, known := wholeProtocols[number]; known {
			return Port{Protocol: number}, nil
		}
		if strings.Trim(number, "0123456789-:") == "" {
			return Port{}, fmt.Errorf(`%q has no protocol: write "%s/tcp", "%s/udp", or both`, s, number, number)
		}
		return Port{}, fmt.Errorf(`%q is neither a port such as "8080/tcp" or "9000-9100/udp" nor a protocol that stands alone (%s)%s`,
			s, strings.Join(slices.Sorted(wholeNames), ", "), didYouMean(nearest(number, slices.Collect(wholeNames))))
	}
	if !slices.Contains(portProtocols, protocol) {
		if strings.ContainsAny(protocol, "+,") {
			return Port{}, fmt.Errorf("%q names several protocols: write one entry for each, so that each has its own line in a plan", s)
		}
		return Port{}, fmt.Errorf("%q: %q is no protocol with ports; these are: %s%s", s, protocol, strings.Join(portProtocols, ", "), didYouMean(nearest(protocol, portProtocols)))
	}
	first, last, isRange := strings.Cut(strings.ReplaceAll(number, ":", "-"), "-")
	from, err := portNumber(s, first)
	if err != nil {
		return Port{}, err
	}
	to := from
	if isRange {
		if to, err = portNumber(s, last); err != nil {
			return Port{}, err
		}
	}
	if from > to {
		return Port{}, fmt.Errorf(`%q is a range from its end to its start: write "%d-%d/%s"`, s, to, from, protocol)
	}
	return Port{from, to, protocol}, nil
}

func wholeNames(yield func(string) bool) {
	for name := range wholeProtocols {
		if !yield(name) {
			return
		}
	}
}

func portNumber(all, s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil && (s == "" || strings.Trim(s, "0123456789") != "") {
		return 0, fmt.Errorf(`%q: %q is not a port number; write one entry for each port, such as "80/tcp"`, all, s)
	}
	if err != nil || n < 1 || n > 65535 {
		return 0, fmt.Errorf("%q: there is no port %s; ports are 1 to 65535", all, s)
	}
	return n, nil
}

// String is the canonical spelling: "22/tcp", "9000-9100/udp", "esp".
func (p Port) String() string {
	switch p.From {
	case 0:
		return p.Protocol
	case p.To:
		return fmt.Sprintf("%d/%s", p.From, p.Protocol)
	default:
		return fmt.Sprintf("%d-%d/%s", p.From, p.To, p.Protocol)
	}
}

// exists reports whether the family knows the port's protocol.
func (p Port) exists(f iptables.Family) bool {
	only := wholeProtocols[p.Protocol]
	return only == 0 || only == f
}

// arguments are the port as iptables' arguments.
func (p Port) arguments(f iptables.Family) []string {
	switch {
	case p.Protocol == "all":
		return nil
	case p.Protocol == "icmp" && f == iptables.IPv6:
		return []string{"-p", "ipv6-icmp"}
	case p.From == 0:
		return []string{"-p", p.Protocol}
	case p.From == p.To:
		return []string{"-p", p.Protocol, "--dport", strconv.Itoa(p.From)}
	default:
		return []string{"-p", p.Protocol, "--dport", fmt.Sprintf("%d:%d", p.From, p.To)}
	}
}

// comparePorts orders ports by number and then by protocol; those without a number come last.
func comparePorts(a, b Port) int {
	rank := func(p Port) int {
		if i := slices.Index(portProtocols, p.Protocol); i >= 0 {
			return i
		}
		return len(portProtocols)
	}
	from := func(p Port) int {
		if p.From == 0 {
			return 1 << 16
		}
		return p.From
	}
	return cmp.Or(cmp.Compare(from(a), from(b)), cmp.Compare(a.To, b.To), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Protocol, b.Protocol))
}

// uniquePorts are the ports in canonical order, each once.
func uniquePorts(ports []Port) []Port {
	return slices.Compact(slices.SortedFunc(slices.Values(ports), comparePorts))
}

func portNames(ports []Port) []string {
	names := make([]string, len(ports))
	for i, p := range ports {
		names[i] = p.String()
	}
	return names
}
