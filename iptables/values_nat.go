package iptables

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/services"
)

// natTarget describes the address, the ports, or both, that a packet gets.
var natTarget = word("address[-address][:port[-port]], in IPv6 with the address in brackets where ports follow", readNAT)

func readNAT(p *parser, s string) (string, error) {
	address, ports, hasPorts, err := splitNAT(p.family, s)
	if err != nil {
		return "", err
	}
	portText := ""
	if hasPorts {
		if portText, err = readNATPorts(p, ports); err != nil {
			return "", err
		}
	}
	if address == "" && hasPorts {
		return ":" + portText, nil
	}
	first, last, isRange := strings.Cut(address, "-")
	a, err := plainAddr(p.family, first)
	if err != nil {
		return "", err
	}
	b := a
	if isRange {
		if b, err = plainAddr(p.family, last); err != nil {
			return "", err
		}
	}
	text := appendAddr(make([]byte, 0, 64), a)
	if a != b {
		text = append(text, '-')
		text = appendAddr(text, b)
	}
	if hasPorts && p.family == IPv6 {
		return "[" + string(text) + "]:" + portText, nil
	}
	if hasPorts {
		return string(text) + ":" + portText, nil
	}
	if string(text) == s {
		return s, nil
	}
	return string(text), nil
}

// splitNAT finds the ports: behind the bracket in IPv6, else behind the only colon.
func splitNAT(f Family, s string) (address, ports string, hasPorts bool, err error) {
	if f == IPv6 && strings.HasPrefix(s, "[") {
		address, rest, closed := strings.Cut(s[1:], "]")
		if !closed {
			return "", "", false, refused("the bracket is not closed")
		}
		_, ports, hasPorts = strings.Cut(rest, ":")
		return address, ports, hasPorts, nil
	}
	if strings.Count(s, ":") == 1 {
		address, ports, _ = strings.Cut(s, ":")
		return address, ports, true, nil
	}
	return s, "", false, nil
}

// plainAddr reads an address in its usual form only, as inet_pton(3) does.
func plainAddr(f Family, s string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" || ip.Is4() != (f == IPv4) {
		return ip, refused("bad address " + s)
	}
	return ip, nil
}

// natPorts describes the ports alone.
var natPorts = word("port or port-port", readNATPorts)

// readNATPorts reads port, port-port and port-port/base. Only the first port, and the base, may
// be a service's name, of whatever protocol.
func readNATPorts(p *parser, s string) (string, error) {
	if !slices.Contains([]uint8{TCP, UDP, SCTP, 33, ICMP}, p.rule.Protocol.Number) {
		return "", refused("a port needs -p tcp, udp, sctp or dccp before it")
	}
	low, rest, ok := scanNumber(s)
	if !ok || low > 65535 {
		port, known := services.Port(s, "")
		if !known {
			return "", refused("bad port " + s)
		}
		return decimal(uint64(port)), nil
	}
	if rest == "" {
		return canonicalDecimal(low, s), nil
	}
	high, target := low, p.current.name
	switch {
	case rest[0] == '-':
		if high, rest, ok = scanNumber(rest[1:]); !ok || high > 65535 || high < low {
			return "", refused("bad range of ports " + s)
		}
	case rest[0] != '/' || target != "DNAT":
		return "", refused("what is behind the port is wrong: " + rest)
	}
	switch {
	case rest == "" && high == low:
		return decimal(low), nil
	case rest == "":
		return decimal(low) + "-" + decimal(high), nil
	case rest[0] != '/':
		return "", refused("what is behind the ports is wrong: " + rest)
	}
	base, _, ok := scanNumber(rest[1:])
	switch {
	case target == "REDIRECT":
		return "", refused("a base for the ports does not work here")
	case ok && base == 0 && target != "DNAT":
		// SNAT and MASQUERADE take a base, keep none and list 0.
	case !ok || base < 1 || base > 65535:
		port, known := services.Port(rest[1:], "")
		if !known {
			return "", refused("bad port " + rest[1:])
		}
		base = uint64(port)
	}
	// A range of one port is listed as that port; before a base iptables reads a range only.
	return decimal(low) + "-" + decimal(high) + "/" + decimal(base), nil
}
