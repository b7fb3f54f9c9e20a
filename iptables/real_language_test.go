package iptables

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "let the real iptables of this machine answer testdata/recorded.jsonl again")

// TestRecord writes what real iptables prints for our own recording, where -record is given.
func TestRecord(t *testing.T) {
	if !*record {
		return
	}
	needsRealIptables(t)
	rows := readRecordings(t, recordedFile)
	var out bytes.Buffer
	encode := json.NewEncoder(&out)
	encode.SetEscapeHTML(false)
	for b, set := range map[Backend]func(*recording, *[]string){
		NFT:    func(r *recording, lines *[]string) { r.NFT = lines },
		Legacy: func(r *recording, lines *[]string) { r.Legacy = lines },
	} {
		for i, lines := range askReal(t, b, rows) {
			set(&rows[i], lines)
		}
	}
	for _, r := range rows {
		line := map[string]any{"family": r.Family, "table": r.Table, "chain": r.Chain, "input": r.Input, "nft": r.NFT, "legacy": r.Legacy}
		if err := encode.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(recordedFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRealLanguage makes rules out of the descriptions and asks the real iptables of this
// machine: what it takes is taken here, and printed to the letter as it prints it.
func TestRealLanguage(t *testing.T) {
	needsRealIptables(t)
	rows := randomRules(t, 300)
	for _, b := range []Backend{NFT, Legacy} {
		d := hostDialect(t, "iptables-"+map[Backend]string{NFT: "nft", Legacy: "legacy"}[b])
		for i, lines := range askReal(t, b, rows) {
			if lines == nil {
				continue
			}
			rules, err := rows[i].rules()
			if slices.ContainsFunc(rules, func(r Rule) bool { return !r.Certain() }) {
				continue // a user's name, of which only the host knows the number
			}
			want := rows[i].specs(*lines)
			if got := printed(rules, d); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %s -t %s %s\n got %q, %v\nwant %q", d, rows[i].Family, rows[i].Table, rows[i].Input, got, err, want)
			}
		}
	}
}

// askReal returns the lines that real iptables lists for each row, nil where it refuses it.
func askReal(t *testing.T, b Backend, rows []recording) []*[]string {
	t.Helper()
	answers := make([]*[]string, len(rows))
	groups := map[[2]string][]int{}
	for i, r := range rows {
		key := [2]string{r.Family, r.Table}
		if r.chain().BuiltIn() {
			key[1] += "/" + r.Chain + fmt.Sprint(i) // each by itself
		}
		groups[key] = append(groups[key], i)
	}
	for _, indices := range groups {
		for batch := range slices.Chunk(indices, 64) {
			askBatch(t, b, rows, batch, answers)
		}
	}
	return answers
}

// askBatch loads rows of one table at once, each into a chain of its own, in a network
// namespace of its own. If iptables refuses the lot, its halves are asked.
func askBatch(t *testing.T, b Backend, rows []recording, indices []int, answers []*[]string) {
	t.Helper()
	first := rows[indices[0]].chain()
	var load strings.Builder
	fmt.Fprintf(&load, "*%s\n:MYCHAIN -\n", first.Table)
	chains := make([]string, len(indices))
	for k, i := range indices {
		if chains[k] = rows[i].Chain; !rows[i].chain().BuiltIn() {
			chains[k] = fmt.Sprintf("C%d", k)
			fmt.Fprintf(&load, ":%s -\n", chains[k])
		}
	}
	for k, i := range indices {
		fmt.Fprintf(&load, "-A %s %s\n", chains[k], rows[i].Input)
	}
	load.WriteString("COMMIT\n")
	command := first.Family.Command() + map[Backend]string{NFT: "-nft", Legacy: "-legacy"}[b]
	cmd := exec.Command("unshare", "--net", "sh", "-c", `"$0"-restore --noflush && "$0" -t "$1" -S`, command, first.Table)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(load.String())
	out, err := cmd.Output()
	if err != nil {
		if len(indices) > 1 {
			askBatch(t, b, rows, indices[:len(indices)/2], answers)
			askBatch(t, b, rows, indices[len(indices)/2:], answers)
		}
		return
	}
	for k, i := range indices {
		lines := []string{}
		for line := range strings.Lines(string(out)) {
			line = strings.TrimSuffix(line, "\n")
			if rest, ours := strings.CutPrefix(line, "-A "+chains[k]); ours && (rest == "" || rest[0] == ' ') {
				lines = append(lines, "-A "+rows[i].Chain+rest)
			}
		}
		answers[i] = &lines
	}
}

// randomRules makes rules of one or two extensions each, with values that stand in our recording.
func randomRules(t *testing.T, n int) []recording {
	t.Helper()
	seed := rand.Uint64()
	if chosen, err := strconv.ParseUint(os.Getenv("IPTABLES_JUDGE_SEED"), 10, 64); err == nil {
		seed = chosen
	}
	t.Logf("seed %d (repeat with IPTABLES_JUDGE_SEED)", seed)
	m := ruleMaker{rand.New(rand.NewPCG(seed, 0)), recordedValues(t)}
	rows := make([]recording, n)
	for i := range rows {
		rows[i] = m.row()
		rows[i].row = i
	}
	return rows
}

// recordedValues are the values that our recording gives to each option.
func recordedValues(t *testing.T) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for _, r := range readRecordings(t, filepath.FromSlash(recordedFile)) {
		tokens, err := tokenize(r.Input, nil)
		if err != nil || !r.accepted() {
			continue
		}
		for i := range tokens {
			end := i + 1
			for end < len(tokens) && !looksLikeOption(tokens[end].text) {
				end++
			}
			if tokens[i].option() && end > i+1 {
				values[tokens[i].text] = append(values[tokens[i].text], r.Input[tokens[i+1].offset:tokens[end-1].end])
			}
		}
	}
	return values
}

type ruleMaker struct {
	*rand.Rand
	values map[string][]string
}

// notHere: extensions that need what a fresh namespace lacks: sets, accounting objects, names
// of rates, kernel modules that are not everywhere.
var notHere = []string{
	"set", "SET", "nfacct", "rateest", "RATEEST", "ipvs", "CLUSTERIP", "LED", "ULOG", "SECMARK", "connlabel", "bpf", "cgroup",
	"CT", "IDLETIMER", "hashlimit", "osf",
}

func (m ruleMaker) row() recording {
	f := Families[m.IntN(2)]
	r := registryOf(f)
	table := []string{"filter", "nat", "mangle", "raw"}[m.IntN(4)]
	protocol := []string{"", "tcp", "udp", "icmp", "ipv6-icmp", "sctp", "gre"}[m.IntN(7)]
	words := []string{""}
	for range 1 + m.IntN(2) {
		words = append(words, m.extension(r.matches, "-m", &protocol, &table))
	}
	if m.IntN(2) == 0 {
		words = append(words, m.extension(r.targets, "-j", &protocol, &table))
	}
	if protocol != "" {
		words[0] = "-p " + protocol
	}
	return recording{Family: f.String(), Table: table, Chain: "U", Input: strings.TrimSpace(strings.Join(words, " "))}
}

// extension makes one extension with some of its options; the rule's protocol and table become
// those that it needs.
func (m ruleMaker) extension(known map[string]*extension, dash string, protocol, table *string) string {
	var names []string
	for name, e := range known {
		if !slices.Contains(notHere, e.name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	e := known[names[m.IntN(len(names))]]
	if len(e.protocols) > 0 {
		*protocol = Protocol{Number: e.protocols[0]}.String()
	}
	if len(e.tables) > 0 && !slices.Contains(e.tables, *table) {
		*table = e.tables[0]
	}
	text := dash + " " + e.name
	for _, i := range m.Perm(len(e.options)) {
		if o := &e.options[i]; o.flags&required != 0 || m.IntN(3) == 0 {
			text += m.option(o)
		}
	}
	return text
}

func (m ruleMaker) option(o *option) string {
	name := append([]string{o.name}, o.aliases...)[m.IntN(1+len(o.aliases))]
	text := " "
	if o.flags&negatable != 0 && m.IntN(4) == 0 {
		text += "! "
	}
	text += name
	if o.value.wordCount() == 0 {
		return text
	}
	values := append(slices.Clone(m.values[o.name]), m.values[name]...)
	if len(values) == 0 {
		return ""
	}
	return text + " " + values[m.IntN(len(values))]
}
