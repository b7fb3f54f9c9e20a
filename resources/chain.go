package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewChain is the resource iptables_chain.
func NewChain() resource.Resource {
	return &lines[chainModel, *chainModel]{
		name:     "chain",
		schema:   chainSchema,
		identity: chainIdentitySchema,
		find:     findChain,
		locate:   locateChain,
	}
}

type chainModel struct {
	common
	Table          types.String `tfsdk:"table"`
	Name           types.String `tfsdk:"name"`
	Families       types.Set    `tfsdk:"families"`
	Rules          types.List   `tfsdk:"rules"`
	JumpFrom       types.Object `tfsdk:"jump_from"`
	Policy         types.String `tfsdk:"policy"`
	Ignore         types.Set    `tfsdk:"ignore"`
	ForceForeign   types.Bool   `tfsdk:"force_foreign"`
	Lines          types.List   `tfsdk:"lines"`
	PreviousPolicy types.Map    `tfsdk:"previous_policy"`
}

type chainIdentity struct {
	Host   types.String `tfsdk:"host"`
	Table  types.String `tfsdk:"table"`
	Name   types.String `tfsdk:"name"`
	Family types.String `tfsdk:"family"`
}

var jumpFromTypes = map[string]attr.Type{"chain": types.StringType, "position": types.StringType, "spec": types.StringType}

func (m *chainModel) label() string { return fmt.Sprintf("iptables_chain %q", m.Name.ValueString()) }

// suffix is how `iptables -S` begins to list the chain: "-N WEB", "-t nat -P PREROUTING".
func (m *chainModel) suffix() string {
	prefix := ""
	if of := familiesOf(m.Families); len(of) == 1 {
		prefix = of[0].Command() + " "
	}
	return prefix + firewall.ChainID(m.Table.ValueString(), m.Name.ValueString())
}

func (m *chainModel) identity() any {
	return &chainIdentity{Host: m.Host, Table: types.StringValue(tableOf(m.Table)), Name: m.Name, Family: onlyFamily(m.Families)}
}

func (m *chainModel) identityBy(id string) any {
	name := m.Name.ValueString()
	if firewall.IsChainAlone(id) {
		name += " alone"
	}
	return &chainIdentity{Host: m.Host, Table: types.StringValue(tableOf(m.Table)), Name: types.StringValue(name), Family: onlyFamily(m.Families)}
}

func (m *chainModel) validate() []firewall.Problem { return m.chain().Validate() }

func (m *chainModel) settle() {}

func (m *chainModel) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	rules, err := m.chain().PolicyRules()
	if err != nil {
		return rules, err
	}
	return ofFamilies(rules, !m.Families.IsNull(), families)
}

func (m *chainModel) listed() []string { return listStrings(m.Lines) }

func (m *chainModel) list(rules firewall.PolicyRules, dialect dialects) {
	m.Lines = listOf(rules.Print(dialect))
}

func (m *chainModel) unlist() { m.Lines = types.ListUnknown(types.StringType) }

func (m *chainModel) spellings(other model) []func() func() {
	o, ok := other.(*chainModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.Rules, o.Rules), spelling(&m.JumpFrom, o.JumpFrom), spelling(&m.Ignore, o.Ignore)}
}

// chain is the chain that the attributes describe.
func (m *chainModel) chain() firewall.CustomChain {
	c := firewall.CustomChain{
		Table:    m.Table.ValueString(),
		Name:     m.Name.ValueString(),
		Families: familiesOf(m.Families),
		Rules:    listStrings(m.Rules),
		Policy:   m.Policy.ValueString(),
		Ignore:   stringsOf(m.Ignore),
		Force:    m.ForceForeign.ValueBool(),
	}
	if !m.JumpFrom.IsNull() {
		c.JumpFrom = &firewall.JumpFrom{Chain: field(m.JumpFrom, "chain"), Position: field(m.JumpFrom, "position"), Spec: field(m.JumpFrom, "spec")}
	}
	return c
}

// modelOfChain is the opposite of chain, as an import wants it.
func modelOfChain(c firewall.CustomChain) *chainModel {
	m := &chainModel{
		Table:    types.StringValue(c.Table),
		Name:     types.StringValue(c.Name),
		Families: familySet(c.Families),
		Rules:    listOf(c.Rules),
		JumpFrom: types.ObjectNull(jumpFromTypes),
		Policy:   orNull(c.Policy),
		Ignore:   setOf(nil),
	}
	m.Table = types.StringValue(tableOf(m.Table))
	if j := c.JumpFrom; j != nil {
		m.JumpFrom = types.ObjectValueMust(jumpFromTypes, map[string]attr.Value{
			"chain": types.StringValue(j.Chain), "position": orNull(j.Position), "spec": orNull(j.Spec),
		})
	}
	return m
}

// keep notes the policies of a built-in chain whose policy is set, for when it no longer is.
func (m *chainModel) keep(rs iptables.Ruleset, families []iptables.Family) {
	if !m.PreviousPolicy.IsNull() && !m.PreviousPolicy.IsUnknown() {
		return
	}
	previous := map[string]attr.Value{}
	for _, f := range families {
		if c, ok := rs.Chain(m.id(f)); ok && !m.Policy.IsNull() {
			previous[f.String()] = types.StringValue(c.Policy)
		}
	}
	m.PreviousPolicy = types.MapNull(types.StringType)
	if len(previous) > 0 {
		m.PreviousPolicy = types.MapValueMust(types.StringType, previous)
	}
}

func (m *chainModel) inherit(state model) {
	m.PreviousPolicy = types.MapUnknown(types.StringType)
	s, ok := state.(*chainModel)
	switch {
	case ok && !s.PreviousPolicy.IsNull() && s.Name.Equal(m.Name) && s.Table.Equal(m.Table):
		m.PreviousPolicy = s.PreviousPolicy
	case m.Policy.IsNull():
		m.PreviousPolicy = types.MapNull(types.StringType)
	}
}

func (m *chainModel) found() firewall.Policies {
	found := firewall.Policies{}
	for _, f := range iptables.Families {
		if policy, ok := m.PreviousPolicy.Elements()[f.String()].(types.String); ok {
			found[m.id(f)] = policy.ValueString()
		}
	}
	return found
}

func (m *chainModel) opens() bool { return false }

// see has nothing to do: the policy is among the lines.
func (m *chainModel) see(iptables.Ruleset) {}

func (m *chainModel) id(f iptables.Family) iptables.ChainID {
	return iptables.ChainID{Family: f, Table: tableOf(m.Table), Name: m.Name.ValueString()}
}

// tableOf is an attribute `table`, with its default where there is no configuration yet.
func tableOf(table types.String) string {
	if table.ValueString() == "" {
		return defaultTable
	}
	return table.ValueString()
}

// onlyFamily is the family of a resource that is of one only, else null.
func onlyFamily(families types.Set) types.String {
	if of := familiesOf(families); len(of) == 1 {
		return types.StringValue(of[0].String())
	}
	return types.StringNull()
}
