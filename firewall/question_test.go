package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

const guarded = `iptables -P INPUT DROP
iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT
iptables -A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT
iptables -A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
iptables -A INPUT -i eth1 -p tcp -m tcp --dport 5432 -j ACCEPT
iptables -A INPUT -p tcp -m tcp --dport 8080 -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT
iptables -P FORWARD DROP
iptables -A FORWARD -d 10.0.0.5/32 -p tcp -m tcp --dport 80 -j ACCEPT
ip6tables -P INPUT DROP
ip6tables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
ip6tables -A INPUT -s 2001:db8:1::/48 -p tcp -m tcp --dport 3306 -j ACCEPT
iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`

func TestAsk(t *testing.T) {
	office := prefixes(t, "203.0.113.0/25", "203.0.113.128/25", "2001:db8:1::/48")
	two := Site{Addresses: []SiteAddress{
		{"eth0", netip.MustParseAddr("192.0.2.10"), netip.MustParsePrefix("192.0.2.0/24")},
		{"eth1", netip.MustParseAddr("10.0.0.1"), netip.MustParsePrefix("10.0.0.0/24")},
	}, Uplinks: map[iptables.Family]string{iptables.IPv4: "eth0"}}
	tests := map[string]struct {
		site    Site
		q       Question
		verdict string
		sources []string // who gets through
		because string   // a part of it
	}{
		"everybody":                   {Site{}, Question{Port: 3306}, VerdictSome, []string{"203.0.113.0/24", "2001:db8:1::/48"}, "rule 2 of INPUT"},
		"nobody outside the office":   {Site{}, Question{Port: 3306, Except: office}, VerdictDropped, nil, "policy of INPUT is DROP"},
		"the office":                  {Site{}, Question{Port: 3306, Sources: office}, VerdictAccepted, []string{"203.0.113.0/24", "2001:db8:1::/48"}, "rule 2 of INPUT"},
		"more than the office":        {Site{}, Question{Port: 3306, Sources: prefixes(t, "203.0.112.0/23")}, VerdictSome, []string{"203.0.113.0/24"}, "rule 2"},
		"one family":                  {Site{}, Question{Port: 3306, Family: iptables.IPv6}, VerdictSome, []string{"2001:db8:1::/48"}, "ip6tables -A INPUT -s 2001"},
		"a rate is not reached":       {Site{}, Question{Port: 22, Family: iptables.IPv4}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 3 of INPUT"},
		"an echo request":             {Site{}, Question{Protocol: "icmp", Family: iptables.IPv4}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 4"},
		"another type of ICMP":        {Site{}, Question{Protocol: "icmp", Family: iptables.IPv4, ICMPType: new(13)}, VerdictDropped, nil, "policy"},
		"ICMP of IPv6":                {Site{}, Question{Protocol: "icmp", Family: iptables.IPv6}, VerdictDropped, nil, "policy of INPUT is DROP"},
		"by an interface":             {Site{}, Question{Port: 5432, Family: iptables.IPv4, In: "eth1"}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 5"},
		"by an unknown interface":     {Site{}, Question{Port: 5432, Family: iptables.IPv4}, VerdictUnknown, nil, "the incoming interface is not known"},
		"by the uplink":               {two, Question{Port: 5432, Family: iptables.IPv4}, VerdictDropped, nil, "policy"},
		"to an address inside":        {two, Question{Port: 5432, Destination: netip.MustParseAddr("10.0.0.1")}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 5"},
		"what rules cannot tell":      {Site{}, Question{Port: 8080, Family: iptables.IPv4}, VerdictUnknown, nil, "match mac"},
		"through the host":            {Site{}, Question{Port: 80, Forward: true, Destination: netip.MustParseAddr("10.0.0.5")}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 1 of FORWARD"},
		"through the host, elsewhere": {Site{}, Question{Port: 80, Forward: true, Destination: netip.MustParseAddr("10.0.0.6")}, VerdictDropped, nil, "policy of FORWARD"},
		"one packet":                  {Site{}, Question{Port: 1, State: "ESTABLISHED", Family: iptables.IPv4}, VerdictAccepted, []string{"0.0.0.0/0"}, "rule 1 of INPUT"},
		"a protocol by number":        {Site{}, Question{Protocol: "47", Family: iptables.IPv4}, VerdictDropped, nil, "policy"},
	}
	rs, err := Lay(strings.Split(guarded, "\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if ps := test.q.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			got := test.site.Ask(rs, test.q)
			if got.Verdict != test.verdict || !strings.Contains(got.Because, test.because) {
				t.Errorf("%s because %s, want %s because %s", got.Verdict, got.Because, test.verdict, test.because)
			}
			if accepted := fmt.Sprint(got.Accepted); accepted != fmt.Sprint(test.sources) {
				t.Errorf("%s get through, want %s", accepted, test.sources)
			}
		})
	}
}

// A connection needs answers: a host that cannot send any is not reached.
func TestAskForAnswers(t *testing.T) {
	rs, err := Lay([]string{"iptables -P OUTPUT DROP"}, false)
	if err != nil {
		t.Fatal(err)
	}
	got := Site{}.Ask(rs, Question{Port: 80, Family: iptables.IPv4})
	if got.Verdict != VerdictDropped || got.Because != "policy of OUTPUT is DROP" || fmt.Sprint(got.Refused) != "[0.0.0.0/0]" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"iptables -P OUTPUT DROP"}, got.PathText(Reference)); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
}

func TestQuestionProblems(t *testing.T) {
	tests := []struct {
		q    Question
		want string
	}{
		{Question{}, "port: a port is needed"},
		{Question{Port: 70000}, "port: a port is needed"},
		{Question{Protocol: "tpc", Port: 1}, "protocol: unknown protocol"},
		{Question{Protocol: "icmp", Port: 1}, "port: a port where there is none"},
		{Question{Port: 1, SourcePort: -1}, "source_port"},
		{Question{Protocol: "icmp", ICMPType: new(256)}, "icmp_type"},
		{Question{Port: 1, State: "OLD"}, "state: unknown state"},
		{Question{Port: 1, Forward: true}, "destination: no destination"},
		{Question{Port: 1, Sources: prefixes(t, "10.0.0.0/8"), Family: iptables.IPv6}, "source: addresses of different families"},
		{Question{Port: 1, Sources: prefixes(t)}, "source: nobody is asked about"},
		{Question{Port: 1, Sources: prefixes(t, "10.0.0.0/8"), Except: prefixes(t, "0.0.0.0/0")}, "source: nobody is asked about"},
	}
	for _, test := range tests {
		ps := test.q.Validate()
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.HasPrefix(p.String(), test.want) }) {
			t.Errorf("%+v: %v, want %s", test.q, ps, test.want)
		}
	}
}

