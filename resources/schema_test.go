package resources

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

var constructors = map[string]func() resource.Resource{
	"iptables_firewall":        NewFirewall,
	"iptables_service":         NewService,
	"iptables_default_policy":  NewDefaultPolicy,
	"iptables_rule":            NewRule,
	"iptables_chain":           NewChain,
	"iptables_exclusive_rules": NewExclusiveRules,
	"iptables_ruleset":         NewRuleset,
}

func TestSchemas(t *testing.T) {
	ctx := context.Background()
	for name, construct := range constructors {
		r := construct()
		var meta resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "iptables"}, &meta)
		if meta.TypeName != name {
			t.Errorf("%s is called %s", name, meta.TypeName)
		}
		var resp resource.SchemaResponse
		r.Schema(ctx, resource.SchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		var id resource.IdentitySchemaResponse
		r.(resource.ResourceWithIdentity).IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &id)
		if diags := id.IdentitySchema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: identity: %v", name, diags)
		}
		checkAttributes(t, name, resp.Schema.Attributes)
		for _, common := range []string{"id", "host", "endpoint", "rules"} {
			if _, ok := resp.Schema.Attributes[common]; !ok && (common != "rules" || name != "iptables_ruleset") {
				t.Errorf("%s has no attribute %s", name, common)
			}
		}
	}
}

// Terraform has words of its own in a resource block.
var reserved = []string{"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "locals"}

func checkAttributes(t *testing.T, at string, attributes map[string]schema.Attribute) {
	t.Helper()
	for name, a := range attributes {
		text := a.GetMarkdownDescription()
		if slices.Contains(reserved, name) {
			t.Errorf("%s.%s is a reserved name", at, name)
		}
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s.%s has no description that is a sentence: %q", at, name, text)
		}
		if a.IsOptional() && !strings.Contains(strings.ToLower(text), "default") && !slices.Contains([]string{"log", "rate_limit"}, name) {
			t.Errorf("%s.%s does not say what it is by default: %q", at, name, text)
		}
		switch nested := a.(type) {
		case schema.SingleNestedAttribute:
			checkAttributes(t, at+"."+name, nested.Attributes)
		case schema.MapNestedAttribute:
			checkAttributes(t, at+"."+name, nested.NestedObject.Attributes)
		}
	}
}
