package iptables

import (
	"strconv"
	"strings"
)

// Counters are how many packets met a rule, and how many bytes these had.
type Counters struct{ Packets, Bytes uint64 }

// ParseCounters reads the counters of rules from what `iptables-save -c` prints for one family: for each
// chain those of its rules, in their order. Rules without counters are passed over.
func ParseCounters(f Family, text string) map[ChainID][]Counters {
	all := map[ChainID][]Counters{}
	table := ""
	for _, line := range logicalLines(text) {
		if name, ok := strings.CutPrefix(line, "*"); ok {
			table = strings.TrimRight(name, " \t")
			continue
		}
		head, rest, ok := strings.Cut(line, "] -A ")
		packets, bytes, both := strings.Cut(strings.TrimPrefix(head, "["), ":")
		if !ok || !both || head[0] != '[' {
			continue
		}
		var c Counters
		var err1, err2 error
		c.Packets, err1 = strconv.ParseUint(packets, 10, 64)
		c.Bytes, err2 = strconv.ParseUint(bytes, 10, 64)
		if err1 == nil && err2 == nil {
			name, _, _ := strings.Cut(rest, " ")
			id := ChainID{f, table, name}
			all[id] = append(all[id], c)
		}
	}
	return all
}
