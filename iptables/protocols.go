package iptables

import "strings"

// protocolNames are the names by which iptables prints protocols: those of Debian's
// /etc/protocols (netbase 6.4), which other distributions share.
var protocolNames = [256]string{
	1:   "icmp",
	2:   "igmp",
	3:   "ggp",
	4:   "ipencap",
	5:   "st",
	6:   "tcp",
	8:   "egp",
	9:   "igp",
	12:  "pup",
	17:  "udp",
	20:  "hmp",
	22:  "xns-idp",
	27:  "rdp",
	29:  "iso-tp4",
	33:  "dccp",
	36:  "xtp",
	37:  "ddp",
	38:  "idpr-cmtp",
	41:  "ipv6",
	43:  "ipv6-route",
	44:  "ipv6-frag",
	45:  "idrp",
	46:  "rsvp",
	47:  "gre",
	50:  "esp",
	51:  "ah",
	57:  "skip",
	58:  "ipv6-icmp",
	59:  "ipv6-nonxt",
	60:  "ipv6-opts",
	73:  "rspf",
	81:  "vmtp",
	88:  "eigrp",
	89:  "ospf",
	93:  "ax.25",
	94:  "ipip",
	97:  "etherip",
	98:  "encap",
	103: "pim",
	108: "ipcomp",
	112: "vrrp",
	115: "l2tp",
	124: "isis",
	132: "sctp",
	133: "fc",
	135: "mobility-header",
	136: "udplite",
	137: "mpls-in-ip",
	138: "manet",
	139: "hip",
	140: "shim6",
	141: "wesp",
	142: "rohc",
	143: "ethernet",
}

// protocolAliases are names that are understood but never printed, in lower case: the rest of
// /etc/protocols and iptables' own list, which it falls back on.
var protocolAliases = map[string]uint8{
	"ip-encap":  4,
	"ipsec-esp": 50,
	"ipsec-ah":  51,
	"cphb":      73,
	"ospfigp":   89,
	"icmpv6":    58, "ipv6-mh": 135, "mh": 135, "hopopt": 0, "ip": 0, "all": 0,
}

// namedIn1811 are the only protocols that iptables 1.8.11 prints by name; it no longer asks
// /etc/protocols.
var namedIn1811 = [256]bool{
	TCP: true, UDP: true, 136: true, ICMP: true, ICMPv6: true, 50: true, 51: true, SCTP: true,
	33: true, 108: true, 135: true,
}

var protocolNumbers = func() map[string]uint8 {
	numbers := make(map[string]uint8, 2*len(protocolNames))
	for n, name := range protocolNames {
		if name != "" {
			numbers[name] = uint8(n)
		}
	}
	for name, n := range protocolAliases {
		numbers[name] = n
	}
	return numbers
}()

// parseProtocol reads a protocol's number or name; "all" and "ip" are 0. The case of a name
// does not matter to -p, which lowers it first.
func parseProtocol(s string) (uint8, error) {
	if n, ok := parseNumber(s, 0, 255); ok {
		return uint8(n), nil
	}
	name := s
	if lower := strings.ToLower(s); lower != s {
		name = lower
	}
	if n, ok := protocolNumbers[name]; ok {
		return n, nil
	}
	return 0, &complaint{
		message: "unknown protocol", expected: "a name such as tcp, udp, icmp, or a number from 0 to 255",
		near: nearestProtocol(name),
	}
}

// parseExactProtocol is parseProtocol for everything but -p: a name is known in small or in
// capital letters only.
func parseExactProtocol(s string) (uint8, error) {
	n, err := parseProtocol(s)
	if err == nil && s != strings.ToLower(s) && s != strings.ToUpper(s) && !strings.HasPrefix(s, "IPv6") {
		return 0, refused("unknown protocol")
	}
	return n, err
}

func nearestProtocol(name string) string {
	names := []string{"all"}
	for _, n := range protocolNames {
		if n != "" {
			names = append(names, n)
		}
	}
	return nearest(name, names)
}

// name is the protocol as the dialect prints it.
func (p Protocol) name(d Dialect) string {
	if n := protocolNames[p.Number]; n != "" && (d.Version.before(8, 11) || namedIn1811[p.Number]) {
		return n
	}
	return smallNumber(p.Number)
}

// String is the protocol's name as most versions print it, or its number.
func (p Protocol) String() string { return p.name(Reference) }
