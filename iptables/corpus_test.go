package iptables

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordedFile is our own corpus: what iptables 1.8.9 of Debian 12 printed (TestRecord).
const recordedFile = "testdata/recorded.jsonl"

// A recording is one line of a corpus: what real iptables made of a rule.
type recording struct {
	Family, Table, Chain, Input, Form string
	Argv                              []string
	NFT, Legacy                       *[]string
	VersionsDiffer                    map[string]any `json:"versions_differ"`
	row                               int
}

func readRecordings(tb testing.TB, path string) []recording {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var all []recording
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := recording{row: len(all) + 1}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			tb.Fatalf("%s:%d: %v", path, r.row, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
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
	return lines != nil && (len(*lines) != 1 || !strings.HasPrefix((*lines)[0], "rc="))
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
	name                                                string
	nft, legacy, refused, named, equal, alike, versions figure
}

// columns are the figures by the name under which they are written.
func (f *figures) columns() []*figure {
	return []*figure{&f.nft, &f.legacy, &f.refused, &f.named, &f.equal, &f.alike, &f.versions}
}

func (f *figures) add(r recording) {
	rules, err := r.rules()
	place := func(format string, args ...any) func() string {
		return func() string {
			return strings.TrimSpace(r.Family+" "+r.Table+" "+r.Input) + ": " + fmt.Sprintf(format, args...)
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
		if err != nil {
			b.figure.count(false, place("refused: %v", err))
			continue
		}
		b.figure.count(slices.Equal(got, want), place("%q, recorded %q", got, want))
	}
	for _, name := range slices.Sorted(maps.Keys(r.VersionsDiffer)) {
		f.addVersion(r, rules, name, place)
	}
}

// addRaw counts whole lines of iptables-restore.
func (f *figures) addRaw(r recording) {
	got, err := r.rawLines(nft189)
	legacy, _ := r.rawLines(legacy189)
	place := func() string { return fmt.Sprintf("%s %s: %q, %v", r.Family, r.Input, got, err) }
	if !r.accepted() {
		f.refused.count(err != nil, place)
		return
	}
	added := func(lines []string) []string {
		return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, "-A ") })
	}
	f.nft.count(err == nil && slices.Equal(got, added(*r.NFT)), place)
	f.legacy.count(err == nil && slices.Equal(legacy, added(*r.Legacy)), place)
}

// rawLines are what this package makes of the lines that add a rule.
func (r recording) rawLines(d Dialect) ([]string, error) {
	var printed []string
	for line := range strings.SplitSeq(r.Input, "\n") {
		if line[0] == ':' || strings.HasPrefix(line, "-N ") {
			continue
		}
		id, rules, err := ParseTyped(r.chain().Family, line)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			printed = append(printed, id.ListLine(rule, d))
		}
	}
	return printed, nil
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
	got := printed(rules, d)
	equal, alike := len(lines) == len(rules), len(lines) == len(rules)
	for i := range lines {
		theirs, err := ParseSpec(r.chain().Family, r.Table, lines[i])
		readable := err == nil && len(theirs) == 1
		equal = equal && readable && theirs[0].Equal(rules[i])
		alike = alike && (got[i] == lines[i] || readable && theirs[0].ListedAlike(rules[i], d))
	}
	f.equal.count(equal, func() string {
		if alike {
			return place("%s lists %q", name, lines)() + lossyMark
		}
		return place("%s lists %q", name, lines)()
	})
	f.alike.count(alike, place("%s lists %q", name, lines))
	f.versions.count(slices.Equal(got, lines), place("for %s %q, recorded %q", name, got, lines))
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

// names reports whether a message says which option it is about: one of the text, or one that
// is missing.
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
	return strings.Contains(message, " -")
}

// measure runs a file of recordings.
func measure(t *testing.T, path string) *figures {
	t.Helper()
	f := &figures{name: strings.TrimSuffix(filepath.Base(path), ".jsonl")}
	for _, r := range readRecordings(t, path) {
		if r.Form == "restore_raw" {
			f.addRaw(r)
		} else {
			f.add(r)
		}
	}
	return f
}

// TestOwnRecording holds the language against our own recording of real iptables 1.8.9.
func TestOwnRecording(t *testing.T) {
	f := measure(t, recordedFile)
	for _, fig := range []*figure{&f.nft, &f.legacy, &f.refused} {
		for _, e := range fig.exceptions {
			if ownReason(e) == "" {
				t.Error(e)
			}
		}
	}
	t.Logf("nft %s, legacy %s, refused %s, named %s", &f.nft, &f.legacy, &f.refused, &f.named)
}

