package iptables

import "testing"

func TestAddressExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m addrtype --src-type LOCAL --dst-type UNICAST,local", out: "-m addrtype --src-type LOCAL --dst-type UNICAST,LOCAL"},
		{in: "-m addrtype --src-type loc", out: "-m addrtype --src-type LOCAL"},
		{in: "-m addrtype --src-type UNSPEC,UNICAST,LOCAL,BROADCAST,ANYCAST,MULTICAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE"},
		{in: "-m addrtype ! --src-type LOCAL ! --dst-type LOCAL --limit-iface-in"},
		{in: "-m addrtype --limit-iface-out ! --dst-type LOCAL", out: "-m addrtype ! --dst-type LOCAL --limit-iface-out"},
		{family: IPv6, in: "-m addrtype --dst-type LOCAL"},
		{family: IPv6, in: "-m addrtype --dst-type LOCAL,UNREACHABLE"},
		{in: "-m iprange --src-range 1.2.3.4-1.2.3.5 --dst-range 1.2.3.4", out: "-m iprange --src-range 1.2.3.4-1.2.3.5 --dst-range 1.2.3.4-1.2.3.4"},
		{in: "-m iprange --src-range 1.2.3-1.2.4", out: "-m iprange --src-range 1.2.3.0-1.2.4.0"},
		{in: "-m iprange --src-range 01.02.03.04", out: "-m iprange --src-range 1.2.3.4-1.2.3.4"},
		{family: IPv6, in: "-m iprange --src-range ::1-::5"},
		{in: "-m mac --mac-source :2:3:4:5:6", out: "-m mac --mac-source 00:02:03:04:05:06"},
		{in: `-m mac --mac-source " 1:2:3:4:5:6"`, out: "-m mac --mac-source 01:02:03:04:05:06"},
		{in: "-m mac ! --mac-source 1:2:3:4:5:6", out: "-m mac ! --mac-source 01:02:03:04:05:06"},
		{in: "-m addrtype --src-type LOCAL --limit-iface-in --dst-type LOCAL", out: "-m addrtype --src-type LOCAL --dst-type LOCAL --limit-iface-in"},
		{in: "-m mac --mac-source 1:2:3:4:5:6", out: "-m mac --mac-source 01:02:03:04:05:06"},
		{in: "-m iprange --src-range 010.0x2-1.2.3", out: "-m iprange --src-range 8.2.0.0-1.2.3.0"},
		{in: `-m mac --mac-source "-1::+a:5: 6:"`, out: "-m mac --mac-source ff:00:0a:05:06:00"},
	})
	testRefusals(t, []refusal{
		{in: `-m addrtype --src-type ""`, message: "--src-type: unknown name"},
		{in: "-m addrtype --src-type LOCAL,", message: "--src-type: unknown name"},
		{in: "-m addrtype --src-type LOCAL --src-type UNICAST", message: "addrtype: option --src-type may be given only once"},
		{family: IPv6, in: "-m addrtype --dst-type LOCAL,BROADCAST", message: "addrtype: --dst-type BROADCAST does not work in IPv6"},
		{in: "-m iprange --src-range 1.2.3.4-1.2.3.5-1.2.3.6", message: "--src-range: bad address 1.2.3.5-1.2.3.6"},
		{in: "-m iprange --src-range localhost", message: "--src-range: bad address localhost"},
		{in: "-m iprange --src-range 1.2.3.4-", message: "--src-range: bad address"},
		{in: "-m iprange --src-range 1.2.3.4/24", message: "--src-range: bad address 1.2.3.4/24"},
		{in: "-m mac --mac-source 1:2:3:4:5:6:7", message: "--mac-source: bad MAC address"},
		{in: "-m mac --mac-source aa-bb", message: "--mac-source: bad MAC address"},
		{in: "-m mac --mac-source 00:11:22:33:44:555", message: "--mac-source: bad MAC address"},
		{in: "-m mac --mac-source 00:11:22:33:44", message: "--mac-source: bad MAC address"},
		{in: "-m iprange --src-range 16909060", message: "--src-range: bad address 16909060"},
		{in: `-m mac --mac-source "::::: "`, message: "--mac-source: bad MAC address"},
	})
}
