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
