package resources

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// get reads a configuration, a plan or a state into the struct that into points to, whose fields are named by their tags "tfsdk". The
// framework does the same, but compiles a regular expression for each of these tags each time (1.19); where all fields are
// values of the framework, there is no need for that.
func get(ctx context.Context, from interface {
	Get(context.Context, any) diag.Diagnostics
}, into any,
) diag.Diagnostics {
	model := reflect.ValueOf(into).Elem()
	fields, plain := fieldsOf(model.Type())
	if !plain {
		return from.Get(ctx, into)
	}
	var object types.Object
	diags := from.Get(ctx, &object)
	if diags.HasError() {
		return diags
	}
	if object.IsNull() || object.IsUnknown() {
		return from.Get(ctx, into) // it says what is wrong
	}
	attributes := object.Attributes()
	for name, index := range fields {
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
	fields, plain := fieldsOf(model.Type())
	if !plain {
		return to.Set(ctx, from)
	}
	values, kinds := map[string]attr.Value{}, map[string]attr.Type{}
	for name, index := range fields {
		value := model.FieldByIndex(index).Interface().(attr.Value)
		values[name], kinds[name] = value, value.Type(ctx)
	}
	object, diags := types.ObjectValue(kinds, values)
	if !diags.HasError() {
		diags.Append(to.Set(ctx, object)...)
	}
	return diags
}

// fields are those of a struct by the names of their attributes, those of what it embeds included.
type fields map[string][]int

var knownFields sync.Map // of a reflect.Type: fields, nil where they are not plain

// fieldsOf reports whether all fields of a struct are values of the framework, and which they are.
func fieldsOf(t reflect.Type) (found fields, plain bool) {
	if known, ok := knownFields.Load(t); ok {
		found = known.(fields)
		return found, found != nil
	}
	found = fields{}
	for _, field := range reflect.VisibleFields(t) {
		name, tagged := field.Tag.Lookup("tfsdk")
		switch {
		case !tagged || name == "-":
		case !field.Type.Implements(reflect.TypeFor[attr.Value]()):
			knownFields.Store(t, fields(nil))
			return nil, false
		default:
			found[name] = field.Index
		}
	}
	knownFields.Store(t, found)
	return found, true
}
