package iptables

import "net/netip"

// An Address is the argument of -s or -d. The zero Address matches everything.
type Address struct {
	Negated bool
	// Prefix has its host bits cleared. Its zero value means "any", or that Mask says more.
	Prefix netip.Prefix
	// Mask is a mask that is not a prefix length; then IP holds the masked address.
	Mask netip.Addr
	IP   netip.Addr
}

// An Interface is the argument of -i or -o; a trailing "+" matches every name that begins so.
// The zero Interface matches every interface.
type Interface struct {
	Negated bool
	Name    string
}

// A Protocol is the argument of -p as a number. The zero Protocol matches all.
type Protocol struct {
	Negated bool
	Number  uint8
}

// Fragment is -f: IPv4 fragments after the first, or with Negated everything else.
type Fragment struct {
	Set     bool
	Negated bool
}

// Protocol numbers that the rest of the code speaks of.
const (
	ICMP   = 1
	TCP    = 6
	UDP    = 17
	ICMPv6 = 58
	SCTP   = 132
)
