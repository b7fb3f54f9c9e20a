package firewall

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

var (
	onlyV4 = []iptables.Family{iptables.IPv4}
	onlyV6 = []iptables.Family{iptables.IPv6}
)

func number(n int) *int { return &n }

func TestServiceLines(t *testing.T) {
	for name, test := range map[string]struct {
		service Service
		want    string
	}{
		"a name": {Service{Name: "https"}, `
iptables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT
ip6tables -A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT`},

		"both protocols": {Service{Name: "dns", Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 53 -m comment --comment dns -j ACCEPT
iptables -A INPUT -p udp -m udp --dport 53 -m comment --comment dns -j ACCEPT`},

		"ports and protocols, in canonical order": {Service{Name: "vpn", Ports: []string{"esp", "9000:9100/udp", "500/UDP", "500/udp"}, Families: onlyV6}, `
ip6tables -A INPUT -p udp -m udp --dport 500 -m comment --comment vpn -j ACCEPT
ip6tables -A INPUT -p udp -m udp --dport 9000:9100 -m comment --comment vpn -j ACCEPT
ip6tables -A INPUT -p esp -m comment --comment vpn -j ACCEPT`},

		"ICMP is each family's own": {Service{Ports: []string{"icmp"}}, `
iptables -A INPUT -p icmp -j ACCEPT
ip6tables -A INPUT -p ipv6-icmp -j ACCEPT`},

		"a protocol of one family": {Service{Name: "multicast", Ports: []string{"igmp"}}, `
iptables -A INPUT -p igmp -m comment --comment multicast -j ACCEPT`},

		"a name of one family": {Service{Name: "dhcpv6"}, `
ip6tables -A INPUT -p udp -m udp --dport 547 -m comment --comment dhcpv6 -j ACCEPT`},

		"sources of both families": {Service{Name: "ssh", Sources: []string{"2001:db8::/32", "203.0.113.0/24", "198.51.100.7", "203.0.113.0/24"}}, `
iptables -A INPUT -s 198.51.100.7/32 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT
iptables -A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT
ip6tables -A INPUT -s 2001:db8::/32 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"sources of one family only": {Service{Name: "ssh", Sources: []string{"2001:db8::7"}}, `
ip6tables -A INPUT -s 2001:db8::7/128 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"everyone of one family": {Service{Name: "ssh", Sources: []string{"0.0.0.0/0"}}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"a set whose family is known": {Service{Name: "bad", Ports: []string{"all"}, Action: "drop", Sources: []string{"set:bad6"}, Sets: map[string]iptables.Family{"bad6": iptables.IPv6}}, `
ip6tables -A INPUT -m set --match-set bad6 src -m comment --comment bad -j DROP`},

		"a set and a port": {Service{Name: "ssh", Sources: []string{"set:admins"}, Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m set --match-set admins src -m comment --comment ssh -j ACCEPT`},

		"a destination and an interface": {Service{Name: "ssh", Destination: "192.0.2.1", Interface: "eth0"}, `
iptables -A INPUT -d 192.0.2.1/32 -i eth0 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"going out": {Service{Name: "smtp", Chain: "OUTPUT", Interface: "eth0", Action: "reject"}, `
iptables -A OUTPUT -o eth0 -p tcp -m tcp --dport 25 -m comment --comment smtp -j REJECT --reject-with tcp-reset
ip6tables -A OUTPUT -o eth0 -p tcp -m tcp --dport 25 -m comment --comment smtp -j REJECT --reject-with tcp-reset`},

		"refused in the protocol's own way": {Service{Name: "ntp", Action: "reject"}, `
iptables -A INPUT -p udp -m udp --dport 123 -m comment --comment ntp -j REJECT --reject-with icmp-port-unreachable
ip6tables -A INPUT -p udp -m udp --dport 123 -m comment --comment ntp -j REJECT --reject-with icmp6-port-unreachable`},

		"a priority in front of the comment": {Service{Name: "ssh", Comment: "office vpn", Priority: number(500), Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment "500 office vpn" -j ACCEPT`},

		"a priority without comment": {Service{Ports: []string{"22/tcp"}, Priority: number(0), Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment 0 -j ACCEPT`},

		"logged": {Service{Name: "ssh", Log: &Log{Level: "info"}, Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m comment --comment ssh -j LOG --log-prefix "ssh: " --log-level 6
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"limited for all together": {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "60/minute", Burst: 20}, Families: onlyV4}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 1/sec --hashlimit-burst 20 --hashlimit-name ssh-73ca43 --hashlimit-htable-expire 60000 -m comment --comment ssh -j DROP
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},

		"limited for each source": {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "10/m", PerSource: true}}, `
iptables -A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name ssh-9c2df8 -m comment --comment ssh -j DROP
iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT
ip6tables -A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name ssh-9c2df8 --hashlimit-srcmask 64 -m comment --comment ssh -j DROP
ip6tables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT`},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := test.service.Lines()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n")+"\n", textOf(lines)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			back, err := ParseLines(lines.Print(Reference))
			if err != nil || !back.Same(lines) {
				t.Errorf("the lines do not read back: %v", err)
			}
		})
	}
}

// A changed limit needs a table of another name: the kernel keeps the limits of the rule that
// made the table. Two spellings of one limit need the same name.
func TestRateLimitTable(t *testing.T) {
	ten := RateLimit{Rate: "60/minute", PerSource: true}.table("ssh")
	if same := (RateLimit{Rate: "1/second", Burst: 5, PerSource: true}).table("ssh"); same != ten {
		t.Errorf("one limit has two tables: %s, %s", ten, same)
	}
	seen := map[string]bool{ten: true}
	for _, l := range []RateLimit{{Rate: "61/minute", PerSource: true}, {Rate: "60/minute"}, {Rate: "60/minute", Burst: 6, PerSource: true}} {
		if seen[l.table("ssh")] {
			t.Errorf("%+v shares a table", l)
		}
		seen[l.table("ssh")] = true
	}
	for _, comment := range []string{"", "kubernetes-api", "вход", "../../etc", "-x"} {
		if name := (RateLimit{Rate: "1/s"}).table(comment); len(name) > 15 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || name[0] == '-' {
			t.Errorf("the table for %q is called %q", comment, name)
		}
	}
}

func TestServiceValidate(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, test := range map[string]struct {
		service   Service
		attribute string
		says      string // a part of summary and detail
	}{
		"port 0":                  {Service{Name: "a", Ports: []string{"0/tcp"}}, "ports", "there is no port 0"},
		"port 65536":              {Service{Name: "a", Ports: []string{"65536/tcp"}}, "ports", "ports are 1 to 65535"},
		"huge port":               {Service{Name: "a", Ports: []string{"99999999999999999999/tcp"}}, "ports", "ports are 1 to 65535"},
		"no protocol":             {Service{Name: "a", Ports: []string{"22"}}, "ports", `write "22/tcp"`},
		"reversed":                {Service{Name: "a", Ports: []string{"9100-9000/tcp"}}, "ports", `write "9000-9100/tcp"`},
		"two protocols":           {Service{Name: "a", Ports: []string{"443/tcp+udp"}}, "ports", "one entry for each"},
		"two ports":               {Service{Name: "a", Ports: []string{"80,443/tcp"}}, "ports", "one entry for each"},
		"unknown protocol":        {Service{Name: "a", Ports: []string{"22/tpc"}}, "ports", `did you mean "tcp"`},
		"protocol without":        {Service{Name: "a", Ports: []string{"22/esp"}}, "ports", "no protocol with ports"},
		"unknown word":            {Service{Name: "a", Ports: []string{"espp"}}, "ports", `did you mean "esp"`},
		"open range":              {Service{Name: "a", Ports: []string{"9000-/tcp"}}, "ports", "not a port number"},
		"no ports":                {Service{Name: "a", Ports: []string{}}, "ports", "empty"},
		"unknown name":            {Service{Name: "postgres"}, "name", `did you mean "postgresql"?`},
		"nearly a name":           {Service{Name: "htps"}, "name", `did you mean "https"`},
		"nothing":                 {Service{}, "ports", "needs a name or ports"},
		"host bits":               {Service{Name: "ssh", Sources: []string{"10.0.0.5/24"}}, "sources", "the network is 10.0.0.0/24, the one host is 10.0.0.5/32"},
		"host bits, IPv6":         {Service{Name: "ssh", Sources: []string{"2001:db8::1/32"}}, "sources", "the network is 2001:db8::/32"},
		"host bits behind":        {Service{Name: "ssh", Destination: "10.0.0.5/24"}, "destination", "the network is 10.0.0.0/24"},
		"prefix length":           {Service{Name: "ssh", Sources: []string{"10.0.0.0/33"}}, "sources", "from 0 to 32"},
		"a name as source":        {Service{Name: "ssh", Sources: []string{"office.example.com"}}, "sources", "write addresses"},
		"half an address":         {Service{Name: "ssh", Sources: []string{"10.0.0"}}, "sources", "neither an address"},
		"a zone":                  {Service{Name: "ssh", Sources: []string{"fe80::1%eth0"}}, "sources", "zone"},
		"mapped":                  {Service{Name: "ssh", Sources: []string{"::ffff:192.0.2.1"}}, "sources", "write 192.0.2.1"},
		"no sources":              {Service{Name: "ssh", Sources: []string{}}, "sources", "empty"},
		"v6 source, v4 only":      {Service{Name: "ssh", Sources: []string{"2001:db8::/32"}, Families: onlyV4}, "sources", "IPv6 address"},
		"v4 source, v6 only":      {Service{Name: "ssh", Sources: []string{"10.0.0.0/8"}, Families: onlyV6}, "sources", "IPv4 address"},
		"set of wrong family":     {Service{Name: "ssh", Sources: []string{"set:x"}, Families: onlyV6, Sets: map[string]iptables.Family{"x": iptables.IPv4}}, "sources", "wrong family"},
		"set without name":        {Service{Name: "ssh", Sources: []string{"set:"}}, "sources", "set"},
		"two families apart":      {Service{Name: "ssh", Sources: []string{"10.0.0.0/8"}, Destination: "2001:db8::1"}, "families", "no rule is left"},
		"protocol of other":       {Service{Name: "a", Ports: []string{"igmp"}, Families: onlyV6}, "families", "no rule is left"},
		"no families":             {Service{Name: "ssh", Families: []iptables.Family{}}, "families", "empty"},
		"action":                  {Service{Name: "ssh", Action: "allow"}, "action", `"accept", "drop" or "reject"`},
		"long chain":              {Service{Name: "ssh", Chain: long[:29]}, "chain", "29 bytes"},
		"chain with blank":        {Service{Name: "ssh", Chain: "my chain"}, "chain", "blank"},
		"chain is a target":       {Service{Name: "ssh", Chain: "DROP"}, "chain", "target"},
		"long interface":          {Service{Name: "ssh", Interface: long[:16]}, "interface", "16 bytes"},
		"every interface":         {Service{Name: "ssh", Interface: "+"}, "interface", "leave it out"},
		"not eth0":                {Service{Name: "ssh", Interface: "!eth0"}, "interface", "character"},
		"long comment":            {Service{Name: "ssh", Comment: long[:256]}, "comment", "256 bytes"},
		"long with priority":      {Service{Name: "ssh", Comment: long[:252], Priority: number(500)}, "comment", "256 bytes"},
		"newline in comment":      {Service{Name: "ssh", Comment: "a\n-A INPUT -j ACCEPT"}, "comment", "control character (U+000A)"},
		"newline in name":         {Service{Name: "a\nb", Ports: []string{"1/tcp"}}, "name", "control character"},
		"bad UTF-8":               {Service{Name: "ssh", Comment: "a\xff"}, "comment", "UTF-8"},
		"long prefix":             {Service{Name: "ssh", Log: &Log{Prefix: long[:30]}}, "log.prefix", "30 bytes"},
		"tab in prefix":           {Service{Name: "ssh", Log: &Log{Prefix: "a\tb"}}, "log.prefix", "control character"},
		"level":                   {Service{Name: "ssh", Log: &Log{Level: "warnig"}}, "log.level", `did you mean "warning"`},
		"priority":                {Service{Name: "ssh", Priority: number(10000)}, "priority", "between 0 and 9999"},
		"negative priority":       {Service{Name: "ssh", Priority: number(-1)}, "priority", "between 0 and 9999"},
		"limit without name":      {Service{Ports: []string{"icmp"}, RateLimit: &RateLimit{Rate: "1/s"}}, "name", "needs a name"},
		"rate without unit":       {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "10"}}, "rate_limit.rate", "10/minute"},
		"rate of nothing":         {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "0/s"}}, "rate_limit.rate", "from 1 to"},
		"rate in years":           {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "1/year"}}, "rate_limit.rate", "minute"},
		"burst":                   {Service{Name: "ssh", RateLimit: &RateLimit{Rate: "1/s", Burst: 10001}}, "rate_limit.burst", "10001"},
		"rate of what is dropped": {Service{Name: "ssh", Action: "drop", RateLimit: &RateLimit{Rate: "1/s"}}, "rate_limit", "refused already"},
	} {
		t.Run(name, func(t *testing.T) {
			found := test.service.Validate()
			if len(found) != 1 {
				t.Fatalf("found %v, want one problem", found)
			}
			if p := found[0]; p.Attribute != test.attribute || !strings.Contains(p.Summary+" "+p.Detail, test.says) {
				t.Errorf("found %q, want %s to say %q", p, test.attribute, test.says)
			}
			if _, err := test.service.Lines(); err == nil {
				t.Error("there are lines all the same")
			}
		})
	}
}

func TestCatalogue(t *testing.T) {
	for _, name := range strings.Fields(`ssh ftp ftp-data smtp submission smtps dns http https pop3 pop3s imap imap3 imaps ldap ldaps mysql
		postgresql redis mongodb memcached svn git webcache ntp snmp syslog nfs smb rdp vnc wireguard openvpn ipsec mdns dhcp tftp kubernetes-api
		etcd docker prometheus grafana elasticsearch rabbitmq kafka nats minecraft teamspeak mosh rsync`) {
		if _, ok := Lookup(name); !ok {
			t.Errorf("the catalogue does not hold %s", name)
		}
	}
	all := Catalogue()
	if !slices.IsSortedFunc(all, func(a, b Known) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the catalogue is not sorted, so that Lookup fails")
	}
	for _, k := range all {
		if k.Source == "" {
			t.Errorf("%s has no source", k.Name)
		}
		var ports []Port
		for _, s := range k.Ports {
			p, err := ParsePort(s)
			if err != nil {
				t.Errorf("%s: %v", k.Name, err)
			}
			ports = append(ports, p)
		}
		if diff := cmp.Diff(portNames(uniquePorts(ports)), k.Ports); diff != "" {
			t.Errorf("%s: ports not in canonical order (-want +got):\n%s", k.Name, diff)
		}
		if name, ok := NameOf(k.Ports); !ok || name != k.Name {
			t.Errorf("the ports of %s are those of %s, too", k.Name, name)
		}
		if _, err := (Service{Name: k.Name}).Lines(); err != nil {
			t.Error(err)
		}
	}
	for other, name := range otherNames {
		if _, ok := Lookup(name); !ok {
			t.Errorf("%s points to unknown %s", other, name)
		}
		if _, ok := Lookup(other); ok {
			t.Errorf("%s is a name itself", other)
		}
	}
	if name, ok := NameOf([]string{"53/udp", "53/TCP"}); !ok || name != "dns" {
		t.Errorf("53/udp and 53/tcp are %q, want dns", name)
	}
	if name, ok := NameOf([]string{"53/udp"}); ok {
		t.Errorf("53/udp alone is called %s", name)
	}
}

func TestNearestNames(t *testing.T) {
	for word, want := range map[string]string{
		"htpps": "https", "posgres": "postgresql", "k8s": "kubernetes-api", "wiregaurd": "wireguard",
		"elastic": "elasticsearch", "minecaft": "minecraft", "zzzzzz": "",
	} {
		got := NearestNames(word)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("nearest to %s is %v, want %q", word, got, want)
		}
	}
}

// Whatever a service is made of, what logs stands in front of what limits, and that in front of what
// decides: on the host they stand in the order in which they are printed.
func TestServiceStandsInOrder(t *testing.T) {
	policy, err := NewDefaultPolicy("INPUT", "REJECT").Rules()
	if err != nil {
		t.Fatal(err)
	}
	rs := applied(t, iptables.Ruleset{}, policy.Replace(PolicyRules{}, nil))
	for _, port := range []string{"22/tcp", "1-65535/udp", "tcp", "icmp", "esp", "all"} {
		for _, sources := range [][]string{nil, {"10.0.0.0/8"}, {"set:x"}} {
			for _, action := range []string{"accept", "drop", "reject"} {
				for _, priority := range []*int{nil, number(10), number(2000)} {
					s := Service{Name: "x", Ports: []string{port}, Sources: sources, Action: action, Priority: priority, Log: &Log{}}
					if action == "accept" {
						s.RateLimit = &RateLimit{Rate: "1/s"}
					}
					lines, err := s.Lines()
					if err != nil {
						t.Fatal(err)
					}
					for _, order := range []Lines{lines, reversed(lines)} {
						after := applied(t, rs, Replace(nil, order))
						if missing := lines.Without(Present(after, lines)); len(missing) > 0 {
							t.Errorf("not in force:\n%s on\n%s", textOf(missing), printed(after))
						}
						if diff := cmp.Diff(textOf(lines), textOf(allLines(after).Shared(lines))); diff != "" {
							t.Errorf("(-printed +on the host):\n%s", diff)
						}
					}
				}
			}
		}
	}
}

func reversed(ls Lines) Lines {
	back := slices.Clone(ls)
	slices.Reverse(back)
	return back
}