func TestParseAddresses(t *testing.T) {
	got := parseAddresses(`1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noop
2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0\       valid_lft forever
2: eth0    inet6 fe80::1/64 scope link \       valid_lft forever preferred_lft forever
3: tun0@if4    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\       valid_lft forever
`)
	var text []string
	for _, a := range got {
		text = append(text, a.Interface+" "+a.Address.String()+" "+a.Network.String())
	}
	want := []string{
		"lo 127.0.0.1 127.0.0.0/8", "lo ::1 ::1/128", "eth0 192.0.2.10 192.0.2.0/24", "eth0 fe80::1 fe80::/64", "tun0 10.8.0.1 10.8.0.2/32",
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	site := Site{Addresses: got, Uplinks: map[iptables.Family]string{iptables.IPv4: "tun0"}}
	if in := site.interfaceOf(netip.MustParseAddr("fe80::1%eth0")); in != "eth0" {
		t.Errorf("fe80::1 is on %q", in)
	}
	var ways []string
	for _, f := range iptables.Families {
		for _, w := range site.ways(f) {
			ways = append(ways, w.in+" "+w.to.String())
		}
	}
	if diff := cmp.Diff([]string{"tun0 10.8.0.1", "eth0 192.0.2.10", "eth0 fe80::1"}, ways); diff != "" {
		t.Errorf("ways (-want +got):\n%s", diff)
	}
}

func prefixes(t *testing.T, texts ...string) []netip.Prefix {
	t.Helper()
	all, err := ParseSources(texts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
