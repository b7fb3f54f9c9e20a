package ipset

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/services"
)

// protocols are those with ports or ICMP types, by the names and numbers that ipset reads.
var protocols = map[string]string{
	"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp", "sctp": "sctp", "132": "sctp", "udplite": "udplite", "136": "udplite",
	"icmp": "icmp", "1": "icmp", "icmpv6": "icmpv6", "ipv6-icmp": "icmpv6", "58": "icmpv6",
}

// ports reads "80", "udp:domain", "tcp:80-90", "icmp:echo-request", "gre:0". Without a
// protocol it is TCP's; a bitmap:port knows numbers only.
func (s Set) ports(text string) ([]string, error) {
	protocol, value, named := strings.Cut(text, ":")
	if !named {
		protocol, value = "tcp", text
	}
	protocol = strings.ToLower(protocol)
	known, ported := protocols[protocol]
	lead := known + ":"
	switch {
	case s.Type == "bitmap:port":
		lead = ""
		if !ported || strings.HasPrefix(known, "icmp") {
			return nil, refused("a bitmap:port holds ports: %q has none", text)
		}
	case known == "icmp" || known == "icmpv6":
		kind, err := icmpType(known, value)
		return one(lead+kind, err)
	case !ported && value == "0" && protocol != "":
		return []string{protocol + ":0"}, nil
	case !ported:
		return nil, refused("%q has no ports: write %s:0 for all of it", protocol, protocol)
	}
	first, err := port(value, known)
	last := first
	if err != nil {
		from, to, ranged := strings.Cut(value, "-")
		if !ranged {
			return nil, err
		}
		if first, err = port(from, known); err != nil {
			return nil, err
		}
		if last, err = port(to, known); err != nil {
			return nil, err
		}
		if last < first {
			return nil, refused("the range of ports goes from its end to its start")
		}
	}
	all := make([]string, 0, int(last)-int(first)+1)
	for n := int(first); n <= int(last); n++ {
		all = append(all, lead+strconv.Itoa(n))
	}
	return all, nil
}

func port(text, protocol string) (uint16, error) {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil {
		return uint16(n), nil
	}
	if n, ok := services.Port(text, protocol); ok {
		return n, nil
	}
	return 0, refused("%q is neither a port (0 to 65535) nor a service of %s", text, protocol)
}

// icmpType reads a type by name or as type/code. Versions of ipset print one or the other.
func icmpType(protocol, text string) (string, error) {
	if known, ok := icmpTypes[protocol+":"+strings.ToLower(text)]; ok {
		return known, nil
	}
	kind, code, ok := strings.Cut(text, "/")
	if !ok {
		code = "0"
	}
	k, err := strconv.ParseUint(kind, 10, 8)
	if err != nil {
		return "", refused("%q is no type of %s: a name such as echo-request, or type/code", text, protocol)
	}
	c, err := strconv.ParseUint(code, 10, 8)
	if err != nil {
		return "", refused("%q is no code of %s", code, protocol)
	}
	return fmt.Sprintf("%d/%d", k, c), nil
}

// icmpTypes are the names that ipset 7 prints.
var icmpTypes = map[string]string{
	"icmp:echo-reply": "0/0", "icmp:pong": "0/0", "icmp:network-unreachable": "3/0", "icmp:host-unreachable": "3/1",
	"icmp:protocol-unreachable": "3/2", "icmp:port-unreachable": "3/3", "icmp:fragmentation-needed": "3/4",
	"icmp:source-route-failed": "3/5", "icmp:network-unknown": "3/6", "icmp:host-unknown": "3/7",
	"icmp:network-prohibited": "3/9", "icmp:host-prohibited": "3/10", "icmp:tos-network-unreachable": "3/11",
	"icmp:tos-host-unreachable": "3/12", "icmp:communication-prohibited": "3/13", "icmp:host-precedence-violation": "3/14",
	"icmp:precedence-cutoff": "3/15", "icmp:source-quench": "4/0", "icmp:network-redirect": "5/0", "icmp:host-redirect": "5/1",
	"icmp:tos-network-redirect": "5/2", "icmp:tos-host-redirect": "5/3", "icmp:echo-request": "8/0", "icmp:ping": "8/0",
	"icmp:router-advertisement": "9/0", "icmp:router-solicitation": "10/0", "icmp:ttl-zero-during-transit": "11/0",
	"icmp:ttl-zero-during-reassembly": "11/1", "icmp:ip-header-bad": "12/0", "icmp:required-option-missing": "12/1",
	"icmp:timestamp-request": "13/0", "icmp:timestamp-reply": "14/0", "icmp:address-mask-request": "17/0",
	"icmp:address-mask-reply": "18/0",

	"icmpv6:no-route": "1/0", "icmpv6:communication-prohibited": "1/1", "icmpv6:address-unreachable": "1/3",
	"icmpv6:port-unreachable": "1/4", "icmpv6:packet-too-big": "2/0", "icmpv6:ttl-zero-during-transit": "3/0",
	"icmpv6:ttl-zero-during-reassembly": "3/1", "icmpv6:bad-header": "4/0", "icmpv6:unknown-header-type": "4/1",
	"icmpv6:unknown-option": "4/2", "icmpv6:echo-request": "128/0", "icmpv6:ping": "128/0", "icmpv6:echo-reply": "129/0",
	"icmpv6:pong": "129/0", "icmpv6:router-solicitation": "133/0", "icmpv6:router-advertisement": "134/0",
	"icmpv6:neighbour-solicitation": "135/0", "icmpv6:neighbor-solicitation": "135/0", "icmpv6:neighbour-advertisement": "136/0",
	"icmpv6:neighbor-advertisement": "136/0", "icmpv6:redirect": "137/0",
}

// parseMAC reads a hardware address; ipset prints it in capitals.
func parseMAC(text string) (string, error) {
	octets := strings.Split(text, ":")
	for _, o := range octets {
		if _, err := strconv.ParseUint(o, 16, 8); err != nil || len(o) != 2 || len(octets) != 6 {
			return "", refused("%q is no MAC address (01:23:45:67:89:AB)", text)
		}
	}
	return strings.ToUpper(text), nil
}

func parseMark(text string) (string, error) {
	n, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		return "", refused("%q is no mark: a number of 32 bits, such as 0x63", text)
	}
	return fmt.Sprintf("0x%08x", n), nil
}

func parseInterface(text string) (string, error) {
	name := strings.TrimPrefix(text, "physdev:")
	if name == "" || len(name) > 15 || strings.ContainsAny(name, " \t/") {
		return "", refused("%q is no network interface (1 to 15 bytes)", text)
	}
	return text, nil
}
