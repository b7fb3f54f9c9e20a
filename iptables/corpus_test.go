package iptables

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var verbose = flag.Bool("corpus.v", false, "list every row of the corpus that is not as recorded")

// A recording is one line of a corpus: what real iptables made of a rule.
type recording struct {
	Family, Table, Chain, Input, Form string
	Argv                              []string
	NFT, Legacy                       *[]string
	VersionsDiffer                    map[string]any `json:"versions_differ"`
	row                               int
}

func readRecordings(t testing.TB, path string) []recording {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []recording
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := recording{row: len(all) + 1}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s:%d: %v", path, r.row, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (r recording) chain() ChainID {
	f := IPv4
	if r.Family == "ipv6" {
		f = IPv6
	}
	return ChainID{f, r.Table, r.Chain}
}

// rules is what this package makes of the row.
func (r recording) rules() (rules []Rule, err error) {
	id := r.chain()
	if r.Argv != nil {
		rules, err = ParseArgs(id.Family, id.Table, r.Argv)
	} else {
		rules, err = ParseSpec(id.Family, id.Table, r.Input)
	}
	for _, rule := range rules {
		if err == nil {
			err = id.Check(rule)
		}
	}
	return rules, err
}

func (r recording) accepted() bool { return ran(r.NFT) || ran(r.Legacy) }

// ran reports whether there are lines; some files record a refusal as one.
func ran(lines *[]string) bool {
	return lines != nil && !(len(*lines) == 1 && strings.HasPrefix((*lines)[0], "rc="))
}

// specs are recorded lines without the chain in front.
func (r recording) specs(lines []string) []string {
	specs := make([]string, len(lines))
	for i, line := range lines {
		line = strings.TrimPrefix(line, "-A "+r.Chain)
		specs[i] = strings.TrimPrefix(line, " ")
	}
	return specs
}

func printed(rules []Rule, d Dialect) []string {
	lines := make([]string, len(rules))
	for i, r := range rules {
		// JSON cannot carry the half characters that a cut leaves.
		lines[i] = strings.ToValidUTF8(r.Spec(d), "\uFFFD")
	}
	return lines
}

var (
	nft189    = Dialect{Version{1, 8, 9}, NFT}
	legacy189 = Dialect{Version{1, 8, 9}, Legacy}
)

// A figure counts rows of one kind and holds those that are not as they should be.
type figure struct {
	good, all  int
	exceptions []string
}

func (f *figure) count(good bool, exception func() string) {
	f.all++
	if good {
		f.good++
		return
	}
	f.exceptions = append(f.exceptions, exception())
}

func (f *figure) String() string { return fmt.Sprintf("%d of %d", f.good, f.all) }

// figures are what is measured on one file of a corpus.
type figures struct {
	nft, legacy, refused, named, equal, versions figure
}

func (f *figures) add(r recording) {
	rules, err := r.rules()
	place := func(format string, args ...any) func() string {
		return func() string {
			return fmt.Sprintf("%d %s %s %s: ", r.row, r.Family, r.Table, r.Input) + fmt.Sprintf(format, args...)
		}
	}
	if !r.accepted() {
		f.refused.count(err != nil, place("taken as %q", printed(rules, nft189)))
		if err != nil {
			f.named.count(r.names(err.Error()), place("%v", err))
		}
		return
	}
	for _, b := range []struct {
		figure  *figure
		lines   *[]string
		dialect Dialect
	}{{&f.nft, r.NFT, nft189}, {&f.legacy, r.Legacy, legacy189}} {
		if !ran(b.lines) {
			continue
		}
		want, got := r.specs(*b.lines), printed(rules, b.dialect)
		b.figure.count(err == nil && slices.Equal(got, want), place("%s\n   got %q\n  want %q (%v)", b.dialect, got, want, err))
	}
	for _, name := range slices.Sorted(mapKeys(r.VersionsDiffer)) {
		f.addVersion(r, rules, name, place)
	}
}

func (f *figures) addVersion(r recording, rules []Rule, name string, place func(string, ...any) func() string) {
	d, err := ParseDialect("iptables v" + strings.Replace(strings.Replace(name, "-nft", " (nf_tables)", 1), "-legacy", "", 1))
	if err != nil {
		panic(err)
	}
	lines := r.specs(versionLines(r.VersionsDiffer[name]))
	if len(lines) == 0 {
		return
	}
	same := len(lines) == len(rules)
	for i := range lines {
		theirs, err := ParseSpec(r.chain().Family, r.Table, lines[i])
		same = same && err == nil && len(theirs) == 1 && theirs[0].Equal(rules[i])
	}
	f.equal.count(same, place("%s printed %q, here %q", name, lines, printed(rules, nft189)))
	got := printed(rules, d)
	f.versions.count(slices.Equal(got, lines), place("%s\n   got %q\n  want %q", name, got, lines))
}

// versionLines are the lines that a version printed; none where it refused the rule.
func versionLines(v any) []string {
	switch v := v.(type) {
	case string:
		if !strings.HasPrefix(v, "rc=") {
			return []string{v}
		}
	case []any:
		lines := make([]string, len(v))
		for i := range v {
			lines[i] = v[i].(string)
		}
		return lines
	}
	return nil
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// names reports whether a message says which option it is about.
func (r recording) names(message string) bool {
	words := r.Argv
	if words == nil {
		words = strings.Fields(r.Input)
	}
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		if len(name) > 1 && name[0] == '-' && strings.Contains(message, name) {
			return true
		}
	}
	return strings.Contains(message, "-")
}

func TestCorpus(t *testing.T) {
	for _, name := range []string{"extensions", "probes", "commands", "tables"} {
		path := filepath.Join("../../shared/corpus", name+".jsonl")
		var f figures
		for _, r := range readRecordings(t, path) {
			if r.Form != "restore_raw" {
				f.add(r)
			}
		}
		t.Logf("%s: nft %s, legacy %s, refused %s, named %s, equal %s, versions %s", name, &f.nft, &f.legacy, &f.refused, &f.named, &f.equal, &f.versions)
		if *verbose {
			for label, fig := range map[string]*figure{"nft": &f.nft, "legacy": &f.legacy, "refused": &f.refused, "named": &f.named, "equal": &f.equal, "versions": &f.versions} {
				for _, e := range fig.exceptions {
					t.Logf("%s %s: %s", name, label, e)
				}
			}
		}
	}
}
