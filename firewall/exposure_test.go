package firewall

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

const exposed = `-P INPUT DROP
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 127.0.0.0/8 -j ACCEPT
-A INPUT -s 198.51.100.66/32 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-above 6/min --hashlimit-name s --hashlimit-mode srcip -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT
-A INPUT -i eth1 -j inside
-A INPUT -m set --match-set friends src -p tcp -m tcp --dport 9000:9100 -j ACCEPT
-A INPUT -s 127.0.0.1/32 -p udp -m udp --dport 161 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 25 -m conntrack --ctstate ESTABLISHED -j ACCEPT
-N inside
-A inside -p tcp -m tcp --dport 5432 -j ACCEPT
-A inside -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -i eth2 -j inside
ip6tables -A INPUT -s 2000::/3 -p tcp -m tcp --dport 80 -j ACCEPT
ip6tables -A INPUT -s fe80::/10 -p udp -m udp --dport 546 -j ACCEPT
ip6tables -P INPUT DROP
ip6tables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT`

func exposure(t *testing.T) *Exposure {
	t.Helper()
	rules, err := Lay(strings.Split(exposed, "\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	site := Site{
		Addresses: parseAddresses(`1: lo inet 127.0.0.1/8
2: eth0 inet 192.0.2.10/24
3: eth1 inet 10.0.0.1/24
2: eth0 inet6 2001:db8::10/64
2: eth0 inet6 fe80::10/64
`),
		Uplinks: map[iptables.Family]string{iptables.IPv4: "eth0", iptables.IPv6: "eth0"},
	}
	return NewExposure(&Snapshot{Facts: Facts{Site: site}, Rules: rules})
}

func TestReachableFrom(t *testing.T) {
	e := exposure(t)
	tests := []struct{ socket, want string }{
		{"tcp 0.0.0.0:22", FromWorld}, // but for a ban, and the rate is not reached
		{"tcp 0.0.0.0:443", FromWorld},
		{"tcp 127.0.0.1:22", FromNobody},
		{"tcp 0.0.0.0:3306", FromSome},
		{"tcp 192.0.2.10:3306", FromSome},
		{"tcp 0.0.0.0:5432", FromSome}, // by eth1, from anywhere
		{"tcp 192.0.2.10:5432", FromNobody},
		{"tcp 10.0.0.1:5432", FromWorld}, // whoever gets to that network
		{"tcp 0.0.0.0:9050", FromUnknown},
		{"udp 0.0.0.0:161", FromNobody},
		{"tcp 0.0.0.0:25", FromNobody},
		{"tcp [::]:80", FromWorld},
		{"tcp [::1]:80", FromNobody},
		{"tcp [::]:22", FromNobody},
		{"udp [::]:546", FromSome},
		{"udp [fe80::10]:546", FromSome},
	}
	for _, test := range tests {
		if got := e.ReachableFrom(socket(t, test.socket)); got != test.want {
			t.Errorf("%s: %s, want %s", test.socket, got, test.want)
		}
	}
}

// What is not known of the host is not known of its ports.
func TestReachableFromNowhere(t *testing.T) {
	e := NewExposure(&Snapshot{Rules: exposure(t).rules})
	if got := e.ReachableFrom(socket(t, "tcp 0.0.0.0:5432")); got != FromUnknown {
		t.Errorf("by an unknown interface: %s", got)
	}
	if got := e.ReachableFrom(socket(t, "tcp 0.0.0.0:443")); got != FromWorld {
		t.Errorf("by any interface: %s", got)
	}
}

// A port that Docker publishes goes past INPUT: nat turns it round to a container.
func TestReachableFromThroughDocker(t *testing.T) {
	rules, err := Lay(strings.Split(`-P INPUT DROP
-P FORWARD DROP
-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-t nat -A DOCKER -i docker0 -j RETURN
-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 9090 -j DNAT --to-destination 172.17.0.3:90
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT`, "\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	site := Site{
		Addresses: parseAddresses("2: eth0 inet 192.0.2.10/24\n4: docker0 inet 172.17.0.1/16\n"),
		Uplinks:   map[iptables.Family]string{iptables.IPv4: "eth0"},
	}
	e := NewExposure(&Snapshot{Facts: Facts{Site: site}, Rules: rules})
	for port, want := range map[string]string{"tcp 0.0.0.0:8080": FromWorld, "tcp 0.0.0.0:9090": FromNobody, "tcp 0.0.0.0:80": FromNobody} {
		if got := e.ReachableFrom(socket(t, port)); got != want {
			t.Errorf("%s: %s, want %s", port, got, want)
		}
	}
}

// The members of sets that were read are known.
func TestReachableFromSet(t *testing.T) {
	rules := exposure(t).rules.WithSet(ipset.Set{Name: "friends", Type: "hash:net", Family: "inet", Entries: []ipset.Entry{{Element: "203.0.113.0/24"}}})
	if got := NewExposure(&Snapshot{Rules: rules}).ReachableFrom(socket(t, "tcp 0.0.0.0:9050")); got != FromSome {
		t.Errorf("by a set of one network: %s", got)
	}
	set, _ := rules.Set("friends")
	set.Unread = true
	if got := NewExposure(&Snapshot{Rules: rules.WithSet(set)}).ReachableFrom(socket(t, "tcp 0.0.0.0:9050")); got != FromUnknown {
		t.Errorf("by a set that was not read: %s", got)
	}
}

func TestSilent(t *testing.T) {
	e := exposure(t)
	var got []string
	for _, s := range e.Silent([]Socket{socket(t, "tcp 0.0.0.0:22"), socket(t, "tcp 127.0.0.1:80"), socket(t, "udp 10.0.0.1:53")}) {
		got = append(got, fmt.Sprintf("%s %s %s: %s", s.Family, s.Ports(), s.ReachableFrom, s.Line.Text(iptables.Reference)))
	}
	want := []string{
		"ipv4 80/tcp world: iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
		"ipv6 80/tcp world: ip6tables -A INPUT -s 2000::/3 -p tcp -m tcp --dport 80 -j ACCEPT",
		"ipv4 443/tcp world: iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
		"ipv4 3306/tcp some: iptables -A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT",
		"ipv4 5432/tcp some: iptables -A inside -p tcp -m tcp --dport 5432 -j ACCEPT",
		"ipv4 9000-9100/tcp unknown: iptables -A INPUT -p tcp -m set --match-set friends src -m tcp --dport 9000:9100 -j ACCEPT",
		"ipv6 546/udp some: ip6tables -A INPUT -s fe80::/10 -p udp -m udp --dport 546 -j ACCEPT",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// socket reads "tcp 0.0.0.0:22".
func socket(t *testing.T, text string) Socket {
	t.Helper()
	protocol, end, _ := strings.Cut(text, " ")
	a, err := netip.ParseAddrPort(end)
	if err != nil {
		t.Fatal(err)
	}
	s := Socket{Protocol: protocol, Family: iptables.IPv4, Address: a.Addr(), Port: int(a.Port())}
	if a.Addr().Is6() {
		s.Family = iptables.IPv6
	}
	return s
}
