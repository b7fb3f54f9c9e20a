package iptables

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// measureDumps reads rulesets as somebody saved them somewhere, and counts the lines that 1.8.9 was
// recorded to list after loading them: each must be what we print of a line of the file.
func measureDumps(t *testing.T) *figures {
	t.Helper()
	f := &figures{name: "dumps, by line"}
	for line := range strings.Lines(readDumpText(t, "index.jsonl")) {
		var row struct {
			ID, Raw, Family string
			NFT, Legacy     struct{ Loads, Expected string }
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		family := IPv4
		if row.Family == "ipv6" {
			family = IPv6
		}
		raw := readDumpText(t, row.Raw)
		if row.NFT.Loads == "yes" {
			countLines(&f.nft, row.ID, raw, readDumpText(t, row.NFT.Expected), family, nft189)
		}
		if row.Legacy.Loads == "yes" {
			countLines(&f.legacy, row.ID, raw, readDumpText(t, row.Legacy.Expected), family, legacy189)
		}
	}
	return f
}

func readDumpText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recorded, "dumps", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func countLines(f *figure, name, raw, expected string, family Family, d Dialect) {
	printed, refusals := map[string]int{}, ""
	for table, line := range ruleLines(strings.Lines(raw)) {
		id, rules, err := ParseTyped(family, "-t "+table+" "+line)
		if err != nil {
			refusals += " " + err.Error()
		}
		for _, r := range rules {
			printed[table+id.ListLine(r, d)]++
		}
	}
	for table, line := range ruleLines(func(yield func(string) bool) {
		logicalLines(expected)(func(_ int, line string) bool { return yield(line) })
	}) {
		f.count(printed[table+line] > 0, func() string { return name + ": " + strings.ReplaceAll(line, "\n", `\n`) + refusals })
		printed[table+line]--
	}
}

// ruleLines yields the table and text of each line that adds a rule.
func ruleLines(lines func(func(string) bool)) func(func(table, line string) bool) {
	return func(yield func(table, line string) bool) {
		table := ""
		lines(func(line string) bool {
			line = strings.TrimRight(line, " \r\n")
			if _, rest, counted := strings.Cut(line, "] "); counted && line[0] == '[' {
				line = rest
			}
			switch {
			case strings.HasPrefix(line, "*"):
				table = strings.TrimSpace(line[1:])
			case strings.HasPrefix(line, "-A") || strings.HasPrefix(line, "-I"):
				return yield(table, line)
			}
			return true
		})
	}
}
