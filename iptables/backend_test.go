package iptables

import "testing"

// TestCheckBackend: what the kernel was seen to take from one backend only.
func TestCheckBackend(t *testing.T) {
	both, onlyNFT, onlyLegacy := [2]bool{true, true}, [2]bool{true, false}, [2]bool{false, true}
	for text, want := range map[string][2]bool{
		"-t mangle -A U -p tcp --syn -j TCPMSS --set-mss 42":                              both,
		"-t mangle -A U -p tcp --tcp-flags SYN,ACK ACK,SYN -j TCPMSS --clamp-mss-to-pmtu": both,
		"-t mangle -A U -p tcp -j TCPMSS --clamp-mss-to-pmtu":                             onlyNFT,
		"-t mangle -A U -p tcp --tcp-flags SYN,RST RST -j TCPMSS --set-mss 42":            onlyNFT,
		"-t mangle -A U -p tcp ! --syn -j TCPMSS --set-mss 42":                            onlyNFT,
		"-t raw -A U -j TRACE":               both,
		"-j TRACE":                           both, // no table is named
		"-A U -j TRACE":                      onlyNFT,
		"! -p tcp --dport 80":                onlyNFT,
		"-p tcp ! --dport 80":                both,
		"ip6tables -A U ! -p udp --sport 80": onlyNFT,
		"-j QUEUE":                           onlyLegacy,
		"-j NFQUEUE":                         both,
		"! -s 0/0":                           onlyLegacy,
		"ip6tables -A U ! -d ::/0":           onlyLegacy,
		"! -s 10/8":                          both,
		"-s 0/0":                             both,
	} {
		id, rules, err := ParseTyped(IPv4, text)
		if err != nil || len(rules) != 1 {
			t.Errorf("%s: %v", text, err)
			continue
		}
		nft, legacy := id.CheckBackend(rules[0], NFT), id.CheckBackend(rules[0], Legacy)
		if got := [2]bool{nft == nil, legacy == nil}; got != want {
			t.Errorf("%s: nft %v, legacy %v", text, nft, legacy)
		}
	}
}
