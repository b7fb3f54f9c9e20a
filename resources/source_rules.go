package resources

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewRulesSource is the data source iptables_rules.
func NewRulesSource() datasource.DataSource {
	return &source[rulesModel]{
		name:     "rules",
		schema:   rulesSchema,
		host:     func(m *rulesModel) string { return m.Host.ValueString() },
		read:     readRules,
		validate: checkRules,
	}
}

type rulesModel struct {
	Host      types.String `tfsdk:"host"`
	Family    types.String `tfsdk:"family"`
	Table     types.String `tfsdk:"table"`
	Chain     types.String `tfsdk:"chain"`
	Target    types.String `tfsdk:"target"`
	Text      types.String `tfsdk:"text"`
	Unmanaged types.Bool   `tfsdk:"unmanaged"`
	Managed   types.List   `tfsdk:"managed"`
	Counters  types.Bool   `tfsdk:"counters"`
	Rules     types.List   `tfsdk:"rules"`
	Policies  types.List   `tfsdk:"policies"`
	Parsed    types.List   `tfsdk:"parsed"`
}

// liveParts are the attributes of a live rule beside those of its line.
var liveParts = map[string]schema.Attribute{
	"number":   schema.Int64Attribute{MarkdownDescription: "Its place in the chain, from 1.", Computed: true},
	"software": schema.StringAttribute{MarkdownDescription: "The other software that has put it there: `Docker`, `fail2ban`. Null for none that is known.", Computed: true},
	"packets":  schema.Int64Attribute{MarkdownDescription: "How many packets met it. Null without `counters`.", Computed: true},
	"bytes":    schema.Int64Attribute{MarkdownDescription: "How many bytes these had. Null without `counters`.", Computed: true},
}

func rulesSchema() schema.Schema {
	optional := func(text string, validators ...validator.String) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: text, Optional: true, Validators: validators}
	}
	nested := maps.Clone(liveParts)
	for name, p := range parts {
		nested[name] = p.attribute()
	}
	return schema.Schema{
		MarkdownDescription: "The rules that a host has, line by line, in their order. Filters that are left out let everything through.",
		Attributes: map[string]schema.Attribute{
			"family": optional("`\"ipv4\"` or `\"ipv6\"`. Default: both.", oneOfFamilies),
			"table":  optional("`filter`, `nat`, `mangle`, `raw` or `security`. Default: all."),
			"chain":  optional("A chain by its name: `INPUT`. Default: all."),
			"target": optional("What follows `-j` or `-g`: `ACCEPT`, or a chain. Default: any."),
			"text":   optional("A text that stands in the line, as `rules` has it: `--dport 22`. Default: any."),
			"unmanaged": schema.BoolAttribute{
				MarkdownDescription: "Only rules that are nobody's: neither among `managed`, nor put there by other software that is known " +
					"(Docker, fail2ban, and so on: what is in its chains, and what leads there). Default: `false`.",
				Optional: true,
			},
			"managed": schema.ListAttribute{
				MarkdownDescription: "With `unmanaged`: the lines that Terraform manages on this host, in any spelling: the `rules` of its resources. " +
					"Default: none. Where these are known only after apply, the host is asked then.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"counters": schema.BoolAttribute{
				MarkdownDescription: "Whether to read counters too. The host is then read once more, and each time they are others. Default: `false`.",
				Optional:            true,
			},
			"rules": schema.ListAttribute{
				MarkdownDescription: "The lines, as `iptables -S` and `ip6tables -S` print them on this host, each led by its command.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"policies": schema.ListAttribute{
				MarkdownDescription: "The policies of built-in chains that `family`, `table` and `chain` let through: `iptables -P INPUT DROP`.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"parsed": schema.ListNestedAttribute{
				MarkdownDescription: "The same rules field by field. What a rule does not have is null, and a list is empty. A text that is negated begins with `! `.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: nested},
			},
		},
	}
}

var oneOfFamilies = stringvalidator.OneOf(iptables.IPv4.String(), iptables.IPv6.String())

// attribute is the part as an attribute of a data source.
func (p part) attribute() schema.Attribute {
	switch kind := p.kind.(type) {
	case types.ListType:
		return schema.ListAttribute{MarkdownDescription: p.description, ElementType: kind.ElemType, Computed: true}
	case types.MapType:
		return schema.MapAttribute{MarkdownDescription: p.description, ElementType: kind.ElemType, Computed: true}
	}
	if p.kind == types.BoolType {
		return schema.BoolAttribute{MarkdownDescription: p.description, Computed: true}
	}
	return schema.StringAttribute{MarkdownDescription: p.description, Computed: true}
}

func checkRules(m *rulesModel) []firewall.Problem {
	var problems []firewall.Problem
	if !m.Managed.IsNull() && !m.Unmanaged.ValueBool() {
		problems = append(problems, firewall.Problem{Attribute: "managed", Summary: "managed without unmanaged", Detail: "it is for unmanaged = true"})
	}
	if _, err := managedLines(m); err != nil {
		problems = append(problems, firewall.Problem{Attribute: "managed", Summary: "not a line of iptables", Detail: err.Error()})
	}
	return problems
}

// managedLines are those of `managed`; policies and chains among them are no rules.
func managedLines(m *rulesModel) (firewall.Lines, error) {
	rules, err := firewall.ParsePolicyRules(listStrings(m.Managed))
	return rules.Lines, err
}

func readRules(ctx context.Context, host *Host, snapshot *firewall.Snapshot, m *rulesModel, _ *diag.Diagnostics) error {
	filter := firewall.RuleFilter{
		Family: familyOf(m.Family.ValueString()), Table: m.Table.ValueString(), Chain: m.Chain.ValueString(),
		Target: m.Target.ValueString(), Text: m.Text.ValueString(), Unmanaged: m.Unmanaged.ValueBool(),
	}
	var err error
	if filter.Managed, err = managedLines(m); err != nil {
		return fmt.Errorf("managed: %w", err)
	}
	rules, counters := snapshot.Rules, map[iptables.ChainID][]iptables.Counters(nil)
	if m.Counters.ValueBool() {
		if rules, counters, err = host.Counted(ctx); err != nil {
			return err
		}
	}
	picked := filter.Rules(rules, snapshot.Facts.Dialect, counters)
	lines, parsed := make([]string, len(picked)), make([]attr.Value, len(picked))
	kinds := partTypes()
	for name, a := range liveParts {
		kinds[name] = a.GetType()
	}
	for i, r := range picked {
		apart := r.Apart(snapshot.Facts.Dialect(r.Chain.Family))
		lines[i] = apart.Text
		values := partValues(apart)
		values["number"], values["software"] = types.Int64Value(int64(r.Number)), orNull(r.Software)
		values["packets"], values["bytes"] = types.Int64Null(), types.Int64Null()
		if c := r.Counters; c != nil {
			values["packets"], values["bytes"] = types.Int64Value(int64(c.Packets)), types.Int64Value(int64(c.Bytes))
		}
		parsed[i] = types.ObjectValueMust(kinds, values)
	}
	m.Rules, m.Policies = listOf(lines), listOf(filter.Policies(rules))
	m.Parsed = types.ListValueMust(types.ObjectType{AttrTypes: kinds}, parsed)
	return nil
}

// familyOf is 0 for "".
func familyOf(name string) iptables.Family {
	for _, f := range iptables.Families {
		if f.String() == name {
			return f
		}
	}
	return 0
}
