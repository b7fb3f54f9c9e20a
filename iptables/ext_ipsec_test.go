package iptables

import "testing"

func TestIpsecExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-p ah -m ah --ahspi 5"},
		{in: "-p ah -m ah --ahspi 0x10:5", out: "-p ah -m ah --ahspi 16:5"},
		{in: "-p ah -m ah"},
		{family: IPv6, in: "-p ah -m ah"},
		{family: IPv6, in: "-m ah --ahspi 5:6 --ahlen 3 --ahres"},
		{family: IPv6, in: "-m ah --ahspi :", out: "-m ah"},
		{family: IPv6, in: "-m ah --ahlen 0", out: "-m ah"},
		{in: "-p 50 -m esp --espspi 5:4", out: "-p esp -m esp --espspi 5:4"},
		{in: "-p ipcomp -m ipcomp --compres", out: "-p ipcomp -m ipcomp --ipcompspi 0 --compres"},
		{in: "-p ipcomp -m ipcomp", out: "-p ipcomp -m ipcomp --ipcompspi 0"},
		{in: "-m policy --dir in", out: "-m policy --dir in --pol ipsec"},
		{in: "-m policy --dir in --pol ipsec --proto esp"},
		{in: "-m policy --dir in --pol ipsec --proto ah --mode transport --spi 5", out: "-m policy --dir in --pol ipsec --spi 0x5 --proto ah --mode transport"},
		{in: "-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --spi 3", out: "-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --spi 0x3"},
		{in: "-m policy --dir in --pol ipsec --reqid 0"},
		{in: "-m policy --dir in --pol none --reqid 1", out: "-m policy --dir in --pol none"},
		{in: "-m policy --dir in --mode tunnel --tunnel-src 10.0.0.1/255.0.255.0 --tunnel-dst 10.0.0.1/8", out: "-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 10.0.0.1/8 --tunnel-src 10.0.0.1"},
		{in: `-p esp -m esp --espspi ""`, out: "-p esp -m esp --espspi 0"},
		{in: "-p esp -m esp ! --espspi 0:255"},
	})
	testRefusals(t, []refusal{
		{in: "-m policy --dir in --pol none --strict", message: "policy: --strict cannot stand beside --pol none"},
		{in: "-m policy --pol ipsec", message: "policy: --dir in or --dir out is missing"},
		{in: "-m policy --dir fwd --pol ipsec", message: "--dir: unknown name"},
		{in: "-m policy --dir in --pol ipsec ! --proto esp ! --mode tunnel ! --spi 5 ! --reqid 6 ! --tunnel-src 1.2.3.4 ! --tunnel-dst 1.2.3.0/24", message: "policy: --tunnel-src and --tunnel-dst need --mode tunnel"},
		{in: "-m policy --dir in --pol ipsec --tunnel-src 1.2.3.4", message: "policy: --tunnel-src and --tunnel-dst need --mode tunnel"},
		{in: "-m policy --dir in --pol ipsec --strict --mode transport --tunnel-src 1.2.3.4", message: "policy: --tunnel-src and --tunnel-dst need --mode tunnel"},
		{in: "-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --spi 3 --next --spi 4 --next --spi 5", message: "policy: more than 4 elements"},
		{in: "-m policy --dir in --pol ipsec --strict --next --reqid 2", message: "policy: an element is empty: with --strict each needs one of --reqid,"},
		{in: "-m policy --dir in --pol ipsec --reqid 1 --next --reqid 2", message: "policy: option --next needs --strict"},
		{in: "-m policy --dir in --pol ipsec --reqid x", message: "--reqid: bad value, or out of range"},
		{in: "-m policy --dir in --pol ipsec --reqid 1 --reqid 2", message: "policy: option --reqid may be given only once"},
		{in: "-m policy ! --dir in --pol ipsec", message: "policy: option --dir cannot be negated"},
	})
}
