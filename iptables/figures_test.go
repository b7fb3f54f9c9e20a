package iptables

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

const figuresFile = "FIGURES.md"

var update = flag.Bool("update", false, "write the figures down")

func figuresPage(all []*figures) string {
	var b strings.Builder
	b.WriteString(`# Figures of the rule language

Written by TestCorpus (` + "`go test -run TestCorpus -update ./iptables/`" + `) from recordings of real iptables:
1.8.9 with both backends, other versions from 1.4.21 to 1.8.11 where they print something else.

| corpus | nft 1.8.9 prints | legacy 1.8.9 prints | refused here too | the message names the option | other versions: Equal | other versions: ListedAlike | other versions print |
| --- | --- | --- | --- | --- | --- | --- | --- |
`)
	for _, f := range all {
		fmt.Fprintf(&b, "| %s | %s |\n", f.name, f.row())
	}
	b.WriteString(`
Where a version cannot keep a part of a rule, or does not list it, its line is another rule:
Rule.Equal says so, and Rule.ListedAlike says that this version lists both rules with that line.

## Exceptions

Everything that is not as recorded, with the reason for which it stays.
`)
	for _, f := range all {
		byReason := map[string][]string{}
		for _, fig := range f.columns() {
			for _, e := range fig.exceptions {
				byReason[reason(e)] = append(byReason[reason(e)], e)
			}
		}
		if len(byReason) > 0 {
			fmt.Fprintf(&b, "\n### %s\n", f.name)
		}
		for _, why := range slices.Sorted(maps.Keys(byReason)) {
			fmt.Fprintf(&b, "\n%s:\n\n", strings.ToUpper(cut(why, 1))+why[len(cut(why, 1)):])
			slices.Sort(byReason[why])
			for _, e := range slices.Compact(byReason[why]) {
				fmt.Fprintf(&b, "- `%s`\n", strings.ReplaceAll(strings.TrimSuffix(e, lossyMark), "`", "'"))
			}
		}
	}
	return b.String()
}

// row is the figures as cells of the table. What only the host or its kernel refuses is
// counted apart.
func (f *figures) row() string {
	cells := make([]string, 0, len(f.columns()))
	for _, fig := range f.columns() {
		cell := fig.String()
		if fig == &f.refused {
			apart := 0
			for _, e := range fig.exceptions {
				if strings.HasPrefix(reason(e), "refused") {
					apart++
				}
			}
			cell = fmt.Sprintf("%d of %d, and %d by the host only", fig.good, fig.all-apart, apart)
		}
		cells = append(cells, cell)
	}
	return strings.Join(cells, " | ")
}

// TestCrossVersionReading: what an older binary lists of a newer one's rule is the same rule
// exactly where it differs in spelling only.
func TestCrossVersionReading(t *testing.T) {
	text, err := os.ReadFile("../../shared/corpus/cross_version_read.jsonl")
	if err != nil {
		t.Logf("no recordings: %v", err)
		return
	}
	same, lost := 0, 0
	for line := range strings.Lines(string(text)) {
		var row struct {
			Reader, Input string
			Written, Read []string
			RC            int
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.RC != 0 {
			continue
		}
		f := IPv4
		if strings.Contains(row.Written[0], "::") {
			f = IPv6
		}
		for i := range row.Written {
			_, written, _ := strings.Cut(strings.TrimPrefix(row.Written[i], "-A "), " ")
			_, read, _ := strings.Cut(strings.TrimPrefix(row.Read[i], "-A "), " ")
			a, errA := ParseSpec(f, "", written)
			b, errB := ParseSpec(f, "", read)
			if errA != nil || errB != nil {
				t.Errorf("%s, %s: %v, %v", written, read, errA, errB)
				continue
			}
			equal := a[0].Equal(b[0])
			if spelling := len(a[0].Matches) == len(b[0].Matches) && a[0].Source == b[0].Source && a[0].Destination == b[0].Destination &&
				(len(a[0].Matches) == 0 || len(a[0].Matches[0].Options) == len(b[0].Matches[0].Options)); equal != spelling {
				t.Errorf("%s lists %q as %q: equal is %v", row.Reader, written, read, equal)
			}
			if equal {
				same++
			} else {
				lost++
			}
		}
	}
	t.Logf("%d listings are the same rule, %d have lost a part of it", same, lost)
}
