package iptables

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorded is the folder of recordings of real iptables that lies beside a checkout. It is not
// part of the repository.
var recorded = filepath.Join("..", "..", "shared", "corpus")

// TestSimulatorAgrees: the simulated host of these tests does what real iptables-restore --noflush
// did in every recorded case.
func TestSimulatorAgrees(t *testing.T) {
	file, err := os.Open(filepath.Join(recorded, "restore_semantics.jsonl"))
	if err != nil {
		t.Logf("no recordings here, the simulator is checked by TestRealRestore alone: %v", err)
		return
	}
	defer file.Close()
	cases := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			Case, Backend, Pre, Input string
			Args, After               []string
			RC                        int
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Args, []string{"--noflush"}) {
			continue // other cases are about other arguments
		}
		cases++
		host := newSimHost()
		if err := host.restore(canonicalInput(t, c.Pre)); err != nil {
			t.Fatalf("%s: state before: %v", c.Case, err)
		}
		err := host.restore(canonicalInput(t, c.Input))
		if (err != nil) != (c.RC != 0) {
			t.Errorf("%s (%s): the simulator says %v, iptables ended with %d", c.Case, c.Backend, err, c.RC)
		}
		got := host.saved()
		slices.Sort(c.After)
		if !slices.Equal(got, c.After) {
			t.Errorf("%s (%s): the simulator has\n%s\niptables had\n%s", c.Case, c.Backend, strings.Join(got, "\n"), strings.Join(c.After, "\n"))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d recorded cases", cases)
}

// canonicalInput spells the rules of an input as a listing does, which is all that the simulator knows.
func canonicalInput(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if line[0] == '-' && len(words) == 3 && strings.HasPrefix(words[2], "-") {
			if rules, err := ParseSpec(IPv4, "", words[2]); err == nil {
				line = words[0] + " " + words[1] + " " + rules[0].Spec(Reference) + "\n"
			} else {
				line = "--refused\n"
			}
		} else if number, spec, found := strings.Cut(strings.Join(words[min(2, len(words)):], ""), " "); found && line[0] == '-' {
			rules, err := ParseSpec(IPv4, "", spec)
			if err != nil {
				t.Fatal(err)
			}
			line = fmt.Sprintf("%s %s %s %s\n", words[0], words[1], number, rules[0].Spec(Reference))
		}
		b.WriteString(line)
	}
	return b.String()
}

// saved is the state as the recordings have it: chains that are not as they always are, and rules.
func (h *simHost) saved() []string {
	var lines []string
	for table, chains := range h.tables {
		for name, c := range chains {
			switch {
			case !slices.Contains(builtIn[table], name):
				lines = append(lines, ":"+name+" -")
			case c.policy != "ACCEPT":
				lines = append(lines, ":"+name+" "+c.policy)
			}
			for _, r := range c.rules {
				lines = append(lines, "-A "+name+" "+r.spec)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// TestNameable: no line that real iptables 1.8.9 did not delete by its own printed text is deleted by
// text, and hardly any other is deleted by number.
func TestNameable(t *testing.T) {
	// These print as lines that can be deleted; nothing in the text tells.
	unseen := map[string]string{
		"-p icmp -m icmp --icmp-type 3/1": "typed as 3/1:2",
		"":                                "legacy, IPv6, typed as -p 0",
	}
	deletable, byNumber := 0, 0
	for _, name := range []string{"extensions", "probes", "tables", "commands"} {
		text, err := os.ReadFile(filepath.Join(recorded, name+".jsonl"))
		if err != nil {
			t.Logf("no recordings here: %v", err)
			return
		}
		for line := range strings.Lines(string(text)) {
			var row struct {
				Family, Table string
				NFT, Legacy   []string
				DeleteNFT     int `json:"delete_canonical_nft"` // how -D ended, 0 where the recording has none
				DeleteLegacy  int `json:"delete_canonical_legacy"`
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			f := IPv4
			if row.Family == "ipv6" {
				f = IPv6
			}
			for i, printed := range [][]string{row.NFT, row.Legacy} {
				status := []int{row.DeleteNFT, row.DeleteLegacy}[i]
				if len(printed) != 1 {
					continue
				}
				spec := printed[0] // some files leave "-A CHAIN" out
				if rest, whole := strings.CutPrefix(spec, "-A "); whole {
					_, spec, _ = strings.Cut(rest, " ")
				}
				rules, err := parseListed(f, "", spec)
				if err != nil {
					continue // the language's own tests say so
				}
				named := nameable(rules[0])
				switch _, known := unseen[spec]; {
				case status == 0 && named:
					deletable++
				case status == 0:
					byNumber++
				case named && !known:
					t.Errorf("%s: %s %q is deleted by its text", name, []string{"nft", "legacy"}[i], printed[0])
				}
			}
		}
	}
	t.Logf("of the lines that a text deletes, %d are deleted by text and %d by number", deletable, byNumber)
}
