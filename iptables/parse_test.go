package iptables

import (
	"errors"
	"strings"
	"testing"
)

// specCase is one rule in a person's spelling and as iptables 1.8.9 (nft) prints it.
type specCase struct {
	family  Family
	in, out string // out "": as in; "-": nothing
}

func testSpecs(t *testing.T, cases []specCase) {
	t.Helper()
	for _, c := range cases {
		if c.family == 0 {
			c.family = IPv4
		}
		switch c.out {
		case "":
			c.out = c.in
		case "-":
			c.out = ""
		}
		rules, err := ParseSpec(c.family, "", c.in)
		if err != nil {
			t.Errorf("%s %s: %v", c.family, c.in, err)
			continue
		}
		printed := make([]string, len(rules))
		for i, r := range rules {
			printed[i] = r.Spec(Reference)
			again, err := ParseSpec(c.family, "", r.Input(Reference))
			if err != nil || len(again) != 1 || !again[0].Equal(r) {
				t.Errorf("%s %s: Input %q is read as %v, %v", c.family, c.in, r.Input(Reference), again, err)
			}
		}
		if got := strings.Join(printed, " || "); got != c.out {
			t.Errorf("%s %s\n got %s\nwant %s", c.family, c.in, got, c.out)
		}
	}
}

// refusal is a text that is refused with a message that holds a certain part.
type refusal struct {
	family      Family
	in, message string
}

func testRefusals(t *testing.T, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		if c.family == 0 {
			c.family = IPv4
		}
		rules, err := ParseSpec(c.family, "", c.in)
		var syntax *SyntaxError
		switch {
		case err == nil:
			t.Errorf("%s %s: taken as %s", c.family, c.in, rules[0].Spec(Reference))
		case !errors.As(err, &syntax):
			t.Errorf("%s %s: not a SyntaxError: %v", c.family, c.in, err)
		case !strings.Contains(err.Error(), c.message):
			t.Errorf("%s %s: %q lacks %q", c.family, c.in, err, c.message)
		case syntax.Text != c.in || !strings.Contains(c.in[syntax.Offset:min(len(c.in), syntax.Offset+len(syntax.Word)+2)], strings.Split(syntax.Word, " ")[0]):
			t.Errorf("%s %s: the place is wrong: %#v", c.family, c.in, syntax)
		}
	}
}

