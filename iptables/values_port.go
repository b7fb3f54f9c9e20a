package iptables

import (
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables/services"
)

const portOrRange = "a port from 0 to 65535, a service name, or a range a:b"

// servicePorts describes a port or range whose service names are looked up for one protocol
// only, and whose numbers may have any base: tcp, sctp.
func servicePorts(protocol string) *value {
	return word(portOrRange, func(_ *parser, s string) (string, error) {
		low, up, isRange := strings.Cut(s, ":")
		if !isRange {
			n, err := parsePort(s, protocol)
			return canonicalDecimal(n, s), err
		}
		a, b := uint64(0), uint64(65535)
		var err error
		if low != "" {
			if a, err = parsePort(low, protocol); err != nil {
				return "", err
			}
		}
		if up != "" {
			if b, err = parsePort(up, protocol); err != nil {
				return "", err
			}
		}
		if a > b {
			return "", refused("the range is the wrong way round")
		}
		return rangeText(a, b, s), nil
	})
}

// parsePort reads a port's number or the name of a service of the protocol.
func parsePort(s, protocol string) (uint64, error) {
	if n, ok := parseNumber(s, 0, 65535); ok {
		return n, nil
	}
	if port, ok := services.Port(s, protocol); ok {
		return uint64(port), nil
	}
	c := &complaint{message: "no such port or service: " + s}
	if len(s) > 2 && digit(s[0]) > 9 {
		c.near = nearest(s, services.Names())
	}
	return 0, c
}

// anyPorts describes a port or range whose service names are those of any protocol, tcp before
// udp, and whose numbers are decimal and cut to 16 bits, as getaddrinfo(3) does: udp, dccp,
// conntrack.
func anyPorts() *value {
	return word(portOrRange, func(p *parser, s string) (string, error) {
		low, up, isRange := strings.Cut(s, ":")
		if !isRange {
			n, err := lookUpPort(p, s)
			return canonicalDecimal(n, s), err
		}
		a, b := uint64(0), uint64(65535)
		var err error
		if low != "" {
			if a, err = lookUpPort(p, low); err != nil {
				return "", err
			}
		}
		if up != "" {
			if b, err = lookUpPort(p, up); err != nil {
				return "", err
			}
		}
		return rangeText(a, b, s), nil
	})
}

// lookUpPort reads a port as getaddrinfo(3) does.
func lookUpPort(p *parser, s string) (uint64, error) {
	if s == "" && !p.strict {
		return 0, nil
	}
	if n, ok := decimalPort(s); ok {
		if p.strict && len(strings.TrimLeft(s, " +0")) > len(decimal(n)) {
			return 0, refused("a port is at most 65535; iptables would take " + s + " for " + decimal(n))
		}
		return n, nil
	}
	for _, protocol := range []string{"tcp", "udp", "dccp", "udplite"} {
		if port, ok := services.Port(s, protocol); ok {
			return uint64(port), nil
		}
	}
	c := &complaint{message: "no such port or service: " + s}
	if len(s) > 2 && digit(s[0]) > 9 {
		c.near = nearest(s, services.Names())
	}
	return 0, c
}

// decimalPort is a number in decimal whatever it begins with, of which 16 bits count. One whose
// 32nd bit is set is taken for a name.
func decimalPort(s string) (uint64, bool) {
	n, rest := strtoul(s, 10)
	return n & 65535, s != "" && rest == "" && n&(1<<31) == 0
}
