package resources

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// get reads a configuration, a plan or a state into the struct that into points to, whose fields are values of the framework, named
// by their tags "tfsdk". The framework does the same, but compiles a regular expression for each of these tags each time (1.19).
func get(ctx context.Context, from interface {
	Get(context.Context, any) diag.Diagnostics
}, into any,
) diag.Diagnostics {
	var object types.Object
	diags := from.Get(ctx, &object)
	if diags.HasError() {
		return diags
	}
	if object.IsNull() || object.IsUnknown() {
		return from.Get(ctx, into) // it says what is wrong
	}
	attributes := object.Attributes()
	model := reflect.ValueOf(into).Elem()
	for name, index := range fieldsOf(model.Type()) {
		model.FieldByIndex(index).Set(reflect.ValueOf(attributes[name]))
	}
	return diags
}

// set is get the other way round.
func set(ctx context.Context, to interface {
	Set(context.Context, any) diag.Diagnostics
}, from any,
) diag.Diagnostics {
	model := reflect.ValueOf(from).Elem()
	values, kinds := map[string]attr.Value{}, map[string]attr.Type{}
	for name, index := range fieldsOf(model.Type()) {
		value := model.FieldByIndex(index).Interface().(attr.Value)
		values[name], kinds[name] = value, value.Type(ctx)
	}
	object, diags := types.ObjectValue(kinds, values)
	if !diags.HasError() {
		diags.Append(to.Set(ctx, object)...)
	}
	return diags
}

var knownFields sync.Map // of a reflect.Type

// fieldsOf are the fields of a struct by the names of their attributes, those of what it embeds included.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := knownFields.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := map[string][]int{}
	for _, field := range reflect.VisibleFields(t) {
		if name, ok := field.Tag.Lookup("tfsdk"); ok && name != "-" {
			fields[name] = field.Index
		}
	}
	knownFields.Store(t, fields)
	return fields
}
