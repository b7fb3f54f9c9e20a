package iptables

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A lawyer writes rule sets at random: whatever Trace says it decides, in shapes that people use and
// in shapes that nobody would.
type lawyer struct {
	*rand.Rand
	family Family
	// theme is what these rules have more of.
	theme theme
	sets  bool // there are sets to refer to
}

// A theme is a kind of rules. Under the last three some packets may be undecided.
type theme int

const (
	mixed theme = iota
	sets
	translations
	marks
	vagueness // matches that depend on more than the packet
)

var themes = []theme{mixed, sets, mixed, translations, marks, vagueness}

// open: the rules may leave packets undecided.
func (t theme) open() bool { return t >= translations }

func (l *lawyer) one(from ...string) string { return pick(l.Rand, from) }

func (l *lawyer) chance(percent int) bool { return l.IntN(100) < percent }

// not puts a negation in front, now and then.
func (l *lawyer) not(s string) string {
	if l.chance(15) {
		return "! " + s
	}
	return s
}

func (l *lawyer) six(four, six string) string {
	if l.family == IPv6 {
		return six
	}
	return four
}

// chainsOf are a table's chains: the built-in ones, then some others, of which one calls only later ones.
func chainsOf(table string) (base, own []string) {
	base = builtIn[table]
	if table == "filter" || table == "mangle" {
		own = []string{"a", "b", "c", "d"}
	}
	return base, own
}

func (l *lawyer) write() string {
	var b strings.Builder
	for _, table := range []string{"raw", "mangle", "nat", "filter", "security"} {
		if table == "nat" && !l.theme.open() {
			b.WriteString("*nat\nCOMMIT\n") // empties what the round before left
			continue
		}
		base, own := chainsOf(table)
		fmt.Fprintf(&b, "*%s\n", table)
		for _, chain := range base {
			policy := "ACCEPT"
			if table == "filter" && l.chance(50) || table == "mangle" && l.chance(3) {
				policy = "DROP"
			}
			fmt.Fprintf(&b, ":%s %s [0:0]\n", chain, policy)
		}
		for _, chain := range own {
			fmt.Fprintf(&b, ":%s - [0:0]\n", chain)
		}
		l.fixed(&b, table)
		for _, chain := range base {
			for range l.IntN(map[string]int{"filter": 9, "mangle": 4, "raw": 3, "nat": 5, "security": 2}[table]) {
				fmt.Fprintf(&b, "-A %s %s\n", chain, l.rule(table, chain, own))
			}
		}
		for i, chain := range own {
			for range l.IntN(5) {
				fmt.Fprintf(&b, "-A %s %s\n", chain, l.rule(table, chain, own[i+1:]))
			}
		}
		b.WriteString("COMMIT\n")
	}
	return b.String()
}

// fixed are rules that the test itself needs: connection tracking stays switched on, and the resets
// with which this host answers packets to ports where nobody listens do not end connections.
func (l *lawyer) fixed(b *strings.Builder, table string) {
	switch table {
	case "raw":
		b.WriteString("-A OUTPUT -p tcp -m tcp --tcp-flags RST,FIN RST -j DROP\n")
	case "mangle":
		b.WriteString(":tracking - [0:0]\n-A tracking -m conntrack --ctstate NEW\n")
	}
}

func (l *lawyer) rule(table, chain string, callable []string) string {
	protocol := l.one("", "", "tcp", "tcp", "udp", "icmp", "99")
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if protocol != "" {
		name := protocol
		if protocol == "icmp" {
			name = l.six("icmp", "ipv6-icmp")
		}
		add("-p %s", name)
		if protocol != "tcp" && l.chance(5) {
			parts[0], protocol = "! "+parts[0], ""
		}
	}
	if table == "nat" && l.chance(60) {
		return strings.Join(append(parts, l.translation(chain, protocol)), " ")
	}
	if l.chance(25) {
		add("%s", l.not("-s "+l.network(true)))
	}
	if l.chance(15) {
		add("%s", l.not("-d "+l.network(false)))
	}
	// Mangle's own chains are called from POSTROUTING too, where old kernels do not know it.
	if l.chance(15) && chain != "OUTPUT" && chain != "POSTROUTING" && (table != "mangle" || len(callable) == 4) {
		add("%s", l.not("-i "+l.wire()))
	}
	if l.chance(10) && chain != "INPUT" && chain != "PREROUTING" {
		add("%s", l.not("-o "+l.wire()))
	}
	switch {
	case protocol == "tcp" && l.chance(50):
		add("-m tcp %s", l.portsOrFlags())
	case protocol == "udp" && l.chance(50):
		add("-m udp %s", l.port())
	case (protocol == "tcp" || protocol == "udp") && l.chance(30):
		add("-m multiport %s", l.not(l.one("--sports ", "--dports ", "--dports ", "--ports ")+l.one("22,80", "443,1024:40000", "53", "1:79,8080", "22,53,80,443,1024,8080,30000", "20,123,1000:6000")))
	case protocol == "icmp" && l.chance(50):
		if l.family == IPv6 {
			add("-m icmp6 %s", l.not("--icmpv6-type "+l.one("128", "129", "128/0", "128/1", "134", "1", "1/3")))
		} else {
			add("-m icmp %s", l.not("--icmp-type "+l.one("8", "0", "8/0", "13", "3/1", "3", "8/1")))
		}
	}
	switch {
	case l.theme == sets && l.sets && l.chance(30):
		add("%s", l.inSet())
	case l.theme == mixed && l.chance(8):
		add("-m addrtype %s", l.not("--"+l.one("src", "dst")+"-type "+l.six(l.one("LOCAL", "UNICAST", "BROADCAST"), l.one("LOCAL", "UNICAST", "MULTICAST"))))
	case l.theme == marks && l.chance(20):
		add("%s", l.connmark())
	case l.theme == marks && l.chance(40), l.chance(8):
		add("-m mark %s", l.not("--mark "+l.one("0x0", "0x1", "0x2/0x2", "0x1/0x1", "0x3/0x3", "0x4/0x6", "0x10/0xf0")))
	}
	for l.chance(30) {
		m := l.match(protocol == "tcp" || protocol == "udp")
		// Of two matches with an option --mark in one rule iptables mistakes the second for the first.
		if strings.Contains(m, "mark --mark") && strings.Contains(strings.Join(parts, " "), "mark --mark") {
			continue
		}
		add("%s", m)
	}
	add("%s", l.target(table, chain, protocol, callable))
	return strings.Join(parts, " ")
}

