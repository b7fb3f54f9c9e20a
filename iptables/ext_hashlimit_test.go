package iptables

import "testing"

func TestHashlimitExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m hashlimit ! --hashlimit-above 1/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-burst 10001", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 10001 --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1000000/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 1000000/sec --hashlimit-burst 5 --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 7 --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 17b/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 16b/s --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1023kb/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 1023kb/s --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 5mb/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 5mb/s --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 4096mb/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 4581298432b/s --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 5kb/s --hashlimit-burst 5kb --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 5kb/s --hashlimit-burst 5kb --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-mode srcip,srcip", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-srcmask 24 --hashlimit-dstmask 0 --hashlimit-mode srcip", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x --hashlimit-srcmask 24 --hashlimit-dstmask 0"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-htable-expire 1000 --hashlimit-htable-gcinterval 1000", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit 1/h --hashlimit-name x --hashlimit-htable-expire 10000", out: "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-expire 10000"},
		{in: "-m hashlimit --hashlimit 90/m --hashlimit-name x --hashlimit-rate-match", out: "-m hashlimit --hashlimit-upto 90/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-expire 60000 --hashlimit-rate-match --hashlimit-rate-interval 60"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-rate-match --hashlimit-rate-interval 60", out: "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-rate-match --hashlimit-rate-interval 60"},
		{in: "-m hashlimit --hashlimit-upto 86400000000/day --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 1000000/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-expire 86400000"},
		{in: "-m hashlimit --hashlimit-upto 97464mb/s --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 34359738336b/s --hashlimit-name x"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-htable-max 1048577 --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-max 1048576"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-dstmask 0xffffff00 --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-dstmask 24"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-rate-match --hashlimit-rate-interval 010x --hashlimit-name x", out: "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-rate-match --hashlimit-rate-interval 10"},
	})
	testRefusals(t, []refusal{
		{in: `-m hashlimit --hashlimit 1/s --hashlimit-name ""`, message: "--hashlimit-name: bad name"},
		{in: "-m hashlimit --hashlimit 1/s", message: "hashlimit: option --hashlimit-name is missing"},
		{in: "-m hashlimit --hashlimit-upto 1/s --hashlimit-above 2/s --hashlimit-name x", message: "hashlimit: option --hashlimit-above cannot stand beside --hashlimit-up"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-burst 0", message: "--hashlimit-burst: bad value, or out of range"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-burst 1000001", message: "--hashlimit-burst: bad value, or out of range"},
		{in: "-m hashlimit --hashlimit 0/s --hashlimit-name x", message: "hashlimit: bad rate 0/s"},
		{in: "-m hashlimit --hashlimit 7/x --hashlimit-name x", message: "hashlimit: bad rate 7/x"},
		{in: "-m hashlimit --hashlimit 7kb/ --hashlimit-name x", message: "hashlimit: bad rate 7kb/"},
		{in: "-m hashlimit --hashlimit 5kb/s --hashlimit-burst 5 --hashlimit-name x", message: "hashlimit: --hashlimit-burst: cannot be smaller than 5120b"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-mode SRCIP", message: "--hashlimit-mode: unknown mode SRCIP"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-mode x", message: "--hashlimit-mode: unknown mode x"},
		{in: "-m hashlimit --hashlimit 1/s --hashlimit-name x --hashlimit-srcmask 33", message: "--hashlimit-srcmask: bad prefix length"},
		{in: "-m hashlimit --hashlimit-upto 65535mb/s --hashlimit-name x", message: "the rate 65535mb/s is too high"},
		{in: "-m hashlimit --hashlimit-upto 68719476720b/s --hashlimit-name x", message: "the rate 68719476720b/s is too high"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-rate-match --hashlimit-rate-interval 0x10 --hashlimit-name x", message: "--hashlimit-rate-interval: bad value, or out of range"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-htable-gcinterval 0 --hashlimit-name x", message: "--hashlimit-htable-gcinterval: bad value, or out of range"},
		{in: "-m hashlimit --hashlimit-upto 5/s --hashlimit-htable-expire 0 --hashlimit-name x", message: "--hashlimit-htable-expire: bad value, or out of range"},
	})
}
