package iptables

import (
	"net/netip"
	"testing"
)

const docker = `
	-P FORWARD DROP
	-P INPUT DROP
	-t nat -N DOCKER
	-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
	-t nat -A DOCKER -i docker0 -j RETURN
	-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
	-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	-N DOCKER
	-A FORWARD -o docker0 -j DOCKER
	-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT`

// TestTracer is about what the rules alone do not tell.
func TestTracer(t *testing.T) {
	published := with(web, func(p *Packet) { p.DestinationPort, p.In = 8080, "eth0" })
	outward := with(web, func(p *Packet) { p.Path, p.Out = Output, "eth0" })
	host := Tracer{
		Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("172.17.0.1")},
		Networks: map[string][]netip.Prefix{
			"eth0": {netip.MustParsePrefix("0.0.0.0/0")}, "docker0": {netip.MustParsePrefix("172.17.0.0/16")},
		},
	}
	bans := Tracer{Sets: map[string]Set{
		"hosts":  {Type: "hash:ip", Members: []string{"198.51.100.7 timeout 300", "2001:db8::7"}},
		"nets":   {Type: "hash:net", Members: []string{"198.51.100.7 nomatch", "198.51.100.0/24", "0.0.0.0/1"}},
		"ports":  {Type: "bitmap:port", Members: []string{"22", "80"}},
		"pairs":  {Type: "hash:ip,port", Members: []string{"203.0.113.1,80", "203.0.113.1,udp:22"}},
		"marks":  {Type: "hash:ip,mark", Members: []string{"198.51.100.7,0x0"}},
		"macs":   {Type: "hash:mac", Members: []string{"00:11:22:33:44:55"}},
		"wires":  {Type: "hash:net,iface", Members: []string{"198.51.100.0/24,eth0", "10.0.0.0/8,eth0"}},
		"either": {Type: "list:set", Members: []string{"marks", "ports"}},
		"lists":  {Type: "list:set", Members: []string{"either"}},
	}}
	ban := func(match string) string { return "-A INPUT -m set " + match + " -j DROP" }
	tests := map[string]struct {
		tracer Tracer
		rules  string
		packet Packet
		want   Answer
	}{
		"a published port":              {host, docker, published, Accepted},
		"another port":                  {host, docker, with(published, func(p *Packet) { p.DestinationPort = 80 }), Dropped},
		"nothing is known of the host":  {Tracer{}, docker, published, Unknown},
		"to itself":                     {host, "-P FORWARD DROP\n-t nat -A PREROUTING -j DNAT --to-destination 172.17.0.1", web, Accepted},
		"forwarded, to itself":          {host, "-P FORWARD DROP\n-t nat -A PREROUTING -j DNAT --to-destination 172.17.0.1", through, Accepted},
		"one of many":                   {host, "-P FORWARD DROP\n-t nat -A PREROUTING -j DNAT --to-destination 172.17.0.1-172.17.0.2", web, Unknown},
		"a network":                     {host, "-A FORWARD -d 172.17.0.1/32 -j DROP\n-A INPUT -d 172.17.0.1/32 -j DROP\n-t nat -A PREROUTING -j NETMAP --to 172.17.0.0/24", web, Dropped},
		"on its way out":                {host, "-t nat -A OUTPUT -p tcp -j DNAT --to-destination 172.17.0.2\n-t mangle -A POSTROUTING -o docker0 -j DROP", outward, Dropped},
		"not yet on its way out":        {host, "-t nat -A OUTPUT -p tcp -j DNAT --to-destination 172.17.0.2\n-A OUTPUT -o docker0 -j DROP", outward, Accepted},
		"came by lo":                    {host, "-P FORWARD DROP\n-t nat -A PREROUTING -j DNAT --to-destination 9.9.9.9", with(web, func(p *Packet) { p.In, p.External = "lo", false }), Accepted},
		"untracked, but came by lo":     {host, "-t raw -A PREROUTING -j CT --notrack\n-A INPUT -m conntrack --ctstate NEW -j DROP", with(web, func(p *Packet) { p.In, p.External = "lo", false }), Dropped},
		"sources change last":           {host, "-t nat -A INPUT -j SNAT --to-source 1.1.1.1\n-A INPUT -s 1.1.1.1 -j DROP", web, Accepted},
		"in a set":                      {bans, ban("--match-set hosts src"), ssh, Dropped},
		"in a set, over IPv6":           {bans, "ip6tables -A INPUT -m set --match-set hosts src -j DROP", ssh6, Dropped},
		"not in a set":                  {bans, ban("--match-set hosts dst"), ssh, Accepted},
		"negated":                       {bans, ban("! --match-set hosts dst"), ssh, Dropped},
		"the narrowest network decides": {bans, ban("--match-set nets src"), ssh, Accepted},
		"another network":               {bans, ban("--match-set nets src"), with(ssh, func(p *Packet) { p.Source = p.Source.Next() }), Dropped},
		"a port":                        {bans, ban("--match-set ports dst"), ssh, Dropped},
		"a port of a kind":              {bans, ban("--match-set ports dst"), ping, Accepted},
		"address and port":              {bans, ban("--match-set pairs dst,dst"), web, Dropped},
		"address and another port":      {bans, ban("--match-set pairs dst,dst"), ssh, Accepted},
		"too few directions":            {bans, ban("--match-set pairs dst"), web, Accepted},
		"address and mark":              {bans, ban("--match-set marks src,src"), web, Dropped},
		"a hardware address":            {bans, ban("--match-set macs src"), web, Unknown},
		"address and interface":         {bans, ban("--match-set wires src,src"), with(web, func(p *Packet) { p.In = "eth0" }), Unknown},
		"another address and interface": {bans, ban("--match-set wires dst,src"), with(web, func(p *Packet) { p.In = "eth0" }), Accepted},
		"one of several sets":           {bans, ban("--match-set either src,src"), web, Dropped},
		"sets of sets of sets":          {bans, ban("--match-set lists src,src"), web, Unknown},
		"counters":                      {bans, ban("--match-set hosts src --packets-gt 3"), ssh, Unknown},
		"a set that nobody knows":       {bans, ban("--match-set elsewhere src"), ssh, Unknown},
		"a set that a rule changed":     {bans, "-A INPUT -j SET --add-set hosts src\n" + ban("--match-set hosts dst"), ssh, Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if v := tt.tracer.Trace(rulesetOf(t, tt.rules), tt.packet); v.Answer != tt.want {
				t.Errorf("%v because %s, want %v", v.Answer, v.Because, tt.want)
			}
		})
	}
}

