package firewall

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A RulesetText is whole tables as iptables-save prints them.
type RulesetText struct {
	Texts  map[iptables.Family]string // a family without text is not managed
	Tables []string                   // nil: those that a text names, in its family
	Ignore []string                   // patterns, see ParseIgnore
	Force  bool                       // chains and lines of other software count as well
}

// PolicyRules are the tables. The error says where a text is wrong.
func (t RulesetText) PolicyRules() (PolicyRules, error) {
	if err := t.problems().err(); err != nil {
		return PolicyRules{}, err
	}
	ignore, err := ParseIgnore(t.Ignore, t.Force)
	if err != nil {
		return PolicyRules{}, err
	}
	var rules PolicyRules
	for _, f := range t.families() {
		rs, err := iptables.ParseSave(f, t.Texts[f])
		if err != nil {
			return PolicyRules{}, &TextError{f, err}
		}
		for _, table := range t.tables(rs.Tables(f)) {
			rules.Tables = append(rules.Tables, OwnTable{
				Family: f, Name: table, Ignore: ignore,
				Wanted: rs.Only(func(id iptables.ChainID) bool { return id.Table == table }),
			})
		}
	}
	return rules, nil
}

// A TextError says where a text is no ruleset.
type TextError struct {
	Family iptables.Family
	Err    error // an *iptables.LineError
}

func (e *TextError) Error() string { return e.Family.String() + ": " + e.Err.Error() }

func (e *TextError) Unwrap() error { return e.Err }

func (t RulesetText) families() []iptables.Family {
	return slices.DeleteFunc(slices.Clone(iptables.Families), func(f iptables.Family) bool {
		_, there := t.Texts[f]
		return !there
	})
}

// tables are those that are owned in a family whose text names the given ones.
func (t RulesetText) tables(named []string) []string {
	if t.Tables == nil {
		return named
	}
	return t.Tables
}

// Validate lists all that is wrong with the texts and can be known without a host.
func (t RulesetText) Validate() []Problem {
	ps := t.problems()
	for _, f := range t.families() {
		rs, err := iptables.ParseSave(f, t.Texts[f])
		if err != nil {
			summary := "not what iptables-save prints"
			var line *iptables.LineError
			if errors.As(err, &line) {
				summary = fmt.Sprintf("line %d is not understood", line.Line)
			}
			ps.add(f.String(), summary, "%s", err)
			continue
		}
		for _, table := range rs.Tables(f) {
			if !slices.Contains(t.tables(rs.Tables(f)), table) {
				ps.add("tables", "the text has another table", "table %s is in %s and not in tables: add it, or leave tables out", table, f)
			}
		}
	}
	return ps
}

func (t RulesetText) problems() problems {
	var ps problems
	if len(t.Texts) == 0 {
		ps.add("", "no ruleset", "set ipv4, ipv6 or both to what iptables-save and ip6tables-save print: file(\"web1.v4\")")
	}
	if t.Tables != nil && len(t.Tables) == 0 {
		ps.add("tables", "the list of tables is empty", "leave tables out for those of the texts")
	}
	for _, table := range t.Tables {
		checkTable(&ps, table)
	}
	for i := range ps {
		if ps[i].Attribute == "table" {
			ps[i].Attribute = "tables"
		}
	}
	checkIgnore(&ps, t.Ignore)
	return ps
}

// ID is the import ID without the host: the tables as iptables-save begins them, "*filter *nat", behind
// the command where there is a text of one family only.
func (t RulesetText) ID() string {
	var words []string
	if families := t.families(); len(families) == 1 {
		words = append(words, families[0].Command())
	}
	for _, table := range tables {
		if slices.ContainsFunc(t.families(), func(f iptables.Family) bool { return slices.Contains(t.tables(namedTables(t.Texts[f])), table) }) {
			words = append(words, "*"+table)
		}
	}
	return strings.Join(words, " ")
}

// namedTables are the tables that a text begins.
func namedTables(text string) []string {
	var named []string
	for line := range strings.Lines(text) {
		if table, ok := strings.CutPrefix(line, "*"); ok {
			named = append(named, strings.TrimSpace(table))
		}
	}
	return named
}

// RulesetByID describes the tables that an import ID means, as they are: without the chains of
// other software and the jumps to them. The error says that it is no such ID.
func RulesetByID(rs iptables.Ruleset, id string, of []iptables.Family) (RulesetText, error) {
	t := RulesetText{Texts: map[iptables.Family]string{}}
	words := strings.Fields(id)
	for _, f := range iptables.Families {
		if len(words) > 0 && words[0] == f.Command() {
			of, words = []iptables.Family{f}, words[1:]
			break
		}
	}
	if len(words) == 0 {
		return t, fmt.Errorf("%q names no table: write \"*filter\", or \"*filter *nat\", with ip6tables in front for IPv6 only", id)
	}
	for _, word := range words {
		if table, ok := strings.CutPrefix(word, "*"); !ok || !slices.Contains(tables, table) {
			return t, fmt.Errorf("%q is no table as iptables-save begins it: *%s", word, strings.Join(tables, ", *"))
		}
	}
	for _, f := range of {
		var saved iptables.Ruleset
		for _, word := range words {
			saved = saved.Merge(ownPart(rs, f, word[1:]))
		}
		t.Texts[f] = saved.Save(f, iptables.Reference)
	}
	return t, nil
}

// ownPart is a table without what is other software's.
func ownPart(rs iptables.Ruleset, f iptables.Family, table string) iptables.Ruleset {
	ignore := Ignore{owners: true}
	var own iptables.Ruleset
	ids := rs.ChainsOf(f, table)
	for _, name := range iptables.BuiltInChains(table) {
		if id := (iptables.ChainID{Family: f, Table: table, Name: name}); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if ignore.target(rs, id) {
			continue
		}
		c, _ := rs.Chain(id)
		c.Rules = slices.DeleteFunc(slices.Clone(c.Rules), ignore.others(rs, id))
		own = own.WithChain(id, c)
	}
	return own
}
