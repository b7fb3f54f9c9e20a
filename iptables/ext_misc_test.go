package iptables

import "testing"

func TestMiscExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-j CLASSIFY --set-class 1:2", out: "-j CLASSIFY --set-class 0001:0002"},
		{in: "-j CLASSIFY --set-class ffff:ffff"},
		{in: "-j CLASSIFY --set-class 10000:1", out: "-j CLASSIFY --set-class 0000:0001"},
		{in: "-j CLASSIFY --set-class 1:2", out: "-j CLASSIFY --set-class 0001:0002"},
		{in: "-j CLASSIFY --set-class 1:2", out: "-j CLASSIFY --set-class 0001:0002"},
		{in: "-j IDLETIMER --timeout 5 --label x"},
		{in: "-j IDLETIMER --timeout 5 --label xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", out: "-j IDLETIMER --timeout 5 --label xxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{in: "-j IDLETIMER --timeout 5 --label z --alarm"},
		{in: "-j TEE --gateway localhost", out: "-j TEE --gateway 127.0.0.1"},
		{family: IPv6, in: "-j TEE --gateway ::1"},
		{in: "-p tcp -j TPROXY --on-port 0", out: "-p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0"},
		{in: "-p tcp -j TPROXY --on-port 65536", out: "-p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0"},
		{in: "-p tcp -j TPROXY --on-port 80 --on-ip localhost", out: "-p tcp -j TPROXY --on-port 80 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0"},
		{in: "-p tcp -j TPROXY --on-port 80 --tproxy-mark 5/6", out: "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x5/0x6"},
		{in: "-p tcp -j TPROXY --on-port 80", out: "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0"},
		{family: IPv6, in: "-p udp -j TPROXY --on-port 80", out: "-p udp -j TPROXY --on-port 80 --on-ip :: --tproxy-mark 0x0/0x0"},
	})
	testRefusals(t, []refusal{
		{in: "-j CLASSIFY --set-class 1:", message: "--set-class: bad class"},
		{in: "-j CLASSIFY --set-class :2", message: "--set-class: bad class"},
		{in: "-j CLASSIFY --set-class x", message: "--set-class: bad class"},
		{in: "-j CLASSIFY --set-class 1", message: "--set-class: bad class"},
		{in: "-j IDLETIMER --timeout 0 --label x", message: "--timeout: bad value, or out of range"},
		{in: `-j IDLETIMER --timeout 5 --label ""`, message: "--label: the name is empty"},
		{in: "-j IDLETIMER --timeout 5", message: "IDLETIMER: option --label is missing"},
		{in: "-j IDLETIMER --timeout 4294967296 --label y", message: "--timeout: bad value, or out of range"},
		{in: "-j TEE --oif eth0", message: "TEE: option --gateway is missing"},
		{in: "-j TEE --gateway 0.0.0.0", message: "--gateway: no packet can be sent there"},
		{in: "-j TEE --gateway 1.2.3.4/24", message: "--gateway: not an ipv4 address"},
		{in: "-p tcp -j TPROXY", message: "TPROXY: option --on-port is missing"},
	})
}