// TestVerdict is about what is told beside the answer.
func TestVerdict(t *testing.T) {
	rs := rulesetOf(t, `
		-N OFFICE
		-P INPUT DROP
		-A INPUT -i lo -j ACCEPT
		-A INPUT -p tcp -m tcp --dport 22 -j OFFICE
		-A INPUT -m limit --limit 1/sec -j LOG
		-A INPUT -p udp -j REJECT
		-A OFFICE -s 192.0.2.0/24 -j ACCEPT
		-A OFFICE -m recent --name x --update --seconds 60 -j DROP
		-A OFFICE -s 198.51.100.0/24 -j ACCEPT`)
	texts := func(path []TraceStep) (list []string) {
		for _, s := range path {
			list = append(list, s.Text(Reference)+" "+s.Outcome.String())
		}
		return list
	}
	equal := func(t *testing.T, got, want []string) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("got %q, want %q", got[i], want[i])
			}
		}
	}

	office := Trace(rs, with(ssh, func(p *Packet) { p.Source = netip.MustParseAddr("192.0.2.1") }))
	equal(t, texts(office.Path), []string{
		"iptables -A INPUT -p tcp -m tcp --dport 22 -j OFFICE jumps", "iptables -A OFFICE -s 192.0.2.0/24 -j ACCEPT accepts",
	})
	if d := office.Decision(); office.Answer != Accepted || d.Number != 1 || d.Chain.Name != "OFFICE" {
		t.Errorf("%v, decided by %v", office.Answer, d)
	}

	unsure := Trace(rs, ssh)
	equal(t, texts(unsure.Path), []string{
		"iptables -A INPUT -p tcp -m tcp --dport 22 -j OFFICE jumps", "iptables -A OFFICE -s 198.51.100.0/24 -j ACCEPT accepts",
	})
	equal(t, texts(unsure.Otherwise), []string{
		"iptables -A INPUT -p tcp -m tcp --dport 22 -j OFFICE jumps",
		"iptables -A OFFICE -m recent --update --seconds 60 --name x --mask 255.255.255.255 --rsource -j DROP drops",
	})

	other := Trace(rs, web)
	equal(t, texts(other.Path), []string{"iptables -P INPUT DROP drops"})
	if d := other.Decision(); other.Answer != Dropped || other.Rejected || d.Number != 0 || d.Policy != "DROP" {
		t.Errorf("%v, rejected %v, decided by %v", other.Answer, other.Rejected, d)
	}
	if v := Trace(rs, dnsUDP); v.Answer != Dropped || !v.Rejected {
		t.Errorf("%v, rejected %v", v.Answer, v.Rejected)
	}
}

// TestConversation: a firewall without a rule for what follows lets a connection begin and no more.
func TestConversation(t *testing.T) {
	firewalls := map[string]struct {
		rules string
		want  [3]Answer
	}{
		"open":               {"", [3]Answer{Accepted, Accepted, Accepted}},
		"new only":           {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT", [3]Answer{Accepted, Accepted, Dropped}},
		"syn only":           {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", [3]Answer{Accepted, Accepted, Dropped}},
		"no answers":         {"-P OUTPUT DROP", [3]Answer{Accepted, Dropped, Accepted}},
		"answers by port":    {"-P OUTPUT DROP\n-A OUTPUT -p tcp -m tcp --sport 80 -j ACCEPT", [3]Answer{Accepted, Accepted, Accepted}},
		"answers to address": {"-P OUTPUT DROP\n-A OUTPUT -d 198.51.100.7/32 -o eth+ -j ACCEPT", [3]Answer{Accepted, Accepted, Accepted}},
	}
	for name, tt := range firewalls {
		t.Run(name, func(t *testing.T) {
			rs := rulesetOf(t, tt.rules)
			for i, p := range with(web, func(p *Packet) { p.In = "eth0" }).Conversation() {
				if v := Trace(rs, p); v.Answer != tt.want[i] {
					t.Errorf("packet %d: %v because %s, want %v", i+1, v.Answer, v.Because, tt.want[i])
				}
			}
		})
	}
}