func (l *lawyer) target(table, chain, protocol string, callable []string) string {
	if len(callable) > 0 && l.chance(25) {
		return l.one("-j ", "-j ", "-j ", "-g ") + pick(l.Rand, callable)
	}
	switch table {
	case "raw":
		return l.one("-j NOTRACK", "-j NOTRACK", "-j ACCEPT", "-j RETURN", "-j DROP", "")
	case "security":
		return l.one("-j DROP", "-j ACCEPT", "-j RETURN", "")
	case "mangle":
		return l.change()
	case "nat":
		return l.translation(chain, protocol)
	}
	switch l.IntN(12) {
	case 0:
		if protocol == "tcp" {
			return "-j REJECT --reject-with tcp-reset"
		}
		return "-j REJECT"
	case 1:
		return "-j REJECT --reject-with " + l.six("icmp-admin-prohibited", "icmp6-adm-prohibited")
	case 2:
		return l.one("-j LOG --log-prefix x", "")
	case 3:
		return "-j MARK --set-mark " + l.one("1", "2", "0x10")
	case 4, 5:
		return "-j RETURN"
	case 6, 7, 8:
		return "-j DROP"
	}
	return "-j ACCEPT"
}

// change is a target of table mangle.
func (l *lawyer) change() string {
	if l.theme == marks && l.chance(50) || l.theme == vagueness && l.chance(20) {
		return l.one("-j MARK --set-mark 0x10", "-j CONNMARK --set-mark 1", "-j CONNMARK --save-mark", "-j CONNMARK --restore-mark", "-j CONNMARK --set-xmark 0x2/0x3",
			"-j CONNMARK --save-mark --nfmask 0x3 --ctmask 0xff", "-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0x3")
	}
	return l.one("-j MARK --set-mark 1", "-j MARK --set-xmark 0x4/0x6", "-j MARK --or-mark 0x10", "-j MARK --and-mark 0xfe", "-j MARK --xor-mark 0x3",
		"-j TOS --set-tos 0x10/0x3f", "-j DSCP --set-dscp 0x2e", l.six("-j TTL --ttl-set 64", "-j HL --hl-set 64"), l.six("-j TTL --ttl-inc 9", "-j HL --hl-inc 9"),
		"-j RETURN", "-j ACCEPT", "-j DROP", "")
}

// translation is a target of table nat. None leads from the host to itself, which would come in again
// by lo, and none makes two connections look alike: without ports the kernel would have to drop one.
func (l *lawyer) translation(chain, protocol string) string {
	away := l.six(l.one("203.0.113.5", "172.16.5.5"), l.one("2001:db8:113::5", "2001:db8:172::5"))
	home := l.six("198.18.0.2", "2001:db8:18::2")
	ported := protocol == "tcp" || protocol == "udp"
	switch {
	case !ported && protocol != "icmp", l.chance(20):
		return l.one("-j ACCEPT", "-j RETURN")
	case chain == "PREROUTING" && ported:
		return l.one("-j REDIRECT --to-ports 8080", "-j REDIRECT", "-j DNAT --to-destination "+home, "-j DNAT --to-destination "+away,
			"-j DNAT --to-destination "+l.six(home+":22", "["+home+"]:22"), "-j REDIRECT --to-ports 61000-65000", "-j NETMAP --to "+l.six("203.0.113.0/24", "2001:db8:113::/64"))
	case chain == "PREROUTING":
		return l.one("-j DNAT --to-destination "+home, "-j DNAT --to-destination "+away, "-j NETMAP --to "+l.six("203.0.113.0/24", "2001:db8:113::/64"))
	case chain == "OUTPUT":
		return "-j DNAT --to-destination " + away
	case chain == "POSTROUTING" && ported:
		return l.one("-j MASQUERADE --to-ports 61000-65000", "-j SNAT --to-source "+l.six("198.18.99.1", "2001:db8:18:99::1"))
	case chain == "POSTROUTING":
		return "-j SNAT --to-source " + l.six("198.18.99.1", "2001:db8:18:99::1")
	}
	return "-j ACCEPT"
}
