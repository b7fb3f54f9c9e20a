package iptables

// A Family is the address family that a rule belongs to. Each family has a command, and a
// ruleset, of its own.
type Family uint8

// The two families of iptables.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// Families lists both families in the order in which everything is printed.
var Families = []Family{IPv4, IPv6}

// String is "ipv4" or "ipv6", as attributes and messages spell it.
func (f Family) String() string {
	if f == IPv6 {
		return "ipv6"
	}
	return "ipv4"
}

// Command is the program that manages the family: "iptables" or "ip6tables".
func (f Family) Command() string {
	if f == IPv6 {
		return "ip6tables"
	}
	return "iptables"
}
