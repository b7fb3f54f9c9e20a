package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewRule is the resource iptables_rule.
func NewRule() resource.Resource {
	return &lines[ruleModel, *ruleModel]{
		name:     "rule",
		schema:   ruleSchema,
		identity: ruleIdentitySchema,
		find:     findRule,
		locate:   locateRule,
	}
}

type ruleModel struct {
	common
	listing
	forcing
	Table    types.String `tfsdk:"table"`
	Chain    types.String `tfsdk:"chain"`
	Families types.Set    `tfsdk:"families"`
	Spec     types.String `tfsdk:"spec"`
	Priority types.Int64  `tfsdk:"priority"`
}

type ruleIdentity struct {
	Host types.String `tfsdk:"host"`
	Rule types.String `tfsdk:"rule"`
}

const defaultTable = "filter"

func (m *ruleModel) label() string {
	return fmt.Sprintf("iptables_rule %q", shortened(m.Chain.ValueString()+" "+m.Spec.ValueString()))
}

// suffix is the first line, without the command where the rule is for both families. It is
// in the reference dialect, so that it changes with the rule only.
func (m *ruleModel) suffix() string {
	lines, err := m.rule().Lines()
	if err != nil || len(lines) == 0 {
		return "-A " + m.Chain.ValueString() + " " + m.Spec.ValueString()
	}
	text := lines[0].Text(iptables.Reference)
	if lines[0].Chain.Family == iptables.IPv4 {
		text = text[len(iptables.IPv4.Command())+1:]
		if familiesOf(m.Families) != nil && len(lines) == 1 {
			text = iptables.IPv4.Command() + " " + text
		}
	}
	return text
}

func (m *ruleModel) identity() any {
	return &ruleIdentity{Host: m.Host, Rule: types.StringValue(m.suffix())}
}

func (m *ruleModel) validate() []firewall.Problem { return m.rule().Validate() }

func (m *ruleModel) settle() {}

func (m *ruleModel) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	lines, err := m.rule().Lines()
	if err != nil {
		return firewall.PolicyRules{}, err
	}
	return ofFamilies(firewall.PolicyRules{Lines: lines}, !m.Families.IsNull(), families)
}

func (m *ruleModel) spellings(other model) []func() func() {
	o, ok := other.(*ruleModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.Spec, o.Spec)}
}

// rule is the rule that the attributes describe.
func (m *ruleModel) rule() firewall.CustomRule {
	return firewall.CustomRule{
		Table:    m.Table.ValueString(),
		Chain:    m.Chain.ValueString(),
		Families: familiesOf(m.Families),
		Spec:     m.Spec.ValueString(),
		Priority: numberOf(m.Priority),
	}
}

// modelOfRule is the opposite of rule, as an import wants it.
func modelOfRule(r firewall.CustomRule) *ruleModel {
	m := &ruleModel{
		Table:    types.StringValue(r.Table),
		Chain:    types.StringValue(r.Chain),
		Families: familySet(r.Families),
		Spec:     types.StringValue(r.Spec),
		Priority: number(r.Priority),
	}
	m.Table = types.StringValue(tableOf(m.Table))
	return m
}
