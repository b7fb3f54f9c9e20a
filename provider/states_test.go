package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSchemasHaveUpgraders: from each version that a schema had there is a way to the present one. Terraform asks for
// the way from the version that it finds in a state, and that may be the first.
func TestSchemasHaveUpgraders(t *testing.T) {
	t.Parallel()
	for _, newResource := range New("test")().Resources(t.Context()) {
		r := newResource()
		var name resource.MetadataResponse
		r.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "iptables"}, &name)
		var now resource.SchemaResponse
		r.Schema(t.Context(), resource.SchemaRequest{}, &now)
		ways := map[int64]resource.StateUpgrader{}
		if u, ok := r.(resource.ResourceWithUpgradeState); ok {
			ways = u.UpgradeState(t.Context())
		}
		for version := range now.Schema.Version {
			if _, ok := ways[version]; !ok {
				t.Errorf("%s: a state of version %d cannot become one of version %d", name.TypeName, version, now.Schema.Version)
			}
		}
	}
}

// TestRecordedStates upgrades what each release wrote into states. (internal/acceptance plans with them, on hosts.)
func TestRecordedStates(t *testing.T) {
	t.Parallel()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../internal/acceptance/testdata/states/*/state.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recorded states, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		var state struct {
			Resources []struct {
				Type      string
				Instances []struct {
					Version    int64 `json:"schema_version"`
					Attributes json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(content, &state); err != nil {
			t.Fatal(err)
		}
		for _, r := range state.Resources {
			for _, i := range r.Instances {
				resp, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
					TypeName: r.Type, Version: i.Version, RawState: &tfprotov6.RawState{JSON: i.Attributes},
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range resp.Diagnostics {
					t.Errorf("%s: %s of version %d: %s: %s", file, r.Type, i.Version, d.Summary, d.Detail)
				}
				if resp.UpgradedState == nil {
					continue
				}
				if _, err := resp.UpgradedState.Unmarshal(schema.ResourceSchemas[r.Type].ValueType()); err != nil {
					t.Errorf("%s: %s of version %d: %v", file, r.Type, i.Version, err)
				}
			}
		}
	}
}
