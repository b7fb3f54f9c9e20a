package review

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A change is what happens to hosts that have the same lines before and after.
type change struct {
	hosts         []*host
	before, after wall
	effects       []effect
	rows          []row
	diffs         []Diff
	warnings      []Warning
}

func (c *change) changes() bool { return len(c.diffs) > 0 || c.incomplete() }

func (c *change) incomplete() bool { return len(c.hosts[0].hidden) > 0 }

func (c *change) names() []string {
	names := make([]string, len(c.hosts))
	for i, h := range c.hosts {
		names[i] = h.name
	}
	return names
}

// work computes all of it. It is the only part of a review that costs time.
func (c *change) work() error {
	var err error
	if c.before, err = c.hosts[0].before.build(); err != nil {
		return fmt.Errorf("laying out the lines of %s: %w", c.hosts[0].name, err)
	}
	if c.after, err = c.hosts[0].after.build(); err != nil {
		return fmt.Errorf("laying out the lines of %s: %w", c.hosts[0].name, err)
	}
	c.diffs = diffsOf(c.before, c.after)
	c.effects, c.rows = effectsBetween(c.before, c.after)
	slices.SortStableFunc(c.effects, func(a, b effect) int { return strings.Compare(a.sign(), b.sign()) })
	if c.changes() {
		c.warnings = c.warn()
	}
	return nil
}

// diffsOf are the diffs of all listings that change.
func diffsOf(before, after wall) []Diff {
	var all []Diff
	for _, f := range iptables.Families {
		for _, table := range []string{"raw", "mangle", "nat", "filter", "security"} {
			command := f.Command() + " -S"
			if table != "filter" {
				command = f.Command() + " -t " + table + " -S"
			}
			all = appendDiff(all, command, before.list(f, table), after.list(f, table))
		}
	}
	return appendDiff(all, "ipset save", before.listSets(), after.listSets())
}

func appendDiff(all []Diff, command, before, after string) []Diff {
	text := diff.Diff("a", []byte(before), "b", []byte(after))
	if text == nil {
		return all
	}
	// Three lines of header: diff, --- and +++.
	for range 3 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	d := Diff{Command: command, Text: string(text)}
	d.Added, d.Removed = d.count('+'), d.count('-')
	return append(all, d)
}

func (d Diff) count(sign byte) int { return len(d.signed(sign)) }

