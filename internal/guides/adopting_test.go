package guides

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
)

// TestAdoptingGuide checks that the page shows what adopt writes, and explains each of its files.
func TestAdoptingGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "templates", "guides", "adopting.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	written, err := os.ReadFile(filepath.Join(root, "internal", "adopt", "testdata", "golden", "web.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(page, "```terraform\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	blocks := strings.Split(strings.TrimSpace(shown), "\n}\n\n")
	for _, block := range blocks {
		if block = strings.TrimSuffix(block, "\n}"); !strings.Contains(string(written), block+"\n}\n") {
			t.Errorf("adopt does not write this:\n%s", block)
		}
	}
	if len(blocks) < 4 {
		t.Errorf("the page shows %d blocks", len(blocks))
	}
	for _, name := range adopt.FileNames() {
		if !strings.Contains(page, "| `"+name+"` | ") {
			t.Errorf("the page does not explain %s", name)
		}
	}
}
