package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A ChainName is a chain as an import ID names it: "ip6tables -t nat -N WEB".
type ChainName struct {
	Families []iptables.Family // nil where there is no command in front
	Table    string            // "" where none is named
	Name     string
	Flag     string   // "-N"
	Rest     []string // what follows the name
}

// ParseChainName reads one; the flag is one of those given.
func ParseChainName(id string, flags ...string) (c ChainName, ok bool) {
	words := strings.Fields(id)
	for _, f := range iptables.Families {
		if len(words) > 0 && words[0] == f.Command() {
			c.Families, words = []iptables.Family{f}, words[1:]
			break
		}
	}
	if len(words) > 2 && words[0] == "-t" {
		c.Table, words = words[1], words[2:]
	}
	if len(words) < 2 || !slices.Contains(flags, words[0]) {
		return c, false
	}
	c.Flag, c.Name, c.Rest = words[0], words[1], words[2:]
	return c, true
}

// ChainByID finds the chain that an import ID means, without the host: by the line with which
// `iptables -S` says that it is there, "-N CHAIN", or "-P CHAIN [POLICY]" of a built-in one. "-N CHAIN alone" is
// the chain without its jump, which is then another resource's line. The errors are those of ImportChain.
func ChainByID(rs iptables.Ruleset, id string) (CustomChain, error) {
	name, ok := ParseChainName(id, "-N", "-P")
	isAlone := name.Flag == "-N" && len(name.Rest) == 1 && name.Rest[0] == alone
	if !ok || len(name.Rest) > 1 || name.Flag == "-N" && len(name.Rest) > 0 && !isAlone {
		return CustomChain{}, fmt.Errorf("%q is no chain: write \"-N CHAIN\" (behind it \"alone\" if the jump to it is another resource's), "+
			"or \"-P INPUT\" for a built-in one, with \"-t nat\" in front where it is in another table", id)
	}
	c, err := ImportChain(rs, name.Table, name.Name, name.Families)
	if isAlone {
		c.JumpFrom = nil
	}
	return c, err
}

const alone = "alone"

// IsChainAlone reports whether an import ID means a chain without its jump.
func IsChainAlone(id string) bool { return strings.HasSuffix(id, " "+alone) }

// ChainAloneID is the import ID of a chain without its jump.
func ChainAloneID(table, name string) string { return ChainID(table, name) + " " + alone }

// ChainID is the import ID of a chain in all families that have it.
func ChainID(table, name string) string {
	id := "-N " + name
	if (iptables.ChainID{Table: tableOr(table), Name: name}).BuiltIn() {
		id = "-P " + name
	}
	if table := tableOr(table); table != "filter" {
		id = "-t " + table + " " + id
	}
	return id
}
