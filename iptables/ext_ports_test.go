package iptables

import "testing"

func TestPortsExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-p tcp --dpor 80", out: "-p tcp -m tcp --dport 80"},
		{in: "-p tcp --destination-p 80", out: "-p tcp -m tcp --dport 80"},
		{in: "-p udp --dport 65616", out: "-p udp -m udp --dport 80"},
		{in: `-p udp --dport " 80"`, out: "-p udp -m udp --dport 80"},
		{in: "-p udp --dport :", out: "-p udp -m udp"},
		{in: "-p udp --dport x11-1", out: "-p udp -m udp --dport 6001"},
		{in: "-p sctp --dport 80:90", out: "-p sctp -m sctp --dport 80:90"},
		{in: "-p sctp ! --dport :", out: "-p sctp -m sctp ! --dport 0:65535"},
		{in: "-p dccp --dport 5:5", out: "-p dccp -m dccp --dport 5"},
		{in: "-p udp --dport 5:4", out: "-p udp -m udp --dport 5:4"},
		{in: "-p udp --dport 0:0", out: "-p udp -m udp --dport 0"},
		{in: "-p tcp ! --sport 5", out: "-p tcp -m tcp ! --sport 5"},
		{in: "-p tcp ! --sport 1:", out: "-p tcp -m tcp ! --sport 1:65535"},
		{in: "-p tcp --tcp-flags SYN ACK", out: "-p tcp -m tcp --tcp-flags SYN ACK"},
		{in: "-p tcp --tcp-flags SYN SYN --tcp-option 5 --sport 4", out: "-p tcp -m tcp --sport 4 --tcp-option 5 --tcp-flags SYN SYN"}, //nolint:dupword // both lists are meant
		{in: "-p tcp --tcp-flags SYN,ack SYN", out: "-p tcp -m tcp --tcp-flags SYN,ACK SYN"},
		{in: "-p sctp --chunk-types only INIT", out: "-p sctp -m sctp --chunk-types only INIT"},
		{in: "-p sctp --chunk-types any ALL", out: "-p sctp -m sctp --chunk-types any ALL"},
		{in: "-p sctp --chunk-types any SHUTDOWN_COMPLETE:t,abort:Tt,DATA", out: "-p sctp -m sctp --chunk-types any DATA,ABORT:T,SHUTDOWN_COMPLETE:t"},
		{in: "-p sctp --chunk-types ANY init", out: "-p sctp -m sctp --chunk-types any INIT"},
		{in: "-p dccp ! --dccp-types REQUEST", out: "-p dccp -m dccp ! --dccp-types REQUEST"},
		{in: "-p dccp --dccp-types ack --dccp-option 4 --dport 3 --sport 5", out: "-p dccp -m dccp --sport 5 --dport 3 --dccp-types ACK --dccp-option 4"},
		{in: "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15"},
		{in: "-p tcp -m multiport --port 80", out: "-p tcp -m multiport --ports 80"},
		{in: "-p dccp --dccp-types ,ACK,,REQUEST,", out: "-p dccp -m dccp --dccp-types REQUEST,ACK"},
		{in: "-p sctp --chunk-types all DATA:u,,DATA:b,INIT:,DATA:U", out: "-p sctp -m sctp --chunk-types all DATA:Ub,INIT"},
		{in: "-p sctp --chunk-types any ,", out: "-p sctp -m sctp --chunk-types any NONE"},
	})
	testRefusals(t, []refusal{
		{in: "-p tcp --d 80", message: "unknown option --d"},
		{in: "-n -p tcp", message: "-n is not part of a rule"},
		{in: "-p tcp -p udp", message: "option -p may be given only once"},
		{in: "-p udp --dport 1:2:3", message: "--dport: no such port or service: 2:3"},
		{in: `-p tcp --dport "80 "`, message: "--dport: no such port or service: 80"},
		{in: "-p tcp --sport 1: --sport 2", message: "tcp: option --sport may be given only once"},
		{in: `-p tcp --tcp-flags "SYN, ACK" SYN`, message: "--tcp-flags: unknown TCP flag  ACK"},
		{in: "-p all -m tcp --dport 5", message: "tcp works for one protocol only"},
		{in: "-p tcp --syn=x", message: "tcp: option --syn takes no value"},
		{in: "-p sctp --chunk-types any INIT:x", message: "--chunk-types: bad flags for chunk type INIT: x"},
		{in: "-p dccp --dccp-types NONE", message: "--dccp-types: unknown DCCP type NONE"},
		{in: "-p icmp -m multiport --dports 80", message: "multiport works for one protocol only"},
		{in: "-p tcp -m multiport --dports 80,", message: "--dports: no such port or service:"},
		{in: "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16", message: "--dports: more than 15 ports; a range counts as two"},
		{in: "-p udplite -m multiport --dports domain", message: "--dports: no such port or service: domain"},
		{in: "-p tcp -m multiport --source 80", message: "multiport: an option is missing"},
	})
}
