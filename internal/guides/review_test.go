package guides

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/review"
)

// TestReviewGuide checks that the page shows what the program prints, and explains each warning.
func TestReviewGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "templates", "guides", "reviewing-a-plan.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	shown, err := os.ReadFile(filepath.Join(root, "internal", "review", "testdata", "reports", "databases-open-ipv6.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page, "```text\n"+string(shown)+"```\n") {
		t.Error("the page does not show the recorded report databases-open-ipv6.txt")
	}
	_, table, _ := strings.Cut(page, "## Warnings")
	for _, k := range review.Kinds() {
		if !strings.Contains(table, "| `"+k.Name+"` | ") {
			t.Errorf("the page does not explain %s", k.Name)
		}
	}
	if got, want := strings.Count(table, "\n| `"), len(review.Kinds()); got != want {
		t.Errorf("the page explains %d warnings, there are %d", got, want)
	}
}
