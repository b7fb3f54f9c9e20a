package iptables

import (
	"strings"
	"testing"
)

func TestCommentExtensions(t *testing.T) {
	long := strings.Repeat("x", 255)
	testSpecs(t, []specCase{
		{in: `-m comment --comment ""`},
		{in: `-m comment --comment "foo-bar_1"`, out: `-m comment --comment foo-bar_1`},
		{in: `-m comment --comment foo.bar`, out: `-m comment --comment "foo.bar"`},
		{in: `-m comment --comment "it's \"x\" \\"`, out: `-m comment --comment "it\'s \"x\" \\"`},
		{in: `-m comment --comment 日本`, out: `-m comment --comment "日本"`},
		{in: `-m comment --comment "a` + "\t" + `b"`},
		{in: "-m comment --comment " + long},
		{in: "-m comment --comment " + long + "y", out: "-m comment --comment " + long},
		{in: `-m comment --comment -t`},
		{in: `-m comment --comment="a b" -j LOG --log-prefix="x "`, out: `-m comment --comment "a b" -j LOG --log-prefix "x "`},
	})
	testRefusals(t, []refusal{
		{in: "-m comment", message: "comment: option --comment is missing"},
		{in: "-m comment --comment a --comment b", message: "only once"},
		{in: "-m comment ! --comment a", message: "cannot be negated"},
		{in: `-m comment --comment "a`, message: "the quote is not closed"},
		{in: "-m comment --comment 'a b'", message: "belongs to no option"},
	})
}

func TestICMPExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-p icmp --icmp-type ping", out: "-p icmp -m icmp --icmp-type 8"},
		{in: "-p icmp --icmp-type PORT-unr", out: "-p icmp -m icmp --icmp-type 3/3"},
		{in: "-p icmp ! --icmp-type 3/4", out: "-p icmp -m icmp ! --icmp-type 3/4"},
		{in: "-p icmp --icmp-type 255", out: "-p icmp -m icmp --icmp-type any"},
		{in: "-p icmp --icmp-type 8/0", out: "-p icmp -m icmp --icmp-type 8/0"},
		{in: "-p icmp --icmp-type 3/1:2", out: "-p icmp -m icmp --icmp-type 3/1"},
		{in: "-p icmp --icmp-type 3/0:255", out: "-p icmp -m icmp --icmp-type 3"},
		{family: IPv6, in: "-p icmpv6 --icmpv6-type neighbor-sol", out: "-p ipv6-icmp -m icmp6 --icmpv6-type 135"},
		{family: IPv6, in: "-p 58 -m icmpv6 --icmpv6-type 128", out: "-p ipv6-icmp -m icmp6 --icmpv6-type 128"},
	})
	testRefusals(t, []refusal{
		{in: "-p icmp --icmp-type echo-re", message: "this may be echo-reply or echo-request"},
		{in: "-p icmp --icmp-type 256", message: "--icmp-type: unknown ICMP type"},
		{in: "-p icmp -m icmp", message: "--icmp-type is missing"},
		{in: "-m icmp --icmp-type 8", message: "-p icmp"},
		{family: IPv6, in: "-p icmpv6 --icmpv6-type any", message: "unknown ICMPv6 type"},
	})
}

func TestRejectExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-j REJECT", out: "-j REJECT --reject-with icmp-port-unreachable"},
		{in: "-j REJECT --reject-with host-prohib", out: "-j REJECT --reject-with icmp-host-prohibited"},
		{in: "-p tcp -j REJECT --reject-with tcp-reset"},
		{family: IPv6, in: "-j REJECT", out: "-j REJECT --reject-with icmp6-port-unreachable"},
		{family: IPv6, in: "-j REJECT --reject-with addr-unreach", out: "-j REJECT --reject-with icmp6-addr-unreachable"},
	})
	testRefusals(t, []refusal{
		{in: "-j REJECT --reject-with tcp-reset", message: "works for -p tcp only"},
		{in: "-j REJECT --reject-with icmp6-no-route", message: "--reject-with: unknown answer"},
		{in: "-p tcp -j DROP --foo", message: "unknown option --foo"},
	})
}

func TestSetExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m set --set s1 src", out: "-m set --match-set s1 src"},
		{in: "-m set ! --match-set s1 src,dst"},
		{in: "-m set --match-set s1 src ! --update-counters --update-subcounters", out: "-m set --match-set s1 src ! --update-counters"},
		{in: "-m set --match-set s1 src --bytes-lt 100 --packets-eq 3", out: "-m set --match-set s1 src --packets-eq 3 --bytes-lt 100"},
		{in: "-j SET --timeout 60 --exist --add-set s1 src", out: "-j SET --add-set s1 src --exist --timeout 60"},
		{in: "-j SET --del-set s1 src"},
	})
	testRefusals(t, []refusal{
		{in: "-m set --match-set s1", message: "--match-set needs a value"},
		{in: "-m set --match-set s1 SRC", message: "src or dst"},
		{in: "-m set", message: "--match-set is missing"},
		{in: "-m set --match-set " + strings.Repeat("x", 32) + " src", message: "1 to 31 bytes"},
		{in: "-j SET --del-set s1 src --exist", message: "--exist needs --add-set"},
	})
}