// ownReason is reason for what our recording asks beside.
func ownReason(exception string) string {
	for _, known := range [][2]string{
		{"daemon", "a user whose number differs between distributions"},
		{"-owner", "refused as there is no such user or group: only the host knows"},
		{"--realm foo", "refused as the host has no such name: only the host knows"},
		{"-group foo", "refused as the host has no such name: only the host knows"},
		{"--label foo", "refused as the host has no such name: only the host knows"},
		{"--object-pinned", "refused as there is no such file: only the host knows"},
		{"-j SECMARK", "refused by a kernel without SELinux"},
		{"--helper", "refused as there is no such helper: only the host knows"},
		{"--timeout x", "refused as there is no such timeout policy: only the host knows"},
		{"-m cgroup", "refused as there is no such cgroup: only the host knows"},
		{"-m rateest", "refused as there is no such estimator: the ruleset knows"},
		{"-j RATEEST", "the name of an estimator cannot be given to a second one of other times"},
		{"--hashlimit-name x", "the name of a table cannot be given to a second one of another kind"},
		{"-m x:", foreign},
		{":80/85", "a port with a base is listed so, and read here, although iptables reads a range only"},
		{"-m physdev --physdev-out", "refused in OUTPUT, unless --physdev-is-bridged stands beside it"},
		{"1/day", "refused by the kernel, by its clock's frequency"},
		{"-m dscp --dscp-class", "a class that iptables knows from 1.8.10 on; the number sent in its place works everywhere"},
		{"--limit", "refused by the kernel, by its clock's frequency"},
	} {
		if strings.Contains(exception, known[0]) {
			return known[1]
		}
	}
	return reason(exception)
}

// TestCorpus holds the language against what eight builds of iptables were recorded to make of
// some 8,000 rules, and writes the figures down.
func TestCorpus(t *testing.T) {
	dir := "../../shared/corpus"
	if _, err := os.Stat(dir); err != nil {
		t.Logf("no corpus at %s: only our own recording is tested", dir)
		return
	}
	var all []*figures
	for _, name := range []string{"extensions", "probes", "commands", "tables"} {
		all = append(all, measure(t, filepath.Join(dir, name+".jsonl")))
	}
	all = append(all, measureDumps(t))
	for _, f := range all {
		t.Logf("%s: %s", f.name, f.row())
		for _, fig := range f.columns() {
			for _, e := range fig.exceptions {
				if reason(e) == "" {
					t.Errorf("%s: %s", f.name, e)
				}
			}
		}
	}
	text := figuresPage(all)
	if *update {
		if err := os.WriteFile(figuresFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(figuresFile); err != nil || string(written) != text {
		t.Errorf("%s is not what was measured (%v): go test -run TestCorpus -update", figuresFile, err)
	}
}

// TestEqualMeansOneLine: rules that are equal are listed alike by some backend, and rules that
// both backends list alike are equal, save for what a listing loses.
func TestEqualMeansOneLine(t *testing.T) {
	paths, err := filepath.Glob("../../shared/corpus/*s.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	type lines struct{ nft, legacy, input string }
	byKey, byLines := map[string]lines{}, map[[3]string]string{}
	for _, path := range append(paths, recordedFile) {
		if strings.HasSuffix(path, "restore_semantics.jsonl") {
			continue
		}
		for _, r := range readRecordings(t, path) {
			rules, err := r.rules()
			if err != nil || len(rules) != 1 || rules[0].CheckListing(nft189) != nil || rules[0].CheckListing(legacy189) != nil {
				continue
			}
			l := lines{rules[0].Spec(nft189), rules[0].Spec(legacy189), r.Input}
			key := rules[0].Key()
			if other, known := byKey[key]; known && other.nft != l.nft && other.legacy != l.legacy {
				t.Errorf("%q and %q are equal", r.Input, other.input)
			}
			byKey[key] = l
			both := [3]string{r.Family, l.nft, l.legacy}
			if other, known := byLines[both]; known && other != key {
				t.Errorf("%q is not equal to another rule that is listed so: %q, %q", r.Input, key, other)
			}
			byLines[both] = key
		}
	}
	t.Logf("%d different rules", len(byKey))
}
