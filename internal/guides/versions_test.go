package guides

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// The guide on versions lists what tests may leave out, and nothing else.
func TestVersions(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "versions.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "| | Terraform | OpenTofu |\n| --- | --- | --- |\n")
	got, _, _ := strings.Cut(rest, "\n\n")
	var want []string
	for _, f := range tools.Features {
		want = append(want, strings.ReplaceAll(fmt.Sprintf("| %s | %s | %s |", f.Name, f.Terraform, f.OpenTofu), "|  |", "| |"))
	}
	if want := strings.Join(want, "\n"); got != want {
		t.Errorf("the guide says\n%s\nand tests ask for\n%s", got, want)
	}
}
