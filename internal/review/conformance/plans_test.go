package conformance

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	// The provider is built where no modules can be fetched: what it is made of comes with the tests.
	_ "github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
	_ "github.com/vpsfirewall/terraform-provider-iptables/provider" // as above
)

var (
	update  = flag.Bool("update", false, "write the plans to ../testdata/plans")
	program = flag.String("program", "", "the CLI that makes the plans, if it is not the Terraform of internal/tools")
	suffix  = flag.String("suffix", "", "what the names of the plans end in: -tofu for those of OpenTofu")
)

const (
	examples = "../../../examples"
	plans    = "../testdata/plans"
)

func TestMain(m *testing.M) { fleet.Main(m) }

// A step is a plan, and perhaps its apply.
type step struct {
	name      string
	variables map[string]any // that differ from those of the step before
	destroy   bool
	apply     bool
}

// TestPlans makes the recorded plans once more.
func TestPlans(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "web1"}, {Name: "web2"}, {Name: "web3"}, {Name: "mail1"}, {Name: "vps"}, {Name: "db1"}, {Name: "db2"}, {Name: "all1"}, {Name: "all2"},
	}})
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	ssh := map[string]any{"private_key_file": f.Key, "known_hosts_files": []string{f.KnownHosts}}
	addresses := func(names ...string) map[string]any {
		hosts := map[string]any{}
		for _, n := range names {
			hosts[n] = map[string]any{"address": f.Host(n).Address}
		}
		return hosts
	}
	for _, c := range []struct {
		configuration string
		variables     map[string]any
		steps         []step
	}{
		{filepath.Join(examples, "fleet"), map[string]any{
			"hosts": addresses("web1", "web2", "mail1"), "mail_host": "mail1", "office_networks": []string{f.Client, f.Client6, "203.0.113.0/24"}, "ssh": ssh,
		}, []step{
			{name: "fleet-create", apply: true},
			{name: "fleet-nothing"},
			{name: "fleet-open-ssh", variables: map[string]any{"office_networks": []string{"0.0.0.0/0"}}},
			{name: "fleet-more-hosts", variables: map[string]any{
				"hosts": addresses("web1", "web2", "web3", "mail1"), "office_networks": []string{f.Client, f.Client6, "203.0.113.0/24"},
			}},
			{name: "fleet-destroy", destroy: true},
		}},
		{filepath.Join(examples, "vps-guide"), map[string]any{"host": f.Host("vps").Address, "ssh": ssh}, []step{{name: "vps-guide-create"}}},
		{"testdata/databases", map[string]any{"hosts": addresses("db1", "db2"), "ssh": ssh, "sources": []string{"10.0.0.0/8"}}, []step{
			{name: "databases-create", apply: true},
			{name: "databases-open-ipv6", variables: map[string]any{"sources": []string{"10.0.0.0/8", "::/0"}}},
			{name: "databases-unknown-host", variables: map[string]any{"new_host": true}},
		}},
		{"testdata/owned", map[string]any{"hosts": addresses("all1", "all2"), "ssh": ssh, "services": []string{"http"}, "blocked": []string{"192.0.2.66/32"}, "port": 8080}, []step{
			{name: "owned-create", apply: true},
			{name: "owned-change", variables: map[string]any{"services": []string{"http", "https"}, "blocked": []string{}, "port": 8081}, apply: true},
			{name: "owned-destroy", destroy: true},
		}},
	} {
		t.Run(filepath.Base(c.configuration), func(t *testing.T) {
			t.Parallel()
			w := workspace(t, provider, c.configuration)
			for _, s := range c.steps {
				maps.Copy(c.variables, s.variables)
				got := canonical(t, f, makePlan(t, w, c.variables, s))
				path := filepath.Join(plans, s.name+*suffix+".json")
				if *update {
					if err := os.WriteFile(path, got, 0o600); err != nil {
						t.Fatal(err)
					}
					continue
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(essence(t, want), essence(t, got)); d != "" {
					t.Errorf("%s says something else than the plan made now (-recorded +now); go test ./internal/review/conformance -update:\n%s", path, d)
				}
			}
		})
	}
}

func workspace(t *testing.T, provider, configuration string) *cli.Workspace {
	t.Helper()
	name := *program
	if name == "" {
		var err error
		if name, err = tools.Terraform(); err != nil {
			t.Fatal(err)
		}
	}
	w, err := cli.New(name, provider, filepath.Join(t.TempDir(), "work"), os.DirFS(configuration), nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// makePlan runs a step and returns the plan in JSON.
func makePlan(t *testing.T, w *cli.Workspace, variables map[string]any, s step) string {
	t.Helper()
	values, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Folder, "given.auto.tfvars.json"), values, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		output, status, err := w.Run(t.Context(), nil, args...)
		if err != nil || status != 0 {
			t.Fatalf("%s: %s: %v, status %d:\n%s", s.name, strings.Join(args, " "), err, status, output)
		}
		return output
	}
	args := []string{"plan", "-input=false", "-out=plan.out"}
	if s.destroy {
		args = append(args, "-destroy")
	}
	run(args...)
	text := run("show", "-json", "plan.out")
	if s.apply {
		run("apply", "-input=false", "plan.out")
	}
	return text
}

// canonical is a plan without what differs each time: addresses of this run, paths, the time.
func canonical(t *testing.T, f *fleet.Fleet, text string) []byte {
	t.Helper()
	pairs := []string{f.Key, "~/.ssh/id_ed25519", f.KnownHosts, "~/.ssh/known_hosts", f.Client6 + "/128", "2001:db8:0ff1::7/128", f.Client + "/32", "198.51.100.7/32",
		`"` + f.Client6 + `"`, `"2001:db8:0ff1::7"`, `"` + f.Client + `"`, `"198.51.100.7"`}
	for i, h := range f.Hosts() {
		address := "192.0.2." + string(rune('1'+i))
		pairs = append(pairs, `"`+h.Address+`"`, `"`+address+`"`, `"`+h.Address+` `, `"`+address+` `, "@"+h.Address+":", "@"+address+":")
	}
	var plan map[string]any
	if err := json.Unmarshal([]byte(strings.NewReplacer(pairs...).Replace(text)), &plan); err != nil {
		t.Fatalf("the plan is no JSON: %v\n%s", err, text)
	}
	if _, ok := plan["timestamp"]; ok {
		plan["timestamp"] = "2026-01-01T00:00:00Z"
	}
	out, err := json.MarshalIndent(plan, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// essence is what a review reads of a plan. An attribute that a resource gets later does not change it.
func essence(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var plan struct {
		FormatVersion string `json:"format_version"`
		Changes       []struct {
			Address, Type, Mode string
			Change              struct {
				Actions       []string
				Before, After map[string]any
				AfterUnknown  map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		t.Fatal(err)
	}
	major, _, _ := strings.Cut(plan.FormatVersion, ".")
	said := map[string]any{"format": major}
	for _, c := range plan.Changes {
		for _, values := range []map[string]any{c.Change.Before, c.Change.After, c.Change.AfterUnknown} {
			maps.DeleteFunc(values, func(name string, _ any) bool {
				switch name {
				case "host", "endpoint", "rules", "policy_rules", "lines", "entries", "name", "type", "unmanaged", "ipv4", "ipv6", "added", "removed", "sockets",
					"previous_policy", "method", "chain", "on_destroy", "default_policy":
					return false
				}
				return true
			})
		}
		said[c.Address] = c
	}
	return said
}
