package iptables

import "testing"

func TestHeaderExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-j TOS --set-tos 0x10", out: "-j TOS --set-tos 0x10/0xff"},
		{in: "-j TOS --set-tos 16/0x10", out: "-j TOS --set-tos 0x10/0x10"},
		{in: "-j TOS --set-tos 0x3/0x1", out: "-j TOS --set-tos 0x03/0x01"},
		{in: "-j TOS --or-tos 0x3", out: "-j TOS --set-tos 0x03/0x03"},
		{in: "-m tos --tos 0x10/0x10"},
		{in: "-m tos --tos 0/0", out: "-m tos --tos 0x00/0x00"},
		{in: "-m dscp --dscp-class af43", out: "-m dscp --dscp 0x26"},
		{in: "-m ecn --ecn-ip-ect 0"},                                                                                                     //nolint:misspell // ECN-capable transport
		{in: "-p tcp -m ecn --ecn-ip-ect 1 --ecn-tcp-cwr --ecn-tcp-ece", out: "-p tcp -m ecn --ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 1"}, //nolint:misspell // ECN-capable transport
		{in: "-m ttl ! --ttl 5", out: "-m ttl ! --ttl-eq 5"},
		{family: IPv6, in: "-m hl --hl 3", out: "-m hl --hl-eq 3"},
		{in: "-j TTL --ttl-dec 255"},
		{in: "-j DSCP --set-dscp-class CS7", out: "-j DSCP --set-dscp 0x38"},
		{in: "-p tcp -j ECN --ecn-tcp-cwr 1"},
		{in: "-j ECN --ecn-ip-ect 2"}, //nolint:misspell // ECN-capable transport
		{in: "-m length --length 5:", out: "-m length --length 5:65535"},
	})
	testRefusals(t, []refusal{
		{in: "-j TOS --set-tos 256", message: "--set-tos: bad value"},
		{in: "-j TOS --and-tos 256", message: "--and-tos: bad value, or out of range"},
		{in: "-j TOS --set-tos 1/256", message: "--set-tos: bad value"},
		{in: "-m tos --tos 1/256", message: "--tos: bad value"},
		{in: "-m dscp --dscp-class CS8", message: "--dscp-class: unknown class CS8"},
		{in: "-m ecn", message: "ecn: an option is missing"},
		{in: "-m ttl --ttl-eq 5 --ttl-gt 3", message: "ttl: option --ttl-gt cannot stand beside --ttl-eq"},
		{family: IPv6, in: "-m hl --hl-eq 5 --hl-lt 3", message: "hl: option --hl-lt cannot stand beside --hl-eq"},
		{in: "-j TTL", message: "TTL: an option is missing"},
		{in: "-j TTL --ttl-inc 1 --ttl-dec 1", message: "TTL: option --ttl-dec cannot stand beside --ttl-inc"},
		{in: "-j DSCP --set-dscp-class xx", message: "--set-dscp-class: unknown class xx"},
		{in: "-m length --length 65536", message: "--length: bad value, or out of range"},
	})
}
