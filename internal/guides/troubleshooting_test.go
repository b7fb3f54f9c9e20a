// Package guides holds the tests of templates/guides against the code that they are about.
package guides

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var heading = regexp.MustCompile(`(?m)^### "(.*)"$`)

// TestTroubleshootingQuotesTheCode checks that each message which the page explains is one that the code has.
func TestTroubleshootingQuotesTheCode(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := source(t)
	headings := heading.FindAllStringSubmatch(string(page), -1)
	if len(headings) < 20 {
		t.Fatalf("the page has %d messages; has its form changed?", len(headings))
	}
	for _, h := range headings {
		if !strings.Contains(code, h[1]) {
			t.Errorf("no message holds %q", h[1])
		}
	}
}

// sum is where a message goes on in another literal.
var sum = regexp.MustCompile("[\"`]\\s*[+]\\s*[\"`]")

// source is the text of all that can print a message.
func source(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, folder := range []string{"firewall", "iptables", "provider", "resources", "sshexec"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			b.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sum.ReplaceAllString(b.String(), "")
}
