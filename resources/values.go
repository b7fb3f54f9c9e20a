package resources

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// stringsOf are the elements of a set; nil for null, and unknown elements left out.
func stringsOf(set types.Set) []string {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	text := []string{}
	for _, v := range set.Elements() {
		if s, ok := v.(types.String); ok && !s.IsUnknown() {
			text = append(text, s.ValueString())
		}
	}
	return text
}

// setOf is null for nil.
func setOf(text []string) types.Set {
	if text == nil {
		return types.SetNull(types.StringType)
	}
	return types.SetValueMust(types.StringType, stringValues(text))
}

// listOf is never null: a list of nothing is empty.
func listOf(text []string) types.List {
	return types.ListValueMust(types.StringType, stringValues(text))
}

func listStrings(list types.List) []string {
	var text []string
	for _, v := range list.Elements() {
		if s, ok := v.(types.String); ok {
			text = append(text, s.ValueString())
		}
	}
	return text
}

func stringValues(text []string) []attr.Value {
	values := make([]attr.Value, len(text))
	for i, s := range text {
		values[i] = types.StringValue(s)
	}
	return values
}

// orNull is a string attribute that is absent when it is empty.
func orNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// field is a string attribute of an object, "" where it or the object is null.
func field(o types.Object, name string) string {
	s, _ := o.Attributes()[name].(types.String)
	return s.ValueString()
}

func numberOf(n types.Int64) *int {
	if n.IsNull() || n.IsUnknown() {
		return nil
	}
	i := int(n.ValueInt64())
	return &i
}

func number(n *int) types.Int64 {
	if n == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*n))
}

// familiesOf reads the attribute `families`; nil for null.
func familiesOf(set types.Set) []iptables.Family {
	names := stringsOf(set)
	if names == nil {
		return nil
	}
	families := []iptables.Family{}
	for _, f := range iptables.Families {
		for _, name := range names {
			if name == f.String() {
				families = append(families, f)
			}
		}
	}
	return families
}

func familySet(families []iptables.Family) types.Set {
	if families == nil {
		return types.SetNull(types.StringType)
	}
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.String()
	}
	return setOf(names)
}

// rateOf is a rate with its unit in full, as people write it; iptables prints "10/min".
func rateOf(s string) types.String {
	number, unit, ok := strings.Cut(s, "/")
	if !ok {
		return orNull(s)
	}
	for _, full := range []string{"second", "minute", "hour", "day"} {
		if strings.HasPrefix(full, unit) {
			return types.StringValue(number + "/" + full)
		}
	}
	return types.StringValue(s)
}
