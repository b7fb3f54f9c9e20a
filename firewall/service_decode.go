package firewall

import (
	"net/netip"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A reading of a line as one of those that a service is made of: what decides, without the
// lines that log or limit.
type decoded struct {
	like        signature
	port        Port
	source      string // "" for everyone
	destination string
}

// A signature is what the lines of one service share.
type signature struct {
	chain, action, iface, comment string
}

// decode reads a line as a service's. It is generous: whether the service that is made of it
// prints just that line is for the caller to see.
func decode(l Line) (d decoded, ok bool) {
	r := l.Rule
	if l.Chain.Table != "filter" || r.Fragment.Set || r.In.Negated || r.Out.Negated || r.Protocol.Negated {
		return d, false
	}
	d.like = signature{chain: l.Chain.Name, comment: r.Comment(), iface: r.In.Name + r.Out.Name}
	switch r.Target.Name {
	case "ACCEPT", "DROP", "REJECT":
		d.like.action = strings.ToLower(r.Target.Name)
	default:
		return d, false
	}
	if d.source, ok = decodeAddress(r.Source); !ok {
		return d, false
	}
	if d.destination, ok = decodeAddress(r.Destination); !ok {
		return d, false
	}
	ports := ""
	for _, m := range r.Matches {
		switch m.Name {
		case "comment":
		case "tcp", "udp", "sctp", "dccp", "udplite":
			to, _ := m.Option("--dport")
			if len(m.Options) != 1 || to.Negated || text(to) == "" {
				return d, false
			}
			ports = text(to) + "/" + m.Name
		case "set":
			set, _ := m.Option("--match-set")
			words := strings.Fields(text(set))
			if len(m.Options) != 1 || set.Negated || len(words) != 2 || words[1] != "src" {
				return d, false
			}
			d.source = setPrefix + words[0]
		default:
			return d, false
		}
	}
	d.port, ok = decodePort(l.Chain.Family, r.Protocol, ports)
	return d, ok
}

// decodePort reads the port, or a protocol without one.
func decodePort(f iptables.Family, p iptables.Protocol, ports string) (Port, bool) {
	if ports == "" {
		switch {
		case p == iptables.Protocol{}:
			ports = "all"
		case p.Number == iptables.ICMPv6 && f == iptables.IPv6:
			ports = "icmp"
		default:
			ports = p.String()
		}
	}
	port, err := ParsePort(ports)
	return port, err == nil
}

// decodeAddress is an address as a service's lists spell it: single hosts without a length.
func decodeAddress(a iptables.Address) (string, bool) {
	switch {
	case a == iptables.Address{}:
		return "", true
	case a.Negated || !a.Prefix.IsValid():
		return "", false
	case a.Prefix.IsSingleIP():
		return a.Prefix.Addr().String(), true
	default:
		return a.Prefix.String(), true
	}
}

// everyone is the network of a family that stands for a line without source, for a service that
// names sources of the other family.
func everyone(f iptables.Family) string {
	if f == iptables.IPv6 {
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0).String()
	}
	return netip.PrefixFrom(netip.IPv4Unspecified(), 0).String()
}

// decodeLimit reads the rate from a line that drops what is above it.
func decodeLimit(r iptables.Rule) (RateLimit, bool) {
	m, ok := r.Match("hashlimit")
	if !ok || r.Target.Name != "DROP" {
		return RateLimit{}, false
	}
	rate, ok := m.Option("--hashlimit-above")
	if !ok {
		return RateLimit{}, false
	}
	limit := RateLimit{Rate: text(rate)}
	if o, ok := m.Option("--hashlimit-burst"); ok {
		limit.Burst = atoi(text(o))
	}
	if limit.Burst == defaultBurst {
		limit.Burst = 0
	}
	mode, _ := m.Option("--hashlimit-mode")
	limit.PerSource = text(mode) == "srcip"
	return limit, true
}

// decodeLog reads prefix and level from a line that logs new connections.
func decodeLog(r iptables.Rule) (Log, bool) {
	if r.Target.Name != "LOG" {
		return Log{}, false
	}
	prefix, _ := r.Target.Option("--log-prefix")
	level, _ := r.Target.Option("--log-level")
	log := Log{Prefix: text(prefix)}
	if n := text(level); n != "" {
		names := []string{"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"}
		if i := atoi(n); i < len(names) {
			log.Level = names[i]
		}
	}
	return log, true
}
