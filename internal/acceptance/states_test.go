package acceptance

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

var recordState = flag.String("record-state", "", "the folder of testdata/states in which to write the state that its main.tf gives now")

const states = "testdata/states"

// A state that an older provider wrote serves this one: with the configuration of then, on hosts as they were then,
// there is nothing to do. testdata/states has the state of each released schema (`make states` records one).
func TestRecordedStates(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(states)
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatal("no states are recorded")
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, hostOptions{Name: "state1"}, hostOptions{Name: "state2", Backend: fleet.Legacy})
			placeholders := [][2]string{{s.Hosts()[0].Address, "HOST1"}, {s.Hosts()[1].Address, "HOST2"}, {s.Client, "CLIENT"}}
			var out, in []string
			for _, p := range placeholders {
				out, in = append(out, p[0], p[1]), append(in, p[1], p[0])
			}
			c := s.newCLI("")
			config := strings.NewReplacer(in...).Replace(read(t, filepath.Join(states, folder.Name(), "main.tf")))
			c.write("main.tf", required+s.config("")+config)
			c.ok("apply", "-auto-approve")
			c.empty()

			recorded := filepath.Join(states, folder.Name(), "state.json")
			now := filepath.Join(c.folder, "terraform.tfstate")
			if *recordState == folder.Name() {
				text := strings.NewReplacer(out...).Replace(unmarked(t, read(t, now)))
				if err := os.WriteFile(recorded, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c.write("terraform.tfstate", strings.NewReplacer(in...).Replace(read(t, recorded)))
			c.empty()
			c.ok("destroy", "-auto-approve")
		})
	}
}

// unmarked is a state without the list of what is sensitive by the schema, which Terraform began to write in 1.10:
// older ones would see a change in it.
func unmarked(t *testing.T, state string) string {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal([]byte(state), &whole); err != nil {
		t.Fatal(err)
	}
	for _, r := range whole["resources"].([]any) {
		for _, instance := range r.(map[string]any)["instances"].([]any) {
			instance.(map[string]any)["sensitive_attributes"] = []any{}
		}
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// Every resource of this provider is in the newest recorded state, or its schema is not held by TestRecordedStates.
func TestRecordedStatesAreComplete(t *testing.T) {
	t.Parallel()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(states, "unreleased", "state.json"))
	for name := range schema.ResourceSchemas {
		if !strings.Contains(text, `"type": "`+name+`"`) {
			t.Errorf("no %s is in %s/unreleased: add one to its main.tf and run make states", name, states)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
