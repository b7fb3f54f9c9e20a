package iptables

import (
	"net/netip"
	"strings"
	"testing"
)

// rulesetOf builds a rule set from lines as `iptables -S` prints them, led by ip6tables and -t TABLE
// where they need to be; "-N CHAIN" and "-t TABLE -N CHAIN" make a chain.
func rulesetOf(tb testing.TB, lines string) Ruleset {
	tb.Helper()
	var rs Ruleset
	chain := func(id ChainID) Chain {
		c, _ := rs.Chain(id)
		return c
	}
	for line := range strings.SplitSeq(lines, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.Contains(line, "-N "):
			id := ChainID{IPv4, "filter", line[strings.Index(line, "-N ")+3:]}
			if strings.HasPrefix(line, "ip6tables") {
				id.Family = IPv6
			}
			if _, after, ok := strings.Cut(line, "-t "); ok {
				id.Table = strings.Fields(after)[0]
			}
			rs = rs.WithChain(id, Chain{})
		case strings.Contains(line, "-P "):
			id, policy, err := ParsePolicyLine(line)
			if err != nil {
				tb.Fatalf("%s: %v", line, err)
			}
			c := chain(id)
			c.Policy = policy
			rs = rs.WithChain(id, c)
		default:
			id, rule, err := ParseLine(line)
			if err != nil {
				tb.Fatalf("%s: %v", line, err)
			}
			c := chain(id)
			c.Rules = append(c.Rules[:len(c.Rules):len(c.Rules)], rule)
			rs = rs.WithChain(id, c)
		}
	}
	return rs
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

var (
	ssh     = NewConnection(TCP, addrPort("198.51.100.7:50000"), addrPort("203.0.113.1:22"))
	web     = NewConnection(TCP, addrPort("198.51.100.7:50000"), addrPort("203.0.113.1:80"))
	ssh6    = NewConnection(TCP, addrPort("[2001:db8::7]:50000"), addrPort("[2001:db8:1::1]:22"))
	dnsUDP  = NewConnection(UDP, addrPort("198.51.100.7:50000"), addrPort("203.0.113.1:53"))
	ping    = with(NewConnection(ICMP, addrPort("198.51.100.7:0"), addrPort("203.0.113.1:0")), func(p *Packet) { p.ICMPType, p.ICMPCode = Known[uint8](8), Known[uint8](0) })
	through = with(web, func(p *Packet) { p.Path = Forward })
)

func with(p Packet, edit func(*Packet)) Packet {
	edit(&p)
	return p
}

