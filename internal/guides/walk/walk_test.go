package walk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	// The provider is built where no modules can be fetched: what it is made of comes with the tests.
	_ "github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
	_ "github.com/vpsfirewall/terraform-provider-iptables/provider" // as above
)

func TestMain(m *testing.M) { fleet.Main(m) }

// guides are those that are walked, each on a host of its own.
var guides = []string{
	"installing", "getting-started", "importing", "order-and-priority", "ipv6", "docker",
	"migrating-from-provisioners", "migrating-from-ansible", "migrating-from-puppet", "migrating-from-ufw",
}

// needs are those that an older CLI cannot follow to their end.
var needs = map[string]tools.Feature{
	"migrating-from-provisioners": tools.Removed,
	"migrating-from-ansible":      tools.ImportForEach, // adopt writes them
	"migrating-from-puppet":       tools.ImportForEach,
}

// TestGuides does what the guides say, from `make install` on.
func TestGuides(t *testing.T) {
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	root, err := cli.SourceTree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var hosts []fleet.HostOptions
	for _, g := range guides {
		hosts = append(hosts, fleet.HostOptions{Name: g + ".example.com"})
	}
	f := fleet.ForTest(t, fleet.Options{ID: "guides", Hosts: hosts})
	home, err := NewHome(t.Context(), t.TempDir(), terraform, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("walk", func(t *testing.T) {
		for _, g := range guides {
			t.Run(g, func(t *testing.T) {
				t.Parallel()
				if f, ok := needs[g]; ok {
					tools.Need(t, f)
				}
				steps, err := Read(root, g)
				if err != nil {
					t.Fatal(err)
				}
				host := f.Host(g + ".example.com")
				w := &Walker{Home: home, Fleet: f, Host: host, Folder: t.TempDir()}
				w.Tool = func(ctx context.Context, name string, nth int, _ func() error) error {
					return Replay(ctx, f, host, Recording(root, name, nth))
				}
				if err := w.Walk(t.Context(), steps); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// TestParse reads a small page.
func TestParse(t *testing.T) {
	steps, err := parse("text\n<!-- file main.tf -->\n```terraform\na\nb\n```\n```sh\nfor reading\n```\n<!-- run fails -->\n```sh\nc\n```\n")
	if err != nil || len(steps) != 2 || steps[0].Text != "a\nb\n" || steps[1].Kind != "run" || steps[1].Args[0] != "fails" || steps[1].Line != 10 {
		t.Errorf("%+v, %v", steps, err)
	}
	for _, wrong := range []string{"<!-- walk -->\n```\n```", "<!-- file -->\n```\n```", "<!-- run -->\ntext"} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

// TestHolds is about what a page shows of an output.
func TestHolds(t *testing.T) {
	const text = "a\n  b   c\nd\ne\n"
	for _, block := range []string{"a\nb c\n", "b c\nd\n", "a\n...\ne\n", "a\n\ne\n"} {
		if err := holds(text, block); err != nil {
			t.Errorf("%q: %v", block, err)
		}
	}
	for _, block := range []string{"x\n", "a\nd\n", "d\n...\na\n", strings.Repeat("a\n", 2)} {
		if holds(text, block) == nil {
			t.Errorf("%q was found", block)
		}
	}
}

// TestFormatted checks that the guides' configurations are as `terraform fmt` writes them.
func TestFormatted(t *testing.T) {
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	root, err := cli.SourceTree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "templates", "guides", "*.md"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d guides, %v", len(pages), err)
	}
	work, err := cli.New(terraform, "", filepath.Join(t.TempDir(), "guides"), os.DirFS(t.TempDir()), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(text), "```terraform\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			name := fmt.Sprintf("%s-%d.tf", strings.TrimSuffix(filepath.Base(page), ".md"), i+1)
			if err := os.WriteFile(filepath.Join(work.Folder, name), []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out, status, err := work.Run(t.Context(), nil, "fmt", "-check", "-diff"); err != nil || status != 0 {
		t.Errorf("terraform fmt: %v, status %d:\n%s", err, status, out)
	}
}
