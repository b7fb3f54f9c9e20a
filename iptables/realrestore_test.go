package iptables

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const realPairs = 100 // for each backend and family

// TestRealDumps: real iptables makes our recorded firewalls of nothing by their payloads, and
// of them nothing by their undo.
func TestRealDumps(t *testing.T) {
	needsRealIptables(t)
	for _, recording := range ownDumps(t) {
		t.Run(recording.name, func(t *testing.T) {
			backend, _, _ := strings.Cut(recording.name, "/")
			command := recording.family.Command() + "-" + backend
			d := hostDialect(t, command)
			rs := parseSaved(t, recording.family, recording.text)
			change := Diff(Ruleset{}, rs)
			for payload, want := range map[string]Ruleset{
				change.Payload(recording.family, d):                                              rs,
				change.Payload(recording.family, d) + change.Undo().Payload(recording.family, d): {},
			} {
				cmd := exec.Command("unshare", "--net", "sh", "-c", `"$0"-restore --noflush && "$0"-save`, command)
				cmd.Stdin = strings.NewReader(payload)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s\n%s", err, out, payload)
				}
				if got := parseSaved(t, recording.family, string(out)); !got.Equal(want) {
					t.Errorf("the payload\n%s\nmade\n%s", payload, out)
				}
			}
		})
	}
}

// TestRealRestore feeds payloads between random rulesets to real iptables in a network namespace
// of its own: what was wanted stands there, lines that stay keep their counters, the undo
// brings the first ruleset back. The host's own -S settles the change, too.
func TestRealRestore(t *testing.T) {
	needsRealIptables(t)
	for _, backend := range []Backend{NFT, Legacy} {
		for _, f := range Families {
			command := f.Command() + map[Backend]string{NFT: "-nft", Legacy: "-legacy"}[backend]
			t.Run(command, func(t *testing.T) {
				d := hostDialect(t, command)
				for _, c := range realCases(t, f, d, command) {
					c.check(t)
				}
			})
		}
	}
}

func needsRealIptables(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" || os.Getuid() != 0 {
		t.Skip("runs with TF_ACC=1 as root: it needs a network namespace and real iptables")
	}
}

// realScript does for each case what an engine does: load, change, read, take back, read. It prints
// nothing; a command that fails leaves its words and exit status in a file.
const realScript = `
ip link set lo up
for case in "$DIR"/*/; do
	cd "$case" || exit 9
	"$CMD"-restore -c < live > log 2>&1 || echo "live: exit $?" >> failed
	if [ -s payload ]; then
		"$CMD"-restore --noflush < payload >> log 2>&1 || echo "payload: exit $?" >> failed
	fi
	"$CMD"-save -c > after 2>> log
	for table in filter mangle; do "$CMD" -t $table -S > list.$table 2>> log; done
	if [ -s undo ]; then
		"$CMD"-restore --noflush < undo >> log 2>&1 || echo "undo: exit $?" >> failed
	fi
	"$CMD"-save > undone 2>> log
done
`

// A realCase is a change that real iptables was given, with what it made of it in dir.
type realCase struct {
	family       Family
	dialect      Dialect
	seed         uint64
	dir          string
	live, wanted Ruleset
	change       Change
}

func realCases(t *testing.T, f Family, d Dialect, command string) []realCase {
	t.Helper()
	dir := t.TempDir()
	var cases []realCase
	for seed := range uint64(realPairs) {
		live, wanted := newRulesetMaker(t, f, seed).pair()
		change := Diff(live, wanted)
		c := realCase{f, d, seed, filepath.Join(dir, fmt.Sprintf("%04d", seed)), live, wanted, change}
		cases = append(cases, c)
		writeCase(t, c.dir, map[string]string{
			"live":    counted(live, f, d),
			"payload": change.Payload(f, d),
			"undo":    change.Undo().Payload(f, d),
		})
	}
	cmd := exec.Command("unshare", "--net", "sh", "-c", realScript)
	cmd.Env = append(os.Environ(), "DIR="+dir, "CMD="+command, "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("unshare: %v\n%s", err, out)
	}
	return cases
}