// signed are the lines that are added or removed.
func (d Diff) signed(sign byte) []string {
	var lines []string
	for line := range strings.Lines(d.Text) {
		if line[0] == sign {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return lines
}

// list is what the command would list of one table. A policy that no line says is left out.
func (w wall) list(f iptables.Family, table string) string {
	var b strings.Builder
	ids := w.rules.ChainsOf(f, table)
	for _, id := range ids {
		c, _ := w.rules.Chain(id)
		switch {
		case w.policies[id]:
			fmt.Fprintf(&b, "-P %s %s\n", id.Name, c.Policy)
		case !id.BuiltIn():
			fmt.Fprintf(&b, "-N %s\n", printable(id.Name))
		}
	}
	for _, id := range ids {
		c, _ := w.rules.Chain(id)
		for _, r := range c.Rules {
			b.WriteString(printable(id.ListLine(r, iptables.Reference)) + "\n")
		}
	}
	return b.String()
}

func (w wall) listSets() string {
	var b strings.Builder
	for _, line := range w.saved {
		b.WriteString(printable(line) + "\n")
	}
	return b.String()
}

// key is the same for changes that stand together in a report.
func (c *change) key() string {
	var b strings.Builder
	for _, d := range c.diffs {
		b.WriteString(d.Command + "\n" + strings.Join(d.signed('-'), "\n") + "\n" + strings.Join(d.signed('+'), "\n") + "\n")
	}
	for _, e := range c.effects {
		fmt.Fprintln(&b, bareWay(e), e.assuming)
	}
	fmt.Fprint(&b, c.incomplete())
	return b.String()
}

// groupsOf puts changes together.
func groupsOf(changes []*change) []Group {
	var groups []Group
	index := map[string]int{}
	for _, c := range changes {
		if !c.changes() {
			continue
		}
		i, ok := index[c.key()]
		if !ok {
			i = len(groups)
			index[c.key()] = i
			groups = append(groups, Group{
				Resources: []string{}, Diffs: c.diffs, Shown: c.hosts[0].name, Incomplete: c.incomplete(), names: [2]string{"", c.inShort()},
			})
		}
		for _, h := range c.hosts {
			groups[i].Hosts = append(groups[i].Hosts, h.name)
			groups[i].Resources = append(groups[i].Resources, h.changed...)
		}
	}
	for i := range groups {
		g := &groups[i]
		slices.SortFunc(g.Hosts, compareNames)
		slices.Sort(g.Resources)
		if g.Diffs == nil {
			g.Diffs = []Diff{}
		}
		g.names[0] = hostsInShort(g.Hosts)
		g.Title = g.names[0] + ": " + g.names[1]
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return len(b.Hosts) - len(a.Hosts) })
	return groups
}

// maxItems bounds what a title lists.
const maxItems = 4

// inShort is what changes, for a title: "+ 443/tcp from anywhere".
func (c *change) inShort() string {
	var items, accepting []string
	for _, e := range c.effects {
		// Beside its twin for DROP it would read like a contradiction; the report has both.
		if e.assuming == "ACCEPT" {
			accepting = append(accepting, e.inShort())
		} else {
			items = append(items, e.inShort())
		}
	}
	if len(items) == 0 {
		items = accepting
	}
	items = append(items, c.policies()...)
	if len(items) == 0 {
		added, removed := 0, 0
		for _, d := range c.diffs {
			added, removed = added+d.Added, removed+d.Removed
		}
		if added+removed > 0 {
			items = append(items, fmt.Sprintf("%s added, %d removed, and nothing becomes or stops being reachable", plural(added, "line"), removed))
		}
	}
	if c.incomplete() {
		items = append(items, "lines that are not known yet")
	}
	if n := len(items); n > maxItems {
		items = append(items[:maxItems-1], fmt.Sprintf("and %d more", n-maxItems+1))
	}
	return strings.Join(items, "; ")
}

func (e effect) sign() string {
	if e.opens {
		return "+"
	}
	return "-"
}

func (e effect) inShort() string {
	rest := map[uint8]bool{}
	for _, p := range e.probes {
		rest[p.protocol] = rest[p.protocol] || !p.named && p.protocol != ping
	}
	var names []string
	var others []probe
	for _, p := range e.probes {
		if rest[p.protocol] {
			others = append(others, p)
		} else {
			names = append(names, p.String())
		}
	}
	if len(names) > maxItems {
		names = append(names[:maxItems-1], fmt.Sprintf("%d more", len(names)-maxItems+1))
	}
	if len(others) > 0 {
		names = append(names, subject(others, e.but))
	}
	text := e.sign() + " " + strings.Join(names, ", ") + " from " + e.shown.String()
	if e.way != "" {
		text += " " + e.way
	}
	if !e.certain {
		text += " (perhaps)"
	}
	return text
}

// policies say what becomes of the rest: "policy of INPUT DROP instead of ACCEPT", "INPUT refuses the rest".
func (c *change) policies() []string {
	var items []string
	for _, f := range iptables.Families {
		for _, name := range []string{"INPUT", "FORWARD", "OUTPUT"} {
			id := iptables.ChainID{Family: f, Table: "filter", Name: name}
			if item := c.policy(id); item != "" && !slices.Contains(items, item) {
				items = append(items, item)
			}
		}
	}
	return items
}

func (c *change) policy(id iptables.ChainID) string {
	was, _ := c.before.rules.Chain(id)
	is, _ := c.after.rules.Chain(id)
	knew, knows := c.before.policies[id], c.after.policies[id]
	switch {
	case knows && knew && was.Policy != is.Policy:
		return fmt.Sprintf("policy of %s %s instead of %s", id.Name, is.Policy, was.Policy)
	case knows && !knew:
		return fmt.Sprintf("policy of %s %s", id.Name, is.Policy)
	case c.after.shut(id) && !c.before.shut(id):
		return id.Name + " refuses the rest"
	case c.before.shut(id) && !c.after.shut(id):
		return id.Name + " accepts the rest"
	}
	return ""
}
