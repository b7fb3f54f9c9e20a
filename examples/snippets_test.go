package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// required is what the snippets leave to the reader.
const required = `terraform {
  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}
`

// TestSnippets validates what the reference shows, each import beside the resources that it is for.
func TestSnippets(t *testing.T) {
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	files := []string{"provider/provider.tf"}
	for _, pattern := range []string{"resources/*/*.tf", "functions/*/*.tf", "data-sources/*/*.tf"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) < 18 {
		t.Fatalf("there are only %d snippets", len(files))
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			if strings.HasPrefix(file, "functions/") {
				tools.Need(t, tools.Functions)
			}
			if strings.HasSuffix(file, "import-by-identity.tf") {
				tools.Need(t, tools.IdentityImports)
			}
			work, err := cli.New(terraform, provider, filepath.Join(t.TempDir(), "snippet"), os.DirFS("provider"), nil)
			if err != nil {
				t.Fatal(err)
			}
			texts := map[string]string{"required.tf": required, "provider.tf": read(t, file)}
			if strings.HasPrefix(filepath.Base(file), "import") {
				texts["resource.tf"] = read(t, filepath.Join(filepath.Dir(file), "resource.tf"))
			}
			for name, text := range texts {
				if err := os.WriteFile(filepath.Join(work.Folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if output, status, err := work.Run(t.Context(), nil, "validate"); err != nil || status != 0 {
				t.Errorf("terraform validate: %v, status %d:\n%s", err, status, output)
			}
		})
	}
}

// TestFormatted checks that the examples are as `terraform fmt` writes them. Older ones cannot read functions.
func TestFormatted(t *testing.T) {
	tools.Need(t, tools.Functions)
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	work, err := cli.New(terraform, "", filepath.Join(t.TempDir(), "examples"), os.DirFS("."), nil)
	if err != nil {
		t.Fatal(err)
	}
	if output, status, err := work.Run(t.Context(), nil, "fmt", "-check", "-diff", "-recursive"); err != nil || status != 0 {
		t.Errorf("terraform fmt: %v, status %d:\n%s", err, status, output)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
