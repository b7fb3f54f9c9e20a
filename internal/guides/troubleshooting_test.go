// Package guides holds the tests of templates/guides against the code that they are about.
package guides

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// languageSection explains the rule language: what is quoted there is about package iptables alone.
const languageSection = "## The text of a rule"

// quoted is a text of the product on the page: a heading, or what the first cell of a row holds.
var (
	heading = regexp.MustCompile(`^### (".*")$`)
	row     = regexp.MustCompile(`^\| (".*?") \| (.+) \|$`)
)

// An entry is a text that the page explains, with "…" for what the code puts in.
type entry struct {
	text     string
	language bool
	pattern  *regexp.Regexp
}

// TestTroubleshootingIsComplete checks that the page explains each message of the code, and no other. Who adds an
// error adds its remedy there.
func TestTroubleshootingIsComplete(t *testing.T) {
	all, known := messages(t), entries(t)
	if len(all) < 600 || len(known) < 200 {
		t.Fatalf("only %d messages and %d entries: has the form of one of them changed?", len(all), len(known))
	}
	used := map[string]bool{}
	for _, m := range all {
		found := false
		for _, e := range known {
			if (!e.language || strings.HasPrefix(m.place, "iptables/")) && e.pattern.MatchString(m.text) {
				found, used[e.text] = true, true
			}
		}
		if !found {
			t.Errorf("%s: the page does not explain %q", m.place, m.text)
		}
	}
	for _, e := range known {
		if !used[e.text] {
			t.Errorf("no message holds %q", e.text)
		}
	}
}

// entries reads them off the page.
func entries(t *testing.T) []entry {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	language := false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "## ") {
			language = line == languageSection
		}
		found := heading.FindStringSubmatch(line)
		if found == nil {
			found = row.FindStringSubmatch(line)
		}
		if found == nil {
			continue
		}
		for text := range strings.SplitSeq(strings.Trim(found[1], `"`), `", "`) {
			parts := strings.Split(strings.ReplaceAll(text, `\|`, "|"), "…")
			letters := 0
			for i, p := range parts {
				letters += len(strings.ReplaceAll(p, " ", ""))
				parts[i] = regexp.QuoteMeta(p)
			}
			pattern := `(?s)` + strings.Join(parts, ".*")
			if letters < 8 && !language { // too little to be found within others
				pattern = `(?s)^\W*` + strings.Join(parts, ".*") + `$`
			}
			all = append(all, entry{text, language, regexp.MustCompile(pattern)})
		}
	}
	return all
}
