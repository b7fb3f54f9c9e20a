package resources

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type inner struct {
	Ports types.Set `tfsdk:"ports"`
}

type outer struct {
	inner
	Name types.String `tfsdk:"name"`
	Note string       // nothing that Terraform knows
}

var outerSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	"name":  schema.StringAttribute{Optional: true},
	"ports": schema.SetAttribute{Optional: true, ElementType: types.StringType},
}}

func TestFieldsComeAndGo(t *testing.T) {
	want := outer{inner: inner{Ports: setOf([]string{"22/tcp"})}, Name: types.StringUnknown()}
	state := tfsdk.State{Schema: outerSchema, Raw: tftypes.NewValue(outerSchema.Type().TerraformType(t.Context()), nil)}
	if diags := set(t.Context(), &state, &want); diags.HasError() {
		t.Fatal(diags)
	}
	var got outer
	if diags := get(t.Context(), state, &got); diags.HasError() {
		t.Fatal(diags)
	}
	if !got.Name.Equal(want.Name) || !got.Ports.Equal(want.Ports) {
		t.Errorf("%v, want %v", got, want)
	}
	// The framework reads the same.
	var theirs struct {
		inner
		Name types.String `tfsdk:"name"`
	}
	if diags := state.Get(t.Context(), &theirs); diags.HasError() || !theirs.Name.Equal(want.Name) || !theirs.Ports.Equal(want.Ports) {
		t.Errorf("the framework reads %v, %v", theirs, diags)
	}
}

// What is not a value of the framework is left to it.
func TestFieldsThatAreNotPlain(t *testing.T) {
	type element struct {
		Port types.Int64 `tfsdk:"port"`
	}
	type model struct {
		Name     types.String `tfsdk:"name"`
		Elements []element    `tfsdk:"elements"`
	}
	nested := schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{Optional: true},
		"elements": schema.ListNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{"port": schema.Int64Attribute{Optional: true}},
		}},
	}}
	want := model{Name: types.StringValue("a"), Elements: []element{{types.Int64Value(22)}}}
	state := tfsdk.State{Schema: nested, Raw: tftypes.NewValue(nested.Type().TerraformType(t.Context()), nil)}
	for range 2 { // the second time it is known of the type
		if diags := set(t.Context(), &state, &want); diags.HasError() {
			t.Fatal(diags)
		}
		var got model
		if diags := get(t.Context(), state, &got); diags.HasError() || len(got.Elements) != 1 || !got.Elements[0].Port.Equal(want.Elements[0].Port) {
			t.Errorf("%v, %v", got, diags)
		}
	}
}

func TestFieldsThatDoNotFit(t *testing.T) {
	absent := tfsdk.State{Schema: outerSchema, Raw: tftypes.NewValue(outerSchema.Type().TerraformType(t.Context()), nil)}
	var into outer
	if diags := get(t.Context(), absent, &into); !diags.HasError() {
		t.Error("a resource that is not there was read")
	}
	for name, from := range map[string]any{
		"one too few": &struct {
			Name types.String `tfsdk:"name"`
		}{types.StringValue("a")},
		"another type": &struct {
			inner
			Name types.Int64 `tfsdk:"name"`
		}{inner{setOf(nil)}, types.Int64Value(1)},
	} {
		if diags := set(t.Context(), &absent, from); !diags.HasError() {
			t.Errorf("%s was written", name)
		}
	}
}
