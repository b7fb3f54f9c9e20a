package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// readSets takes in what the read script says of all sets.
func (s *Snapshot) readSets(text string) error {
	// The last line: a comment of an entry may hold the word as well.
	text, ok := strings.CutSuffix(text, "status=0\n")
	if !ok || text != "" && !strings.HasSuffix(text, "\n") {
		return fmt.Errorf("ipset save failed: %s", firstLines([]byte(text)))
	}
	for text != "" {
		end := strings.Index(text, "\ncreate ") + 1
		if end == 0 {
			end = len(text)
		}
		words := strings.SplitN(text[:end], " ", 3)
		if len(words) < 3 {
			return fmt.Errorf("reading the output of ipset save: %q", firstLines([]byte(text[:end])))
		}
		if err := s.readSet(words[1], text[:end]); err != nil {
			return err
		}
		text = text[end:]
	}
	return nil
}

// readSet takes in one set; the empty text is one that is not there.
func (s *Snapshot) readSet(name, text string) error {
	if text == "" {
		s.Rules = s.Rules.WithoutSet(name)
		delete(s.setTexts, name)
		return nil
	}
	sets, err := ipset.Parse(text)
	if err == nil && len(sets) != 1 {
		err = fmt.Errorf("it holds %d sets", len(sets))
	}
	if err != nil {
		return fmt.Errorf("reading the output of ipset save %s: %w", firstLines([]byte(name)), err)
	}
	_, sets[0].Unread = SetOwner(name)
	s.Rules = s.Rules.WithSet(sets[0])
	s.setTexts[name] = text
	return nil
}

// setListing is a set as list_set of scripts/sets.sh lists it.
func setListing(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		comment := ""
		if at := strings.Index(line, ` comment "`); at >= 0 {
			line, comment = line[:at], line[at:]
		}
		words := strings.Split(line, " ")
		if len(words) < 3 {
			continue
		}
		options := words[3:]
		kept := []string{words[0], words[2]}
		skip := false
		for i := 0; i < len(options); i++ {
			switch option := options[i]; {
			case words[0] == "create" && slices.Contains([]string{"hashsize", "bucketsize", "initval", "size"}, option):
				i++
			case words[0] == "add" && option == "timeout":
				i++
				skip = skip || i < len(options) && options[i] != "0"
			case words[0] == "add" && option == "packets":
				i += 3 // packets N bytes N
			default:
				kept = append(kept, option)
			}
		}
		if !skip {
			lines = append(lines, strings.Join(kept, " ")+comment)
		}
	}
	slices.Sort(lines)
	var b strings.Builder
	for _, line := range slices.Backward(lines) {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// A setKind is the way in which a set changes (see scripts/sets.sh).
func setKind(c iptables.SetChange) string {
	switch {
	case c.Made():
		return "make"
	case c.Gone():
		return "destroy"
	case c.Live.Swappable(c.Wanted):
		return "swap"
	}
	return "replace"
}

// addSets adds the parts of the sets that change.
func (c *commit) addSets(p *parts) {
	var table, headers strings.Builder
	for i, change := range c.change.Sets() {
		// Names of sets have at most 31 bytes; these 24.
		scratch := fmt.Sprintf("tfi-%s-%d", c.id, i)
		fmt.Fprintf(&table, "%d %s %s %s\n", i, setKind(change), change.Name(), scratch)
		p.add(fmt.Sprintf("set-expect-%d", i), setListing(c.live.setTexts[change.Name()]))
		if !change.Gone() {
			p.add(fmt.Sprintf("set-%d", i), change.Wanted.Restore(scratch))
			headers.WriteString("create " + change.Name() + " " + change.Wanted.Header() + "\n")
		}
	}
	p.add("set-changes", table.String())
	p.add("set-headers", headers.String())
}

// lastingSets are the sets that are meant to stay over a boot, for `ipset restore`: not those that
// other software makes again. "" where there are none.
func lastingSets(rs iptables.Ruleset) string {
	var b strings.Builder
	for _, name := range rs.Sets() {
		if s, _ := rs.Set(name); !s.Unread {
			b.WriteString(s.Restore(name))
		}
	}
	return b.String()
}

// lastingOf reads saved sets, without those of other software.
func lastingOf(text string) (iptables.Ruleset, error) {
	var rs iptables.Ruleset
	sets, err := ipset.Parse(text)
	for _, s := range sets {
		if _, owned := SetOwner(s.Name); !owned {
			rs = rs.WithSet(s)
		}
	}
	return rs, err
}

// unsavedSets is the warning that rules will miss their sets when the host boots; "" where they will not.
func unsavedSets(facts Facts, rs iptables.Ruleset) string {
	boot := facts.Boot
	if !boot.saves() || boot.Sets != "" {
		return ""
	}
	for name := range referred(lasting(rs)) {
		if s, ok := rs.Set(name); ok && !s.Unread {
			return fmt.Sprintf("rules look into the ipset %s, and %s of this host restores rules but no sets: at the next boot it fails to restore the rules. Install "+
				"what restores sets before them (Debian: package ipset-persistent; RHEL: ipset-service), or set up an iptables_persistence, which does", name, boot.Mechanism)
		}
	}
	return ""
}