func TestTrace(t *testing.T) {
	tests := map[string]struct {
		rules   string
		packet  Packet
		want    Answer
		because string
	}{
		"nothing is there": {"", ssh, Accepted, "policy of INPUT is ACCEPT"},
		"a policy drops":   {"-P INPUT DROP", ssh, Dropped, "policy of INPUT is DROP"},
		"a rule accepts": {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", ssh,
			Accepted, "rule 1 of INPUT (iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT) accepts it"},
		"the other port":       {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", web, Dropped, "policy of INPUT is DROP"},
		"the other family":     {"-P INPUT DROP", ssh6, Accepted, "policy of INPUT is ACCEPT"},
		"IPv6":                 {"ip6tables -A INPUT -s 2001:db8::/64 -j REJECT --reject-with icmp6-port-unreachable", ssh6, Dropped, "rule 1 of INPUT (ip6tables -A INPUT -s 2001:db8::/64 -j REJECT --reject-with icmp6-port-unreachable) rejects it"},
		"loopback only":        {"-P INPUT DROP\n-A INPUT -i lo -j ACCEPT", ssh, Dropped, "policy of INPUT is DROP"},
		"an unknown interface": {"-P INPUT DROP\n-A INPUT -i eth0 -j ACCEPT", ssh, Unknown, "rule 1 of INPUT (iptables -A INPUT -i eth0 -j ACCEPT) is undecided: the incoming interface is not known"},
		"whatever interface":   {"-P INPUT DROP\n-A INPUT -i eth0 -j ACCEPT\n-A INPUT ! -i lo -p tcp -j ACCEPT", ssh, Accepted, ""},
		"both ways alike":      {"-P INPUT DROP\n-A INPUT -m limit --limit 1/sec -j DROP", ssh, Dropped, "policy of INPUT is DROP"},
		"a limit": {"-P INPUT DROP\n-A INPUT -m limit --limit 1/sec -j ACCEPT", ssh, Unknown,
			"rule 1 of INPUT (iptables -A INPUT -m limit --limit 1/sec -j ACCEPT) is undecided: match limit: depends on how many packets came before"},
		"a limited log":   {"-P INPUT DROP\n-A INPUT -m limit --limit 1/sec -j LOG\n-A INPUT -j ACCEPT", ssh, Accepted, "rule 2 of INPUT (iptables -A INPUT -j ACCEPT) accepts it"},
		"jump and return": {"-N A\n-P INPUT DROP\n-A INPUT -j A\n-A INPUT -j ACCEPT\n-A A -p tcp -j RETURN\n-A A -j DROP", ssh, Accepted, "rule 2 of INPUT (iptables -A INPUT -j ACCEPT) accepts it"},
		"end of a chain":  {"-N A\n-A INPUT -j A\n-A INPUT -j DROP\n-A A -p udp -j ACCEPT", ssh, Dropped, "rule 2 of INPUT (iptables -A INPUT -j DROP) drops it"},
		"return at the top is the policy": {"-P INPUT DROP\n-A INPUT -p tcp -j RETURN\n-A INPUT -j ACCEPT", ssh,
			Dropped, "policy of INPUT is DROP"},
		"goto does not come back": {"-N A\n-N B\n-P INPUT DROP\n-A INPUT -j A\n-A INPUT -j ACCEPT\n-A A -g B\n-A A -j DROP\n-A B -p udp -j DROP", ssh,
			Accepted, "rule 2 of INPUT (iptables -A INPUT -j ACCEPT) accepts it"},
		"goto at the top": {"-N A\n-P INPUT DROP\n-A INPUT -g A\n-A INPUT -j ACCEPT\n-A A -j RETURN", ssh, Dropped, "policy of INPUT is DROP"},
		"a mark that a rule set": {"-P INPUT DROP\n-t mangle -A PREROUTING -p tcp -j MARK --set-xmark 0x4/0x4\n-A INPUT -m mark --mark 0x4/0xc -j ACCEPT", ssh,
			Accepted, ""},
		"a mark that nobody set": {"-P INPUT DROP\n-A INPUT -m mark --mark 0x4/0xc -j ACCEPT", ssh, Dropped, ""},
		"saved and restored": {"-P INPUT DROP\n-t mangle -A PREROUTING -j MARK --set-xmark 0x5/0xffffffff\n-t mangle -A PREROUTING -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf\n" +
			"-t mangle -A INPUT -j MARK --set-xmark 0x0/0xffffffff\n-t mangle -A INPUT -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff\n-A INPUT -m mark --mark 0x5 -j ACCEPT", ssh, Accepted, ""},
		"restored in part": {"-P INPUT DROP\n-t mangle -A PREROUTING -j CONNMARK --set-xmark 0x33/0xffffffff\n-t mangle -A PREROUTING -j MARK --set-xmark 0x44/0xffffffff\n" +
			"-t mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0x1\n-A INPUT -m mark --mark 0x41 -j ACCEPT", ssh, Accepted, ""},
		"to all":                          {"-A INPUT -m addrtype --dst-type BROADCAST -j DROP", with(dnsUDP, func(p *Packet) { p.Destination = netip.MustParseAddr("255.255.255.255") }), Dropped, ""},
		"on its last hops":                {"-A FORWARD -m ttl --ttl-eq 63 -j DROP", with(through, func(p *Packet) { p.TTL = Known[uint8](64) }), Dropped, ""},
		"raw drops first":                 {"-t raw -A PREROUTING -p tcp -j DROP\n-A INPUT -j ACCEPT", ssh, Dropped, "rule 1 of PREROUTING in table raw (iptables -t raw -A PREROUTING -p tcp -j DROP) drops it"},
		"security drops last":             {"-A INPUT -j ACCEPT\n-t security -A INPUT -j DROP", ssh, Dropped, ""},
		"states":                          {"-P INPUT DROP\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ssh, Dropped, ""},
		"established":                     {"-P INPUT DROP\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT", ssh.Conversation()[2], Accepted, ""},
		"answers":                         {"-P OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT", ssh.Conversation()[1], Accepted, ""},
		"nothing is tracked in table raw": {"-t raw -A PREROUTING -m conntrack --ctstate INVALID -j DROP", ssh, Dropped, ""},
		"untracked":                       {"-P INPUT DROP\n-t raw -A PREROUTING -p udp -j CT --notrack\n-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT", dnsUDP, Accepted, ""},
		"of no connection, and not asked for its state": {"-A INPUT -m conntrack ! --ctproto 6 -j DROP", with(web, func(p *Packet) { p.State = StateInvalid }), Accepted, ""},
		"ping":                 {"-P INPUT DROP\n-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT", ping, Accepted, ""},
		"another code":         {"-P INPUT DROP\n-A INPUT -p icmp -m icmp --icmp-type 8/1 -j ACCEPT", ping, Dropped, ""},
		"any icmp":             {"-P INPUT DROP\n-A INPUT -p icmp -m icmp --icmp-type any -j ACCEPT", ping, Accepted, ""},
		"syn":                  {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", ssh, Accepted, ""},
		"no syn":               {"-P INPUT DROP\n-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", ssh.Conversation()[2], Dropped, ""},
		"many ports":           {"-P INPUT DROP\n-A INPUT -p tcp -m multiport --dports 80,20:25 -j ACCEPT", ssh, Accepted, ""},
		"none of many":         {"-A INPUT -p tcp -m multiport ! --dports 80,443 -j DROP", ssh, Dropped, ""},
		"a range of addresses": {"-A INPUT -m iprange --src-range 198.51.100.1-198.51.100.9 -j DROP", ssh, Dropped, ""},
		"a mask with gaps":     {"-A INPUT -s 198.0.100.0/255.0.255.0 -j DROP", ssh, Dropped, ""},
		"local":                {"-A INPUT -m addrtype --dst-type LOCAL -j DROP", ssh, Dropped, ""},
		"from local":           {"-A INPUT -m addrtype --src-type LOCAL -j DROP", ssh, Accepted, ""},
		"local, over IPv6":     {"ip6tables -A INPUT -m addrtype --dst-type LOCAL,UNICAST -j DROP", ssh6, Dropped, ""},
		"an unknown match":     {"-A INPUT -m geoip --src-cc XX -j DROP", ssh, Unknown, "rule 1 of INPUT (iptables -A INPUT -m geoip --src-cc XX -j DROP) is undecided: match geoip is not understood"},
		"an unknown target":    {"-A INPUT -j ELSEWHERE", ssh, Unknown, "rule 1 of INPUT (iptables -A INPUT -j ELSEWHERE) is undecided: target ELSEWHERE: it is not understood"},
		"a queue":              {"-A INPUT -j NFQUEUE --queue-num 0", ssh, Unknown, ""},
		"a queue, then a drop": {"-A INPUT -j NFQUEUE --queue-num 0\n-t security -A INPUT -j DROP", ssh, Dropped, ""},
		"a loop":               {"-N A\n-N B\n-A INPUT -j A\n-A A -j B\n-A B -j A", ssh, Unknown, "chain A calls itself, which the kernel refuses"},
		"a loop of goto":       {"-N A\n-A INPUT -j A\n-A A -g A", ssh, Unknown, "chain A calls itself, which the kernel refuses"},
		"redirected":           {"-P INPUT DROP\n-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT", web, Accepted, ""},
		"redirected before":    {"-P INPUT DROP\n-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT", with(web.Conversation()[2], func(p *Packet) { p.Follows = false }), Dropped, ""},
		"redirected likewise":  {"-P INPUT DROP\n-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT", web.Conversation()[2], Accepted, ""},
		"original destination": {"-P INPUT DROP\n-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A INPUT -p tcp -m conntrack --ctorigdstport 80 --ctstate DNAT -j ACCEPT", web, Accepted, ""},
		"away, or not":         {"-P FORWARD DROP\n-t nat -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.5:80", web, Unknown, ""},
		"forwarded":            {"-P INPUT DROP\n-P FORWARD DROP\n-A FORWARD -d 203.0.113.0/24 -j ACCEPT", through, Accepted, ""},
		"out by lo":            {"-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -j DROP", ssh.Conversation()[1], Dropped, "rule 2 of OUTPUT (iptables -A OUTPUT -j DROP) drops it"},
		"owner":                {"-A OUTPUT -m owner --uid-owner 0 -j ACCEPT\n-A OUTPUT -j DROP", ssh.Conversation()[1], Unknown, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := Trace(rulesetOf(t, tt.rules), tt.packet)
			if v.Answer != tt.want || tt.because != "" && v.Because != tt.because {
				t.Errorf("answer %v because %q\n   want %v because %q\npath %v", v.Answer, v.Because, tt.want, tt.because, v.Path)
			}
		})
	}
}
