package iptables

func (l *lawyer) network(far bool) string {
	if l.chance(20) {
		far = !far
	}
	if far {
		return l.six(
			l.one("203.0.113.0/24", "203.0.113.5", "203.0.113.64/26", "192.0.2.33", "10.0.0.0/8", "10.9.0.0/255.255.0.255", "172.16.0.0/12", "128.0.0.0/1"),
			l.one("2001:db8:113::/48", "2001:db8:113::5", "2001:db8:113::40/122", "2001:db8:2::33", "fd00::/8", "fd09::/ffff:0:0:ffff::", "2001:db8::/32", "8000::/1"))
	}
	return l.six(
		l.one("198.18.0.0/16", "198.18.0.1", "198.18.0.2/31", "10.1.0.1", "198.0.0.0/8", "255.255.255.255"),
		l.one("2001:db8:18::/48", "2001:db8:18::1", "2001:db8:18::2/127", "fd00:1::1", "2001:db8:10::/44"))
}

func (l *lawyer) wire() string { return l.one("eth0", "eth1", "ppp0", "eth+", "ppp+", "lo", "e+") }

func (l *lawyer) port() string {
	if l.chance(25) {
		return l.not("--sport " + l.one("20", "123", "1:1023", "1024:65535", "22", "5000:60000", "443"))
	}
	return l.not("--dport " + l.one("22", "53", "80", "443", "1:1023", "1024:65535", "8080", "20:100", "30000:50000"))
}

func (l *lawyer) portsOrFlags() string {
	switch l.IntN(4) {
	case 0:
		return l.not("--tcp-flags " + l.one("FIN,SYN,RST,ACK SYN", "SYN,FIN SYN", "ACK,RST ACK", "FIN,SYN,RST,PSH,ACK,URG NONE", "SYN,ACK,RST ACK,SYN", "PSH,FIN PSH"))
	case 1:
		return l.port() + " --tcp-flags FIN,SYN,RST,ACK SYN"
	}
	return l.port()
}

func (l *lawyer) match(ported bool) string {
	n := 11
	if l.theme == vagueness {
		n = 16
	}
	if ported && l.chance(5) {
		return "-m conntrack --ctstate NEW " + l.not(l.one("--ctorigdstport 80", "--ctorigsrcport 1024:65535"))
	}
	switch l.IntN(n) {
	case 0, 1:
		return "-m conntrack " + l.not("--ctstate "+l.one("NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "INVALID,NEW", "UNTRACKED", "INVALID,UNTRACKED"))
	case 2:
		return "-m state " + l.not("--state "+l.one("NEW", "RELATED,ESTABLISHED", "INVALID", "UNTRACKED"))
	case 3:
		return "-m mark " + l.not("--mark "+l.one("0x2", "0x3", "0x6/0x6", "0x11"))
	case 4:
		return "-m iprange " + l.not(l.one("--src-range ", "--dst-range ")+l.six(l.one("203.0.113.0-203.0.113.99", "10.0.0.0-198.18.0.1", "172.16.5.5-172.16.5.5"),
			l.one("2001:db8:113::-2001:db8:113::99", "2001:db8::-2001:db8:18::1", "fd00::-fdff::")))
	case 5:
		return "-m addrtype " + l.not("--"+l.one("src", "dst")+"-type "+l.six(l.one("LOCAL", "UNICAST", "BROADCAST", "LOCAL,BROADCAST", "UNICAST,LOCAL"), l.one("LOCAL", "UNICAST", "MULTICAST", "UNICAST,LOCAL")))
	case 6:
		return "-m length " + l.not("--length "+l.one("0:40", "41:1500", "36", "28:48", "60:"))
	case 7:
		return l.six("-m ttl "+l.one("--ttl-lt 64", "--ttl-gt 100", "! --ttl-eq 64"), "-m hl "+l.one("--hl-lt 64", "--hl-gt 100", "! --hl-eq 64"))
	case 8:
		return l.one("-m tos "+l.not("--tos "+l.one("0x10/0x3f", "0x08/0x08", "0x00/0xf0", "0x20/0xff")), "-m dscp "+l.not("--dscp "+l.one("0x00", "0x2e", "0x08")))
	case 9:
		return "-m conntrack " + l.one("--ctstate NEW --ctproto 6", "--ctstate INVALID,ESTABLISHED ! --ctproto 6", "--ctstate NEW --ctdir ORIGINAL", "--ctstate NEW,INVALID ! --ctproto 17",
			"--ctstate NEW --ctstatus SEEN_REPLY", "--ctstate ESTABLISHED ! --ctstatus SEEN_REPLY",
			"--ctstate NEW,INVALID --ctorigsrc "+l.six("203.0.113.0/24", "2001:db8:113::/48"), "--ctstate ESTABLISHED --ctdir REPLY", "! --ctstate ESTABLISHED --ctdir REPLY")
	case 10:
		if l.sets {
			return l.inSet()
		}
		return "-m comment --comment \"no set\""
	case 11:
		return l.connmark()
	case 12:
		return l.one("-m limit --limit 1/hour", "-m statistic --mode random --probability 0.50000000000")
	case 13:
		return "-m conntrack --ctstate " + l.one("DNAT", "NEW,DNAT", "SNAT", "RELATED --ctproto 17")
	case 14:
		return "-m conntrack --ctstate NEW " + l.not("--ctorigdst "+l.six("198.18.0.1", "2001:db8:18::1"))
	}
	return "-m pkttype " + l.not("--pkt-type "+l.one("unicast", "broadcast"))
}

func (l *lawyer) connmark() string {
	return "-m connmark " + l.not("--mark "+l.one("0x0", "0x1", "0x2/0x2", "0x3/0x3"))
}
