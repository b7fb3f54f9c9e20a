package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewExclusiveRules is the resource iptables_exclusive_rules.
func NewExclusiveRules() resource.Resource {
	return &lines[exclusiveModel, *exclusiveModel]{
		name:     "exclusive_rules",
		schema:   exclusiveSchema,
		identity: exclusiveIdentitySchema,
		find:     findExclusive,
		locate:   locateExclusive,
	}
}

type exclusiveModel struct {
	common
	Table        types.String `tfsdk:"table"`
	Chain        types.String `tfsdk:"chain"`
	Families     types.Set    `tfsdk:"families"`
	Rules        types.Set    `tfsdk:"rules"`
	Ignore       types.Set    `tfsdk:"ignore"`
	Mode         types.String `tfsdk:"mode"`
	ForceForeign types.Bool   `tfsdk:"force_foreign"`
	Unmanaged    types.List   `tfsdk:"unmanaged"`
}

type exclusiveIdentity struct {
	Host   types.String `tfsdk:"host"`
	Table  types.String `tfsdk:"table"`
	Chain  types.String `tfsdk:"chain"`
	Family types.String `tfsdk:"family"`
}

func (m *exclusiveModel) label() string {
	return fmt.Sprintf("iptables_exclusive_rules %q", m.Chain.ValueString())
}

// suffix are the arguments by which iptables lists the chain: "-t nat -S PREROUTING".
func (m *exclusiveModel) suffix() string {
	return commandPrefix(onlyFamily(m.Families).ValueString()) + firewall.ExclusiveID(m.Table.ValueString(), m.Chain.ValueString())
}

func (m *exclusiveModel) identity() any {
	return &exclusiveIdentity{Host: m.Host, Table: types.StringValue(tableOf(m.Table)), Chain: m.Chain, Family: onlyFamily(m.Families)}
}

func (m *exclusiveModel) validate() []firewall.Problem { return m.exclusive().Validate() }

func (m *exclusiveModel) settle() {}

func (m *exclusiveModel) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	rules, err := m.exclusive().PolicyRules()
	if err != nil {
		return rules, err
	}
	return ofFamilies(rules, !m.Families.IsNull(), families)
}

// listed is nothing: the lines are those of other resources.
func (m *exclusiveModel) listed() []string { return nil }

// list writes what should not be there and is. Nobody knows beforehand what will be reported,
// but where nothing changes the state says it.
func (m *exclusiveModel) list(rules firewall.PolicyRules, dialect dialects) {
	if rules.Unmanaged == nil && m.reports() && !m.Unmanaged.IsNull() {
		return
	}
	m.Unmanaged = listOf(rules.Unmanaged.Print(dialect))
}

func (m *exclusiveModel) unlist() { m.Unmanaged = types.ListUnknown(types.StringType) }

func (m *exclusiveModel) spellings(other model) []func() func() {
	o, ok := other.(*exclusiveModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.Rules, o.Rules), spelling(&m.Ignore, o.Ignore)}
}

func (m *exclusiveModel) reports() bool { return m.Mode.ValueString() == "report" }

// exclusive is what the attributes describe.
func (m *exclusiveModel) exclusive() firewall.ExclusiveRules {
	return firewall.ExclusiveRules{
		Table:    m.Table.ValueString(),
		Chain:    m.Chain.ValueString(),
		Families: familiesOf(m.Families),
		Rules:    stringsOf(m.Rules),
		Ignore:   stringsOf(m.Ignore),
		Force:    m.ForceForeign.ValueBool(),
		Report:   m.reports(),
	}
}

// findExclusive takes what firewall.ExclusiveByID does.
func findExclusive(s *firewall.Snapshot, id string) (*exclusiveModel, error) {
	e, err := firewall.ExclusiveByID(s.Rules, id)
	if err != nil {
		return nil, err
	}
	m := &exclusiveModel{
		Table:    types.StringValue(e.Table),
		Chain:    types.StringValue(e.Chain),
		Families: familySet(e.Families),
		Rules:    setOf(append([]string{}, e.Rules...)),
		Ignore:   setOf(nil),
		Mode:     types.StringValue("enforce"),
	}
	m.Table = types.StringValue(tableOf(m.Table))
	return m, nil
}

func locateExclusive(get func(string) string) (host, id string) {
	return get("host"), commandPrefix(get("family")) + firewall.ExclusiveID(get("table"), get("chain"))
}
