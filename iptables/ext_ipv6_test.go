package iptables

import "testing"

func TestIpv6Extensions(t *testing.T) {
	testSpecs(t, []specCase{
		{family: IPv6, in: "-m dst --dst-opts 4294967296,-5,5:256", out: "-m dst --dst-opts 0,251,5:0"},
		{family: IPv6, in: "-m frag"},
		{family: IPv6, in: "-m frag --fragid 0:4294967295", out: "-m frag"},
		{family: IPv6, in: "-m hbh --hbh-opts 256", out: "-m hbh --hbh-opts 0"},
		{family: IPv6, in: "-m hbh --hbh-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"},
		{family: IPv6, in: "-m dst ! --dst-len 5 --dst-opts 1:2"},
		{family: IPv6, in: "-m rt --rt-type 0 --rt-0-addrs ::1 --rt-0-not-strict"},
		{family: IPv6, in: "-m rt"},
		{family: IPv6, in: "-m rt --rt-segsleft :", out: "-m rt"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type BRR", out: "-p mobility-header -m mh --mh-type 0"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type home-test-init", out: "-p mobility-header -m mh --mh-type 1"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type hot", out: "-p mobility-header -m mh --mh-type 3"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type bu", out: "-p mobility-header -m mh --mh-type 5"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type binding", out: "-p mobility-header -m mh --mh-type 0"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type 255"},
		{family: IPv6, in: "-m srh"},
		{family: IPv6, in: "-m srh --srh-hdr-len-eq 5 --srh-hdr-len-gt 3", out: "-m srh --srh-hdr-len-eq 3 --srh-hdr-len-gt 3"},
		{family: IPv6, in: "-m hbh --hbh-opts 5:255,6:511,7:0,0", out: "-m hbh --hbh-opts 5,6,7:0,0"},
		{family: IPv6, in: "-m ipv6header --header ,esp,0,dst,,IPv6-Route,hopopt,", out: "-m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,esp"},
		{family: IPv6, in: `-p mh -m mh --mh-type ""`, out: "-p mobility-header -m mh --mh-type 0"},
		{family: IPv6, in: "-p mh -m mh --mh-type careof:", out: "-p mobility-header -m mh --mh-type 2:255"},
		{family: IPv6, in: "-m srh --srh-psid 2001:db8::1/ffff::1 ! --srh-lsid fe80::1%lo", out: "-m srh --srh-psid 2001:db8::1/128 ! --srh-lsid fe80::1/128"},
	})
	testRefusals(t, []refusal{
		{family: IPv6, in: "-m frag --fragid 5 --fragid 6", message: "frag: option --fragid may be given only once"},
		{family: IPv6, in: "-m hbh --hbh-opts 1:2:3", message: "--hbh-opts: bad option 1:2:3"},
		{family: IPv6, in: "-m hbh --hbh-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", message: "--hbh-opts: more than 16 options"},
		{family: IPv6, in: "-m hbh --hbh-not-strict", message: "unknown option --hbh-not-strict"},
		{family: IPv6, in: "-m dst --dst-not-strict", message: "unknown option --dst-not-strict"},
		{family: IPv6, in: "-m rt --rt-0-addrs ::1", message: "rt: --rt-type 0 must stand before --rt-0-addrs"},
		{family: IPv6, in: "-m rt --rt-0-res", message: "rt: --rt-type 0 must stand before --rt-0-res"},
		{family: IPv6, in: "-m rt --rt-len 5:6", message: "--rt-len: bad value, or out of range"},
		{family: IPv6, in: "-m ipv6header", message: "ipv6header: option --header is missing"},
		{family: IPv6, in: "-p mobility-header -m mh --mh-type 5:3", message: "--mh-type: the range is the wrong way round"},
		{in: "-m eui64", message: "-m: match eui64 does not exist in iptables"},
		{family: IPv6, in: "-m srh --srh-next-hdr 256", message: "--srh-next-hdr: bad value, or out of range"},
		{family: IPv6, in: "-m hbh --hbh-opts 256:1", message: "--hbh-opts: bad option 256:1"},
		{family: IPv6, in: "-m dst --dst-opts 0:0", message: "--dst-opts: bad option 0:0"},
		{family: IPv6, in: "-m ipv6header --header ,", message: "--header: no header is named"},
		{family: IPv6, in: "-m ipv6header --header 0x2b", message: "--header: unknown header 0x2b"},
		{family: IPv6, in: "-m ipv6header --header ESP", message: "--header: unknown header ESP"},
		{family: IPv6, in: "-m ipv6header --header tcp", message: "--header: unknown header tcp"},
		{family: IPv6, in: "-m rt --rt-0-not-strict --rt-type 0 --rt-0-addrs ::1", message: "rt: --rt-0-addrs must stand before --rt-0-not-strict"},
	})
}
