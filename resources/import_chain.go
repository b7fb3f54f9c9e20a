package resources

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A chainName is a chain as an import ID names it: "ip6tables -t nat -N WEB".
type chainName struct {
	families    []iptables.Family // nil where there is no command in front
	table, name string
	flag        string
	rest        []string // what follows the name
}

// parseChainName reads one; the flag is one of those given.
func parseChainName(id string, flags ...string) (chainName, bool) {
	var c chainName
	words := strings.Fields(id)
	for _, f := range iptables.Families {
		if len(words) > 0 && words[0] == f.Command() {
			c.families, words = []iptables.Family{f}, words[1:]
			break
		}
	}
	if len(words) > 2 && words[0] == "-t" {
		c.table, words = words[1], words[2:]
	}
	if len(words) < 2 || !slices.Contains(flags, words[0]) {
		return c, false
	}
	c.flag, c.name, c.rest = words[0], words[1], words[2:]
	return c, true
}

// findChain takes the line by which `iptables -S` says that a chain is there: "-N CHAIN", or
// "-P CHAIN [POLICY]" of a built-in one.
func findChain(s *firewall.Snapshot, id string) (*chainModel, error) {
	name, ok := parseChainName(id, "-N", "-P")
	if !ok || len(name.rest) > 1 || name.flag == "-N" && len(name.rest) > 0 {
		return nil, fmt.Errorf("%q is no chain: write \"-N CHAIN\", or \"-P INPUT\" for a built-in one, with \"-t nat\" in front where it is in another table", id)
	}
	c, err := firewall.ImportChain(s.Rules, name.table, name.name, name.families)
	return modelOfChain(c), err
}

func locateChain(get func(string) string) (host, id string) {
	name, table := get("name"), get("table")
	if table == "" {
		table = defaultTable
	}
	flag := "-N "
	if (iptables.ChainID{Table: table, Name: name}).BuiltIn() {
		flag = "-P "
	}
	return get("host"), commandPrefix(get("family")) + "-t " + table + " " + flag + name
}

// commandPrefix is the command of a family in front of an import ID, "" for both.
func commandPrefix(family string) string {
	for _, f := range iptables.Families {
		if f.String() == family {
			return f.Command() + " "
		}
	}
	return ""
}
