package firewall

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// The states of /proc/net/tcp and udp that listen (include/net/tcp_states.h). A UDP socket that is
// connected has state 01.
var listening = map[string]string{"tcp": "0A", "udp": "07"}

// parseProcNet reads /proc/net/tcp, udp, tcp6 or udp6, whose name is table. holders are the names of
// processes by the inode of their socket.
func parseProcNet(text, table string, holders map[string][]string) []listener {
	protocol, six := strings.CutSuffix(table, "6")
	var all []listener
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 10 || words[3] != listening[protocol] {
			continue
		}
		address, number, _ := strings.Cut(words[1], ":")
		port, err := strconv.ParseUint(number, 16, 16)
		a, ok := kernelAddress(address)
		if err != nil || !ok {
			continue
		}
		l := listener{Socket: Socket{Protocol: protocol, Family: iptables.IPv4, Process: processNames(holders[words[9]])}}
		if six {
			l.Family = iptables.IPv6
		}
		l.on(a, int(port))
		all = append(all, l)
	}
	return all
}

// kernelAddress reads the words of 32 bits in which the kernel prints an address, each in the byte order of the
// machine. All that Debian, RHEL and Alpine run on today, but s390x, are little-endian.
func kernelAddress(s string) (netip.Addr, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b)%4 != 0 {
		return netip.Addr{}, false
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	return netip.AddrFromSlice(b)
}

// parseHolders reads whose sockets are whose: `ls -ln /proc/[0-9]*/fd`, of which each folder is led by
// its name and a colon, and `grep . /proc/[0-9]*/comm`, which puts the name in front of the text.
func parseHolders(descriptors, names string) map[string][]string {
	programs := map[string]string{}
	for line := range strings.Lines(names) {
		if path, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ":"); ok {
			programs[strings.TrimSuffix(path, "/comm")] = name
		}
	}
	holders := map[string][]string{}
	process := ""
	for line := range strings.Lines(descriptors) {
		line = strings.TrimSpace(line)
		if folder, ok := strings.CutSuffix(line, "/fd:"); ok {
			process = folder
			continue
		}
		_, rest, ok := strings.Cut(line, "socket:[")
		if inode, closed := strings.CutSuffix(rest, "]"); ok && closed && programs[process] != "" {
			holders[inode] = append(holders[inode], programs[process])
		}
	}
	return holders
}
