package iptables

import (
	"fmt"
	"os/exec"
	"strings"
)

// judgeSets are the ipsets that the random rules refer to, for each family.
var judgeSets = map[string]map[string]Set{
	"4": {
		"hosts":    {Type: "hash:ip", Members: []string{"203.0.113.5", "192.0.2.33", "198.18.0.1"}},
		"nets":     {Type: "hash:net", Members: []string{"10.0.0.0/8", "10.9.0.0/16 nomatch", "10.9.200.0/24", "203.0.113.0/25", "198.18.0.0/24"}},
		"services": {Type: "hash:ip,port", Members: []string{"198.18.0.1,tcp:22", "198.18.0.2,udp:53", "203.0.113.5,tcp:80"}},
		"pairs":    {Type: "hash:net,port", Members: []string{"203.0.113.0/24,tcp:80", "198.18.0.0/16,udp:443", "10.0.0.0/8,tcp:22"}},
	},
	"6": {
		"hosts":    {Type: "hash:ip", Members: []string{"2001:db8:113::5", "2001:db8:2::33", "2001:db8:18::1"}},
		"nets":     {Type: "hash:net", Members: []string{"fd00::/8", "fd09::/16 nomatch", "fd09:0:0:1::/64", "2001:db8:113::/64"}},
		"services": {Type: "hash:ip,port", Members: []string{"2001:db8:18::1,tcp:22", "2001:db8:18::2,udp:53"}},
		"pairs":    {Type: "hash:net,port", Members: []string{"2001:db8:113::/48,tcp:80", "2001:db8:18::/48,udp:443"}},
	},
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
	sets := map[string]Set{}
	var b strings.Builder
	for version, list := range judgeSets {
		for name, set := range list {
			fmt.Fprintf(&b, "create %s%s %s family %s\n", name, version, set.Type, map[string]string{"4": "inet", "6": "inet6"}[version])
			for _, m := range set.Members {
				fmt.Fprintf(&b, "add %s%s %s\n", name, version, m)
			}
			sets[name+version] = set
		}
	}
	cmd := exec.Command(path, "restore")
	cmd.Stdin = strings.NewReader(b.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("making ipsets: %v\n%s", err, out)
	}
	return sets
}
