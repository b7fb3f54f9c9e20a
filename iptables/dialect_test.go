package iptables

import "testing"

// TestDialects: what versions other than the reference were seen to print, where the recordings
// have no example.
func TestDialects(t *testing.T) {
	for _, c := range []struct {
		family      Family
		dialect     Dialect
		in, printed string
	}{
		{IPv4, Dialect{Version{1, 8, 7}, NFT}, "-m conntrack --ctorigsrc 1.2.3.4/255.0.255.0", "-m conntrack --ctorigsrc 1.2.3.4 "},
		{IPv4, Dialect{Version{1, 8, 11}, NFT}, "-m conntrack --ctorigsrc 1.2.3.4/255.0.255.0", "-m conntrack --ctorigsrc 1.2.3.4/255.0.255.0"},
		{
			IPv6, Dialect{Version{1, 8, 11}, Legacy}, "-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 2001:db8::1/ffff::ffff",
			"-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 2001:db8::1/ffff::ffff",
		},
		{
			IPv6, Dialect{Version{1, 8, 7}, Legacy}, "-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 2001:db8::1/ffff::ffff",
			"-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 2001:db8::1",
		},
		{IPv6, Dialect{Version{1, 8, 7}, NFT}, "-m dst --dst-opts 1 -j ACCEPT", "-m dst --dst-opts 1  -j ACCEPT"},
		{IPv6, Dialect{Version{1, 8, 7}, Legacy}, "-m dst --dst-len 3 -j ACCEPT", "-m dst --dst-len 3  -j ACCEPT"},
		{IPv6, Dialect{Version{1, 8, 7}, NFT}, "-m hbh --hbh-len 3 -j ACCEPT", "-m hbh --hbh-len 3 -j ACCEPT"},
		{IPv6, Dialect{Version{1, 8, 11}, NFT}, "-m dst --dst-len 3 -j ACCEPT", "-m dst --dst-len 3 -j ACCEPT"},
		{IPv4, Dialect{Version{1, 8, 7}, NFT}, "-j NFLOG --nflog-range 128", "-j NFLOG --nflog-range 128"},
		{IPv4, Dialect{Version{1, 8, 7}, Legacy}, "-j NFLOG --nflog-range 128", "-j NFLOG --nflog-range 128"},
		{IPv4, Dialect{Version{1, 8, 11}, NFT}, "-j NFLOG --nflog-range 128", "-j NFLOG"},
		{IPv4, Dialect{Version{1, 8, 11}, NFT}, "-p gre -j ACCEPT", "-p 47 -j ACCEPT"},
	} {
		rules, err := ParseSpec(c.family, "", c.in)
		if err != nil || len(rules) != 1 {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := rules[0].Spec(c.dialect); got != c.printed {
			t.Errorf("%s prints %q as %q, want %q", c.dialect, c.in, got, c.printed)
		}
	}
}
