package firewall

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Snapshot is a host as it was read at one moment. It is never changed.
type Snapshot struct {
	Facts Facts
	Rules iptables.Ruleset

	// listings hold the same tables as the host itself printed them: what a commit compares
	// with, byte by byte, before it changes anything.
	listings map[tableID]listing
	// setTexts hold the ipsets in the same way, by name: what `ipset save NAME` printed.
	setTexts map[string]string
	// saved is what iptables-save printed; gone after a commit.
	saved map[iptables.Family]string
}

type tableID struct {
	family iptables.Family
	table  string
}

// suffix names the table in the parts of a commit: "4-filter".
func (id tableID) suffix() string { return fmt.Sprintf("%d-%s", id.family, id.table) }

// A listing is `iptables -t TABLE -S`, line by line.
type listing []string

// of are the lines of the given chains, without policies of ACCEPT: the counterpart of
// only_touched in scripts/listing.sh.
func (l listing) of(chains []string) string {
	var b strings.Builder
	for _, line := range l {
		words := strings.SplitN(strings.TrimRight(line, " "), " ", 4)
		if len(words) < 2 || !slices.Contains(chains, words[1]) || len(words) == 3 && words[0] == "-P" && words[2] == "ACCEPT" {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// listingsOfSave turns iptables-save text into what `iptables -S` prints of the same tables.
func listingsOfSave(family iptables.Family, text string) map[tableID]listing {
	all := map[tableID]listing{}
	var id tableID
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "*"):
			id = tableID{family, line[1:]}
		case strings.HasPrefix(line, ":"):
			words := strings.Fields(line[1:])
			if len(words) < 2 {
				continue
			}
			header := "-P " + words[0] + " " + words[1]
			if words[1] == "-" {
				header = "-N " + words[0]
			}
			all[id] = append(all[id], header)
		case strings.HasPrefix(line, "-A "):
			all[id] = append(all[id], line)
		}
	}
	return all
}

// with is the snapshot after a commit: the tables that were read back laid over it.
func (s *Snapshot) with(readBack []section) (*Snapshot, error) {
	after := &Snapshot{Facts: s.Facts, Rules: s.Rules, listings: maps.Clone(s.listings), setTexts: maps.Clone(s.setTexts)}
	for _, part := range readBack {
		if part.name() == "set" && len(part.words) == 2 {
			if err := after.readSet(part.words[1], part.text); err != nil {
				return nil, err
			}
			continue
		}
		words := strings.SplitN(part.name(), "-", 3) // table-4-filter
		if words[0] != "table" || len(words) != 3 {
			continue
		}
		id := tableID{familyOf(words[1]), words[2]}
		table, err := iptables.ParseList(id.family, id.table, part.text)
		if err != nil {
			return nil, fmt.Errorf("reading back table %s: %w", id.table, err)
		}
		elsewhere := func(chain iptables.ChainID) bool { return tableID{chain.Family, chain.Table} != id }
		after.Rules = after.Rules.Only(elsewhere).Merge(table)
		after.listings[id] = strings.Split(strings.TrimSuffix(part.text, "\n"), "\n")
	}
	return after, nil
}
