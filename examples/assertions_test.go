package examples

import (
	"maps"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// TestAssertions runs `terraform test` in the example: it passes, and it fails once the rules let others in. Neither
// that nor a plan changes the host.
func TestAssertions(t *testing.T) {
	tools.Need(t, tools.TestFunctions)
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	before := saved(t, f)
	host := map[string]any{"host": f.Hosts()[0].Address, "ssh": login(f)}
	runs := []struct {
		name    string
		clients []string
		args    []string
		status  int
		says    []string
	}{
		{"as it is", nil, []string{"test"}, 0, []string{"3 passed, 0 failed"}},
		{
			"a stranger is let in", []string{"203.0.113.0/24", "2001:db8:1::/48", "198.51.100.0/24"}, []string{"test"}, 1,
			[]string{`run "nobody_outside_the_office_reaches_the_database"... fail`, `Reached from ["198.51.100.0/24"]`, "--dport 3306"},
		},
		{
			"a plan without half of the office", []string{"203.0.113.0/25"}, []string{"plan", "-input=false"}, 0,
			[]string{"Check block assertion failed", `Not all of the office reaches the database, only ["203.0.113.0/25"]`},
		},
	}
	for _, run := range runs {
		t.Run(run.name, func(t *testing.T) {
			variables := maps.Clone(host)
			if run.clients != nil {
				variables["database_clients"] = run.clients
			}
			output, status, err := workspace(t, "assertions", variables).Run(t.Context(), nil, run.args...)
			if err != nil || status != run.status {
				t.Fatalf("terraform %s: %v, status %d, want %d:\n%s", strings.Join(run.args, " "), err, status, run.status, output)
			}
			for _, words := range run.says {
				if !strings.Contains(plain(output), words) {
					t.Errorf("it does not say %q:\n%s", words, output)
				}
			}
		})
	}
	if after := saved(t, f); !maps.Equal(before, after) {
		t.Errorf("the host was changed:\n%s", after)
	}
}

// plain is output without the frames and line breaks that Terraform puts around diagnostics.
func plain(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
}
