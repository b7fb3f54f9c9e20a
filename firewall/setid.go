package firewall

import (
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// MaxListedEntries is how many entries of a set stand in a configuration at most. Terraform compares
// each element of a list with each other.
const MaxListedEntries = 5000

// SetName is the name in an import ID of a set, without the host: "create blocklist", "ipset create
// blocklist hash:net", or the name alone.
func SetName(id string) string {
	words := strings.Fields(strings.TrimPrefix(id, "ipset "))
	if len(words) > 1 && words[0] == "create" {
		return words[1]
	}
	return id
}

// SetID is the import ID of a set, without the host.
func SetID(name string) string { return "create " + name }

// SetByID finds the set that an import ID means, with its entries unless they are too many. The
// errors are those of FindSet.
func SetByID(rs iptables.Ruleset, id string) (IPSet, error) {
	set, err := FindSet(rs, SetName(id))
	if err != nil {
		return IPSet{}, err
	}
	s := IPSet{Name: set.Name, Type: set.Type, Range: set.Range, Comment: set.Comment, Open: len(set.Entries) > MaxListedEntries, Entries: []string{}}
	if set.Family == "inet6" {
		s.Family = iptables.IPv6.String()
	}
	if set.Range == "0-65535" {
		s.Range = ""
	}
	plain := IPSet{Name: s.Name, Type: s.Type, Family: s.Family, Range: s.Range, Open: true}
	if usual, err := plain.Set(); err != nil || usual.Max() != set.Max() {
		s.MaxElem = set.MaxElem
	}
	if set.Timed {
		s.Timeout = &set.Timeout
	}
	if s.Open {
		s.Entries = nil
		return s, nil
	}
	for _, e := range set.Entries {
		s.Entries = append(s.Entries, e.String())
	}
	return s, nil
}
