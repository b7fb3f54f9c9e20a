package iptables

import (
	"fmt"
	"maps"
	"os/exec"
	"strings"
)

// judgeSets are the ipsets that the random rules refer to, for each family.
var judgeSets = map[string]map[string]Set{
	"4": {
		"hosts":    {Type: "hash:ip", Members: []string{"203.0.113.5", "192.0.2.33", "198.18.0.1"}},
		"nets":     {Type: "hash:net", Members: []string{"10.0.0.0/8", "10.9.0.0/16 nomatch", "10.9.200.0/24", "203.0.113.0/25", "198.18.0.0/24"}},
		"services": {Type: "hash:ip,port", Members: []string{"198.18.0.1,tcp:22", "198.18.0.2,udp:53", "203.0.113.5,tcp:80"}},
		"pairs":    {Type: "hash:net,port", Members: []string{"203.0.113.0/24,tcp:80", "198.18.0.0/16,udp:443", "10.0.0.0/8,tcp:22", "10.9.0.0/16,tcp:22 nomatch"}},
		"wires":    {Type: "hash:net,iface", Members: []string{"203.0.113.0/24,eth1", "0.0.0.0/1,eth0", "172.16.0.0/12,ppp0"}},
		"triples":  {Type: "hash:ip,port,ip", Members: []string{"198.18.0.1,tcp:22,203.0.113.5", "198.18.0.2,udp:53,192.0.2.33", "198.18.7.1,tcp:80,10.9.1.1"}},
	},
	"6": {
		"hosts":    {Type: "hash:ip", Members: []string{"2001:db8:113::5", "2001:db8:2::33", "2001:db8:18::1"}},
		"nets":     {Type: "hash:net", Members: []string{"fd00::/8", "fd09::/16 nomatch", "fd09:0:0:1::/64", "2001:db8:113::/64"}},
		"services": {Type: "hash:ip,port", Members: []string{"2001:db8:18::1,tcp:22", "2001:db8:18::2,udp:53"}},
		"pairs":    {Type: "hash:net,port", Members: []string{"2001:db8:113::/48,tcp:80", "2001:db8:18::/48,udp:443", "fd00::/8,tcp:22", "fd09::/16,tcp:22 nomatch"}},
		"wires":    {Type: "hash:net,iface", Members: []string{"2001:db8:113::/48,eth1", "::/1,eth0", "2001:db8:172::/48,ppp0"}},
		"triples":  {Type: "hash:ip,port,ip", Members: []string{"2001:db8:18::1,tcp:22,2001:db8:113::5", "2001:db8:18::2,udp:53,2001:db8:2::33"}},
	},
}

// plainSets are for both families.
var plainSets = map[string]Set{
	"numbers": {Type: "bitmap:port", Members: []string{"22", "443", "20", "50000"}},
	"either":  {Type: "list:set", Members: []string{"hosts4", "hosts6", "services4", "services6"}},
}

// makeSets puts the sets in place, where there is a program for it; else the rules do without.
func (w *world) makeSets() map[string]Set {
	path, err := exec.LookPath("ipset")
	if err != nil {
		w.Log("no ipset here: rules with sets are left out")
		return nil
	}
	if rules, err := ParseSpec(IPv4, "filter", "-m set --match-set hosts4 src"); err != nil || rules[0].Matches[0].Opaque {
		w.Logf("match set is not understood (%v): rules with sets are left out", err)
		return nil
	}
	var b strings.Builder
	for version, list := range judgeSets {
		for name, set := range list {
			family := map[string]string{"4": " family inet", "6": " family inet6"}[version]
			fmt.Fprintf(&b, "create %s%s %s%s\n", name, version, set.Type, family)
			for _, m := range set.Members {
				fmt.Fprintf(&b, "add %s%s %s\n", name, version, m)
			}
		}
	}
	for name, set := range plainSets {
		fmt.Fprintf(&b, "create %s %s%s\n", name, set.Type, map[string]string{"bitmap:port": " range 0-65535"}[set.Type])
		for _, m := range set.Members {
			fmt.Fprintf(&b, "add %s %s\n", name, m)
		}
	}
	cmd := exec.Command(path, "restore")
	cmd.Stdin = strings.NewReader(b.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("making ipsets: %v\n%s", err, out)
	}
	return allJudgeSets()
}

func allJudgeSets() map[string]Set {
	sets := maps.Clone(plainSets)
	for version, list := range judgeSets {
		for name, set := range list {
			sets[name+version] = set
		}
	}
	return sets
}

// inSet is a match on one of the sets, with directions that fit it and, at times, do not.
func (l *lawyer) inSet() string {
	version := l.six("4", "6")
	if l.theme == vagueness && l.chance(20) {
		return "-m set " + l.not("--match-set wires"+version+" "+l.one("src,src", "dst,dst"))
	}
	return "-m set " + l.not("--match-set "+l.one("hosts"+version+" src", "hosts"+version+" dst", "nets"+version+" src", "nets"+version+" dst,src",
		"services"+version+" dst,dst", "services"+version+" src,src", "services"+version+" dst", "pairs"+version+" dst,dst", "pairs"+version+" src,dst",
		"triples"+version+" dst,dst,src", "triples"+version+" src,dst,dst",
		"numbers dst", "numbers src", "either src", "either dst,dst"))
}