func TestBaseOptions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m quota2 --quota 5"},
		{in: "-m conntrak --other NEW"},
		{in: "-j redirect"},
		{in: "-p icmp --icmp-type 8:8", out: "-p icmp -m icmp --icmp-type 8"},
		{in: ""},
		{in: "-j ACCEPT"},
		{in: "-j ACCEPT -p tcp -i eth0 -s 10.0.0.1", out: "-s 10.0.0.1/32 -i eth0 -p tcp -j ACCEPT"},
		{in: "--source 10/8 --dst 10.1 --in-interface eth+ --out lo", out: "-s 10.0.0.0/8 -d 10.1.0.0/32 -i eth+ -o lo"},
		{in: "! --src 10.0.0.5/255.255.0.255 ! -p 6 ! -f", out: "! -s 10.0.0.5/255.255.0.255 ! -p tcp ! -f"},
		{in: "-s 10.0.0.1,10.0.0.2 -d 10.1.0.0/16,10.2.0.0/16", out: "-s 10.0.0.1/32 -d 10.1.0.0/16 || -s 10.0.0.1/32 -d 10.2.0.0/16 || -s 10.0.0.2/32 -d 10.1.0.0/16 || -s 10.0.0.2/32 -d 10.2.0.0/16"},
		{in: "-s 0/0 -d 1.2.3.4/0 -i + -p all", out: "-"},
		{in: "-p ICMP -g CHAIN", out: "-p icmp -g CHAIN"},
		{in: "-4 -c 1 2 -v -p 0x11", out: "-p udp"},
		{in: "-6 -s ::1", out: "-"},
		{in: "-s 0x0a000001 -d 010.0.0.1", out: "-s 10.0.0.1/32 -d 8.0.0.1/32"},
		{in: "-s 1.2.3.4 --", out: "-s 1.2.3.4/32"},
		{family: IPv6, in: "-s ::10.0.0.1 -d ::ffff:a00:1/120 -p icmpv6", out: "-s ::10.0.0.1/128 -d ::ffff:10.0.0.0/120 -p ipv6-icmp"},
		{family: IPv6, in: "-s fe80::1%eth0/64 -d 2001:db8::1%2", out: "-s fe80::/64 -d 2001:db8::1/128"},
		{family: IPv6, in: "-s 2001:db8::5/ffff:ffff:ffff:ffff:0:0:0:ffff", out: "-s 2001:db8::5/ffff:ffff:ffff:ffff::ffff"},
		{in: "-j MYCHAIN"},
		{in: "-i \"eth 0\"", out: "-i eth 0"},
	})
	testRefusals(t, []refusal{
		{in: "-m COMMENT --comment x", message: `"COMMENT": -m: no such match; did you mean "comment"?`},
		{in: "-m conntrak --ctstate NEW", message: `position 4, "conntrak": no such match; did you mean "conntrack"?`},
		{in: "-mconntrak --ctstate=NEW", message: `position 1, "-mconntrak": no such match; did you mean "conntrack"?`},
		{in: "-j REDIRCT --to-ports 80", message: `position 4, "REDIRCT": no such target; did you mean "REDIRECT"?`},
		{in: "-j redirect --to-ports 80", message: `"redirect": no such target; did you mean "REDIRECT"?`},
		{in: "--in-interface= -j DROP", message: "option --in-interface needs a value"},
		{in: "! -p udp -m udp --sport :", message: "udp: does not work behind ! -p"},
		{family: IPv6, in: "-p icmpv6 --icmpv6-type 132:133", message: "unknown ICMPv6 type"},
		{in: "-s ! 10.0.0.1", message: "-s: the ! stands before the option"},
		{in: "-p tcp --dport ! 80", message: "--dport: the ! stands before the option"},
		{in: "-s 10.0.0.256", message: "ipv4 address"},
		{in: "-s ::1", message: "it is an ipv6 address"},
		{family: IPv6, in: "-s 10.0.0.1", message: "it is an ipv4 address"},
		{family: IPv6, in: "-s 2001:db8::1%eth0", message: "not an ipv6 address"},
		{in: "-s web.example.com", message: "host name"},
		{in: "-s 10.0.0.1/33", message: "bad mask 33"},
		{in: "! -s 10.0.0.1,10.0.0.2", message: "list of addresses"},
		{in: "-s 10.0.0.1 -s 10.0.0.2", message: "only once"},
		{in: "-i abcdefghijklmnop", message: "at most 15 bytes"},
		{in: "-p tpc", message: `did you mean "tcp"`},
		{in: "! -p all", message: "matches no packet"},
		{in: "-j ACCEPT -g CHAIN", message: "only once"},
		{in: "-j", message: "needs a value"},
		{in: "-j ACCEPT foo", message: "belongs to no option"},
		{in: "! -j ACCEPT", message: "! cannot stand before -j"},
		{in: "! ! -s 10.0.0.1", message: "two !"},
		{in: "-j ACCEPT !", message: "nothing follows"},
		{in: "--dport 80", message: "it belongs to -m dccp, -m sctp, -m tcp, -m udp"},
		{in: "-m icmp6 --icmpv6-type 8", message: "does not exist in iptables"},
		{family: IPv6, in: "-f", message: "-m frag"},
		{in: "-t nat", message: "-t"},
		{in: "-A INPUT", message: "-A"},
		{in: "-j CHAIN_xxxxxxxxxxxxxxxxxxxxxxx", message: "1 to 28 bytes"},
	})
}

func TestUnknownExtensionsAreKept(t *testing.T) {
	testSpecs(t, []specCase{
		{in: `-p tcp -m geoip --src-cc "A B" C ! --x -1 -m tcp --dport 22 -j TARPIT --tarpit`},
		{in: "-p tcp -m geoip --src-cc CN --dport 22", out: "-p tcp -m geoip --src-cc CN -m tcp --dport 22"},
		{in: "-p tcp -j LOGDROP --dport 22", out: "-p tcp -m tcp --dport 22 -j LOGDROP"},
		{in: "-m foo"},
	})
	rules, err := ParseSpec(IPv4, "", "-m foo --bar 1 -j CHAIN")
	if err != nil || !rules[0].Matches[0].Opaque || rules[0].Target.Opaque {
		t.Errorf("only the match should be opaque: %+v, %v", rules, err)
	}
}

func TestErrorsNameWhatIsNear(t *testing.T) {
	for in, near := range map[string]string{
		"-m conntrack --ctstat NEW":   "--ctstate", // an abbreviation of two options
		"-m conntrack --ctsatte NEW":  "--ctstate",
		"-p tcp --dpr 1":              "--dport",
		"-p tcp --dport htps":         "https",
		"-m conntrack --ctstate NWE":  "NEW",
		"-j REJECT --reject-with prt": "",
	} {
		_, err := ParseSpec(IPv4, "", in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Near != near {
			t.Errorf("%s: near %q is wanted: %v", in, near, err)
		}
	}
}
