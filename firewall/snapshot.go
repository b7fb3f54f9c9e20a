package firewall

import (
	"crypto/sha256"
	"encoding/hex"
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

func (id tableID) holds(chain iptables.ChainID) bool { return tableID{chain.Family, chain.Table} == id }

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

// text is the listing as the host prints it.
func (l listing) text() string {
	if len(l) == 0 {
		return ""
	}
	return strings.Join(l, "\n") + "\n"
}

// sumOf is what sha256sum prints of a text.
func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// changed is the snapshot as the change will make it if nobody else does anything.
func (s *Snapshot) changed(wanted iptables.Ruleset, change iptables.Change) *Snapshot {
	after := &Snapshot{Facts: s.Facts, Rules: wanted, listings: maps.Clone(s.listings), setTexts: s.setTexts}
	touched := map[tableID]bool{}
	for _, chain := range change.Touched() {
		touched[tableID{chain.Family, chain.Table}] = true
	}
	for id := range touched {
		// Whatever changes a table makes all of its built-in chains.
		for _, name := range iptables.BuiltInChains(id.table) {
			chain := iptables.ChainID{Family: id.family, Table: id.table, Name: name}
			c, _ := after.Rules.Chain(chain)
			after.Rules = after.Rules.WithChain(chain, c)
		}
		saved := after.Rules.Only(id.holds).Save(id.family, s.Facts.Dialect(id.family))
		after.listings[id] = listingsOfSave(id.family, saved)[id]
	}
	return after
}

// with is the snapshot after a commit: the tables that were read back laid over it. Those that are as wanted the
// host does not send.
func (s *Snapshot) with(readBack []section, wanted *Snapshot) (*Snapshot, error) {
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
		table, lines := wanted.Rules.Only(id.holds), wanted.listings[id]
		if len(part.words) == 1 {
			var err error
			if table, err = iptables.ParseList(id.family, id.table, part.text); err != nil {
				return nil, fmt.Errorf("reading back table %s: %w", id.table, err)
			}
			lines = strings.Split(strings.TrimSuffix(part.text, "\n"), "\n")
		}
		after.Rules = after.Rules.Only(func(chain iptables.ChainID) bool { return !id.holds(chain) }).Merge(table)
		after.listings[id] = lines
	}
	return after, nil
}
