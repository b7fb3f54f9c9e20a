package firewall

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// user is a process in the column of `ss -p`: ("sshd",pid=715,fd=3). Before iproute2 4.0 it was ("sshd",715,3).
var user = regexp.MustCompile(`\("(.*?)",(?:pid=)?\d+`)

// parseSS reads `ss -4` or `ss -6`, with -l -t -u -n -p, and -e or not. Lines of another kind, the header among
// them, are passed over.
func parseSS(text string, f iptables.Family) []listener {
	var all []listener
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 6 || words[0] != "tcp" && words[0] != "udp" {
			continue
		}
		l := listener{Socket: Socket{Protocol: words[0], Family: f}}
		if !l.listensOn(words[4]) {
			continue
		}
		switch {
		case strings.Contains(line, " v6only:1"):
			l.dual = onlyIPv6
		case strings.Contains(line, " v6only:0"):
			l.dual = bothFamilies
		}
		var names []string
		for _, u := range user.FindAllStringSubmatch(line, -1) {
			names = append(names, u[1])
		}
		l.Process = processNames(names)
		all = append(all, l)
	}
	return all
}

// listensOn reads "0.0.0.0:22", "[::]:22", "*:80", ":::22" (before iproute2 4.15), "127.0.0.53%lo:53",
// "[fe80::1]%eth0:546".
func (l *listener) listensOn(s string) bool {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return false
	}
	port, err := strconv.Atoi(s[colon+1:])
	host, wire, _ := strings.Cut(s[:colon], "%")
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "*" {
		host = map[iptables.Family]string{iptables.IPv4: "0.0.0.0", iptables.IPv6: "::"}[l.Family]
	}
	a, bad := netip.ParseAddr(host)
	if err != nil || bad != nil {
		return false
	}
	l.on(a, port)
	l.Interface = wire
	return true
}

// on sets the address; one of IPv4 inside IPv6 is of IPv4.
func (l *listener) on(a netip.Addr, port int) {
	l.Address, l.Port = a.Unmap(), port
	if l.Address.Is4() {
		l.Family = iptables.IPv4
	}
}
