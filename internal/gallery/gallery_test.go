package main

import (
	"path/filepath"
	"regexp"
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

// What a diagnostic may have: Terraform wraps text at 78 columns, but neither its first line nor lines of a list.
const (
	maxColumns = 99
	maxLines   = 22 // frame, place and text
)

// TestScenes plays all scenes and reads the diagnostics as a person does: the first line says it all, nothing is too
// wide or too long, and the line of the configuration is the one at fault.
func TestScenes(t *testing.T) {
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	f := fleet.ForTest(t, fleet.Options{ID: "gallery", Hosts: hostsFor(scenes)})
	st := stage{f, terraform, provider}
	t.Run("play", func(t *testing.T) {
		for _, s := range scenes {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				text, err := st.play(t.Context(), s, filepath.Join(t.TempDir(), "work"))
				if err != nil {
					t.Fatal(err)
				}
				names := strings.NewReplacer("HOST", hostOf(s), "CLIENT", f.Client, "ADDRESS", f.Host(hostOf(s)).Address)
				s.title, s.line = names.Replace(s.title), names.Replace(s.line)
				judge(t, s, plain(text))
			})
		}
	})
}

// diagnostic is a framed one, and place what Terraform says of where it is.
var (
	diagnostic = regexp.MustCompile(`(?s)╷\n(.*?)╵`)
	place      = regexp.MustCompile(`(?m)^│ +on main\.tf line \d+.*:\n│ +\d+: (.*)$`)
)

// quoted is what is as long as somebody made it: a line of the configuration, or of a host's rules.
var quoted = regexp.MustCompile(`^│ +(\d+: |ip6?tables )`)

func judge(t *testing.T, s scene, text string) {
	t.Helper()
	found := diagnostic.FindAllStringSubmatch(text, -1)
	if s.title == "" && s.line == "" {
		if len(found) == 0 && !strings.Contains(text, "Plan: ") {
			t.Errorf("neither a plan nor a diagnostic:\n%s", text)
		}
	}
	titled, placed := s.title == "", s.line == ""
	for _, d := range found {
		lines := strings.Split(strings.TrimSuffix(d[1], "\n"), "\n")
		titled = titled || lines[0] == "│ "+s.title
		if at := place.FindStringSubmatch(d[1]); at != nil {
			placed = placed || strings.Contains(at[1], s.line)
		}
		if len(lines) > maxLines {
			t.Errorf("a wall of %d lines:\n%s", len(lines), d[1])
		}
		for _, l := range lines {
			if n := len([]rune(l)); n > maxColumns && !quoted.MatchString(l) {
				t.Errorf("%d columns:\n%s", n, l)
			}
		}
	}
	if !titled || !placed {
		t.Errorf("want %q at %q:\n%s", s.title, s.line, text)
	}
}
