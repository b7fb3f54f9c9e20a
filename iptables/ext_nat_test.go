package iptables

import "testing"

func TestNatExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-p tcp -j SNAT --to-source :80"},
		{in: "-p tcp -j SNAT --to-source 1.2.3.4:0"},
		{in: "! -p tcp -j SNAT --to-source 1.2.3.4:5"},
		{in: "-p tcp -j SNAT --to-source 1.2.3.4:+80", out: "-p tcp -j SNAT --to-source 1.2.3.4:80"},
		{in: "-p tcp -j DNAT --to-destination 1.2.3.4:0"},
		{in: "-p tcp -j DNAT --to-destination 1.2.3.4 --persistent --random", out: "-p tcp -j DNAT --to-destination 1.2.3.4 --random --persistent"},
		{family: IPv6, in: "-p tcp -j DNAT --to-destination [::1]:80-90"},
		{family: IPv6, in: "-p tcp -j DNAT --to-destination :80"},
		{in: "-p tcp -j REDIRECT"},
		{in: "-p tcp -j REDIRECT --to-ports http", out: "-p tcp -j REDIRECT --to-ports 80"},
		{in: "-p tcp -j MASQUERADE --to-ports http", out: "-p tcp -j MASQUERADE --to-ports 80"},
		{in: "-j NETMAP --to 1.2.3.4/0", out: "-j NETMAP --to 0.0.0.0/0"},
		{family: IPv6, in: "-j NETMAP --to dead::/64"},
		{family: IPv6, in: "-j SNPT --src-pfx dead::/64 --dst-pfx beef::/64"},
		{in: "-j SNAT --to-source 1.2.3.4"},
		{in: "-p icmp -j DNAT --to-destination 1.2.3.4:5"},
		{family: IPv6, in: "-j SNPT --src-pfx dead::/ffff:f000:: --dst-pfx beef::/20", out: "-j SNPT --src-pfx dead::/20 --dst-pfx beef::/20"},
	})
	testRefusals(t, []refusal{
		{in: `-j SNAT --to-source ""`, message: "--to-source: bad address"},
		{in: "-p tcp -j SNAT --to-source 1.2.3.4:ssh-80", message: "--to-source: bad port ssh-80"},
		{in: "-p tcp -j SNAT --to-source 1.2.3.4-:5", message: "--to-source: bad address"},
		{in: "-j SNAT --to-source 1.2.3.4/24", message: "--to-source: bad address 1.2.3.4/24"},
		{in: "-p tcp -j DNAT --to-destination 1.2.3.4:ssh-80", message: "--to-destination: bad port ssh-80"},
		{in: "-p tcp -j DNAT --to-destination :", message: "--to-destination: bad port"},
		{family: IPv6, in: "-p tcp -j DNAT --to-destination [::1", message: "--to-destination: the bracket is not closed"},
		{family: IPv6, in: "-p tcp -j SNAT --to-source [::1]:90-80", message: "--to-source: bad range of ports 90-80"},
		{in: "-p tcp -j REDIRECT --to-ports 80:90", message: "--to-ports: what is behind the port is wrong: :90"},
		{in: "-p tcp -j REDIRECT --persistent", message: "unknown option --persistent: it belongs to -j DNAT, -j SNAT"},
		{in: "-p tcp -j MASQUERADE --to-ports 80/90", message: "--to-ports: what is behind the port is wrong: /90"},
		{family: IPv6, in: "-j SNPT --src-pfx dead::/72 --dst-pfx beef::/72", message: "--src-pfx: bad prefix"},
	})
}
