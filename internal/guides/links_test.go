package guides

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link is a link to another page, or to a heading of it.
var link = regexp.MustCompile(`\]\(([a-z0-9/.-]+\.(?:md|svg))?(#[a-z0-9-]+)?\)`)

// inTree is a link to a file of this repository, which the registry needs in full.
var inTree = regexp.MustCompile(`vpsfirewall/terraform-provider-iptables/(?:(?:blob|tree)/)?main/([^)#\s]+)`)

// TestLinks follows the links between guides, and from the page in front of them.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "guides", "*.md"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d guides, %v", len(pages), err)
	}
	index := filepath.Join(root, "docs", "index.md")
	front, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, index) {
		if page != index && !strings.Contains(string(front), "(guides/"+filepath.Base(page)+")") {
			t.Errorf("templates/index.md.tmpl does not lead to %s", filepath.Base(page))
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range inTree.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, l[1])); err != nil {
				t.Errorf("%s: %v", filepath.Base(page), err)
			}
		}
		for _, l := range link.FindAllStringSubmatch(string(text), -1) {
			target := page
			if l[1] != "" {
				target = filepath.Join(filepath.Dir(page), l[1])
			}
			there, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(page), err)
				continue
			}
			if l[2] != "" && !strings.Contains(anchors(string(there)), l[2]+"\n") {
				t.Errorf("%s: %s has no heading %s", filepath.Base(page), filepath.Base(target), l[2])
			}
		}
	}
}

// title is a heading; notAnchor is what GitHub and the registry leave out of its anchor.
var (
	title     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
	named     = regexp.MustCompile(`<a id="([a-z0-9-]+)">`)
)

func anchors(page string) string {
	var b strings.Builder
	for _, h := range title.FindAllStringSubmatch(page, -1) {
		b.WriteString("#" + strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-") + "\n")
	}
	for _, a := range named.FindAllStringSubmatch(page, -1) {
		b.WriteString("#" + a[1] + "\n")
	}
	return b.String()
}
