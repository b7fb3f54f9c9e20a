package iptables

import "testing"

func TestSynExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-p tcp -m tcpmss --mss :", out: "-p tcp -m tcpmss --mss 0:65535"},
		{in: "-p tcp -m tcpmss ! --mss 5"},
		{in: "-p tcp --syn -j TCPMSS --set-mss 0", out: "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 0"},
		{in: "-p tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 5", out: "-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 5"}, //nolint:dupword // both lists are meant
		{in: "-p tcp --syn -j TCPMSS --set-mss 5", out: "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 5"},
		{in: "-p tcp --syn -j TCPMSS --set-mss 5", out: "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 5"},
		{in: "-p tcp -j TCPOPTSTRIP"},
		{in: "-p tcp -j TCPOPTSTRIP --strip-options wscale,mss,sack-permitted,sack,timestamp,md5", out: "-p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19"},
		{in: "-p tcp -j SYNPROXY"},
		{in: "-p tcp -j SYNPROXY --mss 65536", out: "-p tcp -j SYNPROXY --mss 0"},
		{in: "-p tcp -j SYNPROXY --wscale 15"},
		{in: "-p tcp -j SYNPROXY --wscale 256", out: "-p tcp -j SYNPROXY --wscale 0"},
		{in: "-p tcp -j SYNPROXY"},
		{in: "-p tcp -m osf --genre Linux --ttl 1 --log 2"},
		{in: `-p tcp -m osf --genre ""`, out: "-p tcp -m osf --genre "},
		{in: `-p tcp -m osf --genre "a b"`, out: "-p tcp -m osf --genre a b"},
		{family: IPv6, in: "-p tcp -j TCPMSS --set-mss 65495"},
	})
	testRefusals(t, []refusal{
		{in: "-p tcp -m tcpmss --mss 5:4", message: "--mss: the range is the wrong way round"},
		{in: "-p tcp -m tcpmss --mss 65536", message: "--mss: bad value, or out of range"},
		{in: "-p tcp -m tcpmss", message: "tcpmss: option --mss is missing"},
		{in: "-p tcp --syn -j TCPMSS --set-mss 65535", message: "--set-mss: bad value, or out of range"},
		{in: "-p tcp --syn -j TCPMSS --set-mss 65536", message: "--set-mss: bad value, or out of range"},
		{in: "-j TCPMSS --set-mss 5", message: "TCPMSS works for one protocol only"},
		{in: "-p tcp -j TCPOPTSTRIP --strip-options 0", message: "--strip-options: bad TCP option 0"},
		{in: "-p tcp -j TCPOPTSTRIP --strip-options 256", message: "--strip-options: bad TCP option 256"},
		{in: "-p tcp -j TCPOPTSTRIP --strip-options WSCALE", message: "--strip-options: bad TCP option WSCALE"},
		{in: "-p tcp -j TCPOPTSTRIP --strip-options 5,5,3", message: "--strip-options: option 5 stands twice"},
		{in: "-p udp -j TCPOPTSTRIP --strip-options 5", message: "TCPOPTSTRIP works for one protocol only"},
		{in: "-p tcp -m osf --genre Linux --log 3", message: "--log: bad value, or out of range"},
		{family: IPv6, in: "-p tcp -j TCPMSS --set-mss 65496", message: "--set-mss: bad value, or out of range"},
	})
}
