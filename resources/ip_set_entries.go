package resources

import (
	"fmt"
	"os"
	"strings"
)

// readEntries reads a file with one entry a line. Empty lines, and what follows # or ;, are
// comments, as in the lists that Spamhaus and others publish.
func readEntries(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading entries_file: %w", err)
	}
	entries := []string{}
	for line := range strings.Lines(string(text)) {
		if at := strings.IndexAny(line, "#;"); at >= 0 && !strings.Contains(line[:at], `"`) {
			line = line[:at]
		}
		if line = strings.TrimSpace(line); line != "" {
			entries = append(entries, line)
		}
	}
	return entries, nil
}

// ipSetName is the name in an import ID: "blocklist", "create blocklist", or a whole line of
// `ipset save`.
func ipSetName(id string) string {
	words := strings.Fields(strings.TrimPrefix(id, "ipset "))
	if len(words) > 1 && words[0] == "create" {
		return words[1]
	}
	return id
}
