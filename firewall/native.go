package firewall

import (
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// incompatible names the table that iptables-nft cannot list, since it holds native rules of
// nftables that mean nothing to it. (A chain of nftables beside those of iptables is another
// matter: "contains incompatible base-chains". It is in nobody's way, and nobody touches it.)
func incompatible(text string) (table string, found bool) {
	for line := range strings.Lines(text) {
		_, rest, found := strings.Cut(line, "able `")
		table, rest, quoted := strings.Cut(rest, "'")
		if found && quoted && strings.Contains(rest, " is incompatible, use 'nft' tool") {
			return table, true
		}
	}
	return "", false
}

// checkNative refuses a host on which what iptables lists is not what is in force: a rule was put among
// its own that it lists as if it let through, or refused, more than it does. Such a listing must not be
// planned from, and saved it would open the host at the next boot. What stands in a chain of other
// software is that one's, and neither changed nor saved.
func (s *Snapshot) checkNative() error {
	for _, words := range s.Facts.native {
		if len(words) != 3 {
			continue
		}
		id := iptables.ChainID{Family: familyOf(words[0]), Table: words[1], Name: words[2]}
		if _, listed := s.Rules.Chain(id); !listed {
			continue // a chain of nftables' own beside those of iptables
		}
		if _, owned := OwnerOn(s.Rules, id); !owned {
			return &IncompatibleError{Family: id.Family, Table: id.Table, Chain: id.Name}
		}
	}
	return nil
}

// An IncompatibleError is a table into which another program has put native rules of nftables that
// iptables cannot list, or lists as if they said something else.
type IncompatibleError struct {
	Family iptables.Family
	Table  string // "" where iptables does not name it
	Chain  string // "" where iptables lists nothing at all
}

func (e *IncompatibleError) Error() string {
	command, family := e.Family.Command(), map[iptables.Family]string{iptables.IPv4: "ip", iptables.IPv6: "ip6"}[e.Family]
	what, wrong, look := "table "+e.Table, `cannot list ("is incompatible, use 'nft' tool")`, "nft list table "+family+" "+e.Table
	switch {
	case e.Chain != "":
		what, wrong = "chain "+e.Chain+" of table "+e.Table, "lists as if they said something else (sets of ports and addresses are left out)"
		look = "nft list chain " + family + " " + e.Table + " " + e.Chain
	case e.Table == "":
		what, wrong, look = "a table", `cannot list ("Parsing nftables rule failed")`, "nft list ruleset "+family
	}
	return fmt.Sprintf("%s of %s holds native rules of nftables, which %s %s: look at them with %s, "+
		"and move them to a table of their own, which is left alone", what, e.Family, command, wrong, look)
}
