package provider

import (
	"fmt"
	"net/netip"
	"strings"
)

// local is the name of the machine on which Terraform runs.
const local = "local"

// A destination is what an attribute `host` says when it is no key of `hosts`:
// "[user@]address[:port]", with an IPv6 address in brackets where a port follows.
type destination struct {
	user, address, port string // "" where it does not say
}

func parseDestination(s string) (destination, error) {
	var d destination
	rest := s
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		d.user, rest = rest[:at], rest[at+1:]
		if d.user == "" {
			return d, fmt.Errorf("nothing stands before the @")
		}
	}
	switch {
	case strings.HasPrefix(rest, "["):
		address, after, closed := strings.Cut(rest[1:], "]")
		if _, err := netip.ParseAddr(address); !closed || err != nil {
			return d, fmt.Errorf("brackets are for an IPv6 address, as in \"[2001:db8::1]:22\"")
		}
		d.address, rest = address, after
	case strings.Count(rest, ":") > 1:
		if _, err := netip.ParseAddr(rest); err != nil {
			return d, fmt.Errorf("%q is neither an IPv6 address nor an address and a port; write an IPv6 address with a port as \"[2001:db8::1]:22\"", rest)
		}
		d.address, rest = rest, ""
	default:
		end := len(rest)
		if colon := strings.Index(rest, ":"); colon >= 0 {
			end = colon
		}
		d.address, rest = rest[:end], rest[end:]
	}
	if d.address == "" {
		return d, fmt.Errorf("it holds no address")
	}
	if rest == "" {
		return d, nil
	}
	port, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return d, fmt.Errorf("%q follows the address", rest)
	}
	var n int
	if err := setPort(&n, port); err != nil {
		return d, err
	}
	d.port = port
	return d, nil
}