func (c realCase) check(t *testing.T) {
	t.Helper()
	file := func(name string) string { return caseFile(t, c.dir, name) }
	if failed, err := os.ReadFile(filepath.Join(c.dir, "failed")); err == nil {
		t.Fatalf("seed %d: %s%s\nlive:\n%s\npayload:\n%s\nundo:\n%s", c.seed, failed, file("log"), file("live"), file("payload"), file("undo"))
	}
	after := parseSaved(t, c.family, file("after"))
	if !after.Equal(c.wanted) {
		t.Errorf("seed %d: the payload\n%s\nmade\n%s\nwanted\n%s", c.seed, file("payload"),
			after.Save(c.family, c.dialect), c.wanted.Save(c.family, c.dialect))
	}
	if undone := parseSaved(t, c.family, file("undone")); !undone.Equal(c.live) {
		t.Errorf("seed %d: the undo\n%s\nmade\n%s\nthere was\n%s", c.seed, file("undo"),
			undone.Save(c.family, c.dialect), c.live.Save(c.family, c.dialect))
	}
	var listed Ruleset
	for _, table := range []string{"filter", "mangle"} {
		rs, err := ParseList(c.family, table, file("list."+table))
		if err != nil {
			t.Fatalf("seed %d: %v", c.seed, err)
		}
		listed = listed.Merge(rs)
	}
	if !listed.Equal(c.wanted) {
		t.Errorf("seed %d: -S and what was wanted differ", c.seed)
	}
	for _, diff := range c.change.Verify(listed) {
		t.Errorf("seed %d: %s", c.seed, diff.Describe(c.dialect))
	}
	if c.family == IPv4 || c.dialect.Backend == Legacy { // ip6tables-nft-restore -c 1.8.9 loads every counter as 0
		c.checkCounters(t, file("after"))
	}
}

// hostDialect is the dialect of the installed binary; without one the test fails, since this is
// the test that says what real iptables does.
func hostDialect(t *testing.T, command string) Dialect {
	t.Helper()
	out, err := exec.Command(command, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v (apt-get install iptables)", command, err)
	}
	d, err := ParseDialect(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// counted is the ruleset as iptables-save -c would print it, with the line's number in its
// chain as its counter, and with both tables there so that nothing of the case before is left.
func counted(rs Ruleset, f Family, d Dialect) string {
	for _, table := range []string{"filter", "mangle"} {
		for _, name := range builtIn[table] {
			id := ChainID{f, table, name}
			c, _ := rs.Chain(id)
			rs = rs.WithChain(id, c)
		}
	}
	var b strings.Builder
	number := map[string]int{}
	for line := range strings.Lines(rs.Save(f, d)) {
		switch line[0] {
		case '*':
			number = map[string]int{}
		case ':':
			line = strings.TrimSuffix(line, "\n") + " [0:0]\n"
		case '-':
			chain := strings.Fields(line)[1]
			number[chain]++
			fmt.Fprintf(&b, "[%d:%d] ", number[chain], number[chain])
		}
		b.WriteString(line)
	}
	return b.String()
}

// checkCounters: a line that stays has the counter it was loaded with, which also says that of
// equal lines the right one stays. New lines begin at 0.
func (c realCase) checkCounters(t *testing.T, saved string) {
	t.Helper()
	counters := map[ChainID][]int{}
	var table string
	for line := range strings.Lines(saved) {
		if line[0] == '*' {
			table = strings.TrimSpace(line[1:])
		}
		if line[0] == '[' {
			var packets, bytes int
			var chain string
			if _, err := fmt.Sscanf(line, "[%d:%d] -A %s", &packets, &bytes, &chain); err != nil {
				t.Fatalf("seed %d: %q: %v", c.seed, line, err)
			}
			id := ChainID{c.family, table, chain}
			counters[id] = append(counters[id], packets)
		}
	}
	for _, e := range c.change.edits {
		if e.gone || e.refill {
			continue
		}
		rules := make([]simRule, len(counters[e.id]))
		for i, n := range counters[e.id] {
			rules[i].mark = n
		}
		wantMarks(t, c.seed, e, rules)
	}
}

func parseSaved(tb testing.TB, f Family, text string) Ruleset {
	tb.Helper()
	rs, err := ParseSave(f, text)
	if err != nil {
		tb.Fatal(err)
	}
	return rs
}

func writeCase(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func caseFile(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
