package iptables

import "testing"

func TestLocalExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m owner --uid-owner daemon"},
		{in: "-m owner --uid-owner www-data", out: "-m owner --uid-owner 33"},
		{in: "-m owner --uid-owner 5"},
		{in: "-m cgroup --path /", out: `-m cgroup --path "/"`},
		{in: "-m socket"},
		{in: "-m socket"},
		{in: "-m devgroup --src-group 0", out: "-m devgroup --src-group default"},
		{in: "-m physdev --physdev-is-out --physdev-is-in", out: "-m physdev --physdev-is-in --physdev-is-out"},
		{in: "-m physdev ! --physdev-in +"},
		{in: "-m physdev --physdev-is-out"},
		{in: "-m physdev --physdev-is-out"},
		{in: "-m physdev --physdev-is-in --physdev-in eth0 --physdev-is-out --physdev-out eth1 --physdev-is-bridged"},
		{in: "-m pkttype --pkt-type mcast", out: "-m pkttype --pkt-type multicast"},
		{in: "-m realm --realm 0", out: "-m realm --realm cosmos"},
		{in: "-m realm --realm cosmos"},
		{in: "-m realm --realm 5", out: "-m realm --realm 0x5"},
		{in: "-m owner --uid-owner 5-5 --gid-owner 0x5-010", out: "-m owner --uid-owner 5 --gid-owner 5-8"},
		{in: "-m cgroup ! --path tmr0"},
		{in: `-m cgroup --path "a b"`},
		{in: "-m devgroup --dst-group 0/5", out: "-m devgroup --dst-group 0x0/0x5"},
		{in: "-m realm --realm default"},
		{in: "-m nfacct --nfacct-name x", out: "-m nfacct --nfacct-name  x"},
		{in: `-m nfacct --nfacct-name "a b"`, out: `-m nfacct --nfacct-name  "a b"`},
	})
	testRefusals(t, []refusal{
		{in: "-m owner --uid-owner 5-3", message: "--uid-owner: bad range"},
		{in: "-m owner --uid-owner root-5", message: "--uid-owner: bad number or name"},
		{in: "-m owner --uid-owner -5", message: "--uid-owner: bad number or name"},
		{in: "-m owner --uid-owner 5 --suppl-groups --gid-owner 3", message: "owner: --gid-owner must stand before --suppl-groups"},
		{in: "-m owner", message: "owner: an option is missing"},
		{in: "-m cgroup --cgroup 4294967296", message: "--cgroup: bad value, or out of range"},
		{in: "-m devgroup", message: "devgroup: an option is missing"},
		{in: "-m devgroup --src-group 4294967296", message: "--src-group: bad value, or out of range"},
		{in: "-m physdev", message: "physdev: an option is missing"},
		{in: "-m pkttype --pkt-type multi", message: "--pkt-type: unknown type"},
		{in: "-m pkttype", message: "pkttype: option --pkt-type is missing"},
		{in: "-m realm --realm 4294967296", message: "--realm: bad value, or out of range"},
	})
}
