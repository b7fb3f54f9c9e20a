package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// A part is an attribute of a line that was taken apart.
type part struct {
	kind        attr.Type
	description string
	value       func(firewall.Apart) attr.Value
}

// parts are the attributes of such a line, for the function parse_rule and the data source iptables_rules.
var parts = map[string]part{
	"line":              textPart("The whole line in canonical form, led by its command.", func(a firewall.Apart) string { return a.Text }),
	"spec":              textPart("What follows `-A CHAIN`. Null for a policy, and for a line `-N CHAIN`.", func(a firewall.Apart) string { return a.Spec }),
	"family":            textPart("`\"ipv4\"` for `iptables`, `\"ipv6\"` for `ip6tables`.", func(a firewall.Apart) string { return a.Chain.Family.String() }),
	"table":             textPart("`filter`, `nat`, `mangle`, `raw` or `security`.", func(a firewall.Apart) string { return a.Chain.Table }),
	"chain":             textPart("The chain that it stands in.", func(a firewall.Apart) string { return a.Chain.Name }),
	"policy":            textPart("Of a line `-P CHAIN POLICY`, `\"ACCEPT\"` or `\"DROP\"`. Null for a rule.", func(a firewall.Apart) string { return a.Policy }),
	"source":            textPart("`-s`, always with its prefix length: `10.0.0.0/8`. Null for any, as all that follow.", func(a firewall.Apart) string { return a.Source }),
	"destination":       textPart("`-d`.", func(a firewall.Apart) string { return a.Destination }),
	"in_interface":      textPart("`-i`.", func(a firewall.Apart) string { return a.In }),
	"out_interface":     textPart("`-o`.", func(a firewall.Apart) string { return a.Out }),
	"protocol":          textPart("`-p`, by name where it has one.", func(a firewall.Apart) string { return a.Protocol }),
	"source_ports":      textsPart("Source ports: `\"22\"`, `\"9000-9100\"`. Empty for any.", func(a firewall.Apart) []string { return a.SourcePorts }),
	"destination_ports": textsPart("Destination ports, of any protocol and of `multiport`. Empty for any.", func(a firewall.Apart) []string { return a.DestinationPorts }),
	"states":            textsPart("States of the matches `conntrack` and `state`. Empty for any.", func(a firewall.Apart) []string { return a.States }),
	"comment":           textPart("The text of the comment.", func(a firewall.Apart) string { return a.Comment }),
	"target":            textPart("What follows `-j` or `-g`: `ACCEPT`, or a chain. Null for a rule that only counts.", func(a firewall.Apart) string { return a.Target }),
	"goto":              {types.BoolType, "Whether it is `-g`.", func(a firewall.Apart) attr.Value { return types.BoolValue(a.Goto) }},
	"target_options": {optionsType, "The target's options by name: `{ reject-with = \"tcp-reset\" }`.",
		func(a firewall.Apart) attr.Value { return optionsValue(a.TargetOptions) }},
	"matches": {types.ListType{ElemType: matchType}, "All matches in their order, each with its `name` and its `options` by name: " +
		"`{ name = \"tcp\", options = { dport = \"22\" } }`.", matchesValue},
}

var (
	optionsType = types.MapType{ElemType: types.StringType}
	matchType   = types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, "options": optionsType}}
)

func textPart(description string, get func(firewall.Apart) string) part {
	return part{types.StringType, description, func(a firewall.Apart) attr.Value { return orNull(get(a)) }}
}

func textsPart(description string, get func(firewall.Apart) []string) part {
	return part{types.ListType{ElemType: types.StringType}, description, func(a firewall.Apart) attr.Value { return listOf(get(a)) }}
}

func optionsValue(options map[string]string) attr.Value {
	values := make(map[string]attr.Value, len(options))
	for name, text := range options {
		values[name] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}

func matchesValue(a firewall.Apart) attr.Value {
	values := make([]attr.Value, len(a.Matches))
	for i, m := range a.Matches {
		values[i] = types.ObjectValueMust(matchType.AttrTypes, map[string]attr.Value{
			"name": types.StringValue(m.Name), "options": optionsValue(m.Options),
		})
	}
	return types.ListValueMust(matchType, values)
}

// partTypes are the types of a line's attributes.
func partTypes() map[string]attr.Type {
	kinds := make(map[string]attr.Type, len(parts))
	for name, p := range parts {
		kinds[name] = p.kind
	}
	return kinds
}

func partValues(a firewall.Apart) map[string]attr.Value {
	values := make(map[string]attr.Value, len(parts))
	for name, p := range parts {
		values[name] = p.value(a)
	}
	return values
}
