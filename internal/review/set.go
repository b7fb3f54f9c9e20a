package review

import (
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// addSet adds an ipset. Its members are known where the configuration has them all: others may add some that run out,
// and those of a file, or of others, are not in the plan.
func (s *side) addSet(v *values) {
	name, kind := v.text("name"), v.text("type")
	entries := v.lines("entries")
	_, given := v.attributes["entries"].([]any)
	if given && v.attributes["timeout"] == nil && !marked(v.unknown["entries"]) {
		if s.sets == nil {
			s.sets = map[string]iptables.Set{}
		}
		s.sets[name] = iptables.Set{Type: kind, Members: entries}
	}
	create := "create " + name + " " + kind
	if v.text("entries_file") != "" {
		create += fmt.Sprintf(" (%v entries of a file, SHA-256 %.12s)", v.attributes["size"], v.text("digest"))
	}
	s.saved = append(s.saved, create)
	for _, e := range entries {
		s.saved = append(s.saved, "add "+name+" "+e)
	}
}

// settleSet adds the entries of a file that change, of which the plan has the first.
func settleSet(v *values, before, after *host) {
	for _, change := range v.lines("changes") {
		if entry, gone := strings.CutPrefix(change, "- "); gone {
			before.before.saved = append(before.before.saved, "add "+v.text("name")+" "+entry)
		} else if entry, comes := strings.CutPrefix(change, "+ "); comes {
			after.after.saved = append(after.after.saved, "add "+v.text("name")+" "+entry)
		}
	}
}
