package resources

import (
	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// bothFamilies are the facts of a host that can manage IPv4 and IPv6.
var bothFamilies = firewall.Facts{Programs: map[iptables.Family]firewall.Program{
	iptables.IPv4: {Path: "/usr/sbin/iptables", Dialect: iptables.Reference},
	iptables.IPv6: {Path: "/usr/sbin/ip6tables", Dialect: iptables.Reference},
}}
