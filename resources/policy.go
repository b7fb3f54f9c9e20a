package resources

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewDefaultPolicy is the resource iptables_default_policy.
func NewDefaultPolicy() resource.Resource {
	return &lines[policyModel, *policyModel]{
		name:     "default_policy",
		schema:   policySchema,
		identity: policyIdentitySchema,
		find:     findPolicy,
		locate:   locatePolicy,
	}
}

type policyModel struct {
	common
	Chain          types.String `tfsdk:"chain"`
	Policy         types.String `tfsdk:"policy"`
	Method         types.String `tfsdk:"method"`
	Families       types.Set    `tfsdk:"families"`
	Loopback       types.Bool   `tfsdk:"loopback"`
	Established    types.Bool   `tfsdk:"established"`
	ICMP           types.String `tfsdk:"icmp"`
	PingRate       types.String `tfsdk:"ping_rate"`
	DropInvalid    types.Bool   `tfsdk:"drop_invalid"`
	Log            types.Object `tfsdk:"log"`
	OnDestroy      types.String `tfsdk:"on_destroy"`
	PreviousPolicy types.Map    `tfsdk:"previous_policy"`
}

type policyIdentity struct {
	Host   types.String `tfsdk:"host"`
	Chain  types.String `tfsdk:"chain"`
	Family types.String `tfsdk:"family"`
	Method types.String `tfsdk:"method"`
}

var policyLogTypes = map[string]attr.Type{"prefix": types.StringType, "level": types.StringType, "rate": types.StringType}

func (m *policyModel) chain() string {
	if m.Chain.ValueString() == "" {
		return defaultChain
	}
	return m.Chain.ValueString()
}

func (m *policyModel) label() string { return fmt.Sprintf("iptables_default_policy %q", m.chain()) }

// suffix names the command where the policy is for one family only.
func (m *policyModel) suffix() string {
	command := ""
	if families := familiesOf(m.Families); len(families) == 1 {
		command = families[0].Command() + " "
	}
	if m.Method.ValueString() == "rule" {
		return command + "-A " + m.chain() + " -j " + m.Policy.ValueString()
	}
	return command + "-P " + m.chain()
}

func (m *policyModel) identity() any {
	family := types.StringNull()
	if families := familiesOf(m.Families); len(families) == 1 {
		family = types.StringValue(families[0].String())
	}
	return &policyIdentity{Host: m.Host, Chain: types.StringValue(m.chain()), Family: family, Method: m.Method}
}

func (m *policyModel) validate() []firewall.Problem { return m.policy().Validate() }

// settle shows the method where the configuration leaves it open.
func (m *policyModel) settle() {
	if m.Method.IsUnknown() || m.Method.IsNull() {
		m.Method = types.StringValue("policy")
		if m.Policy.ValueString() == "REJECT" { // the kernel has no such policy
			m.Method = types.StringValue("rule")
		}
	}
}

func (m *policyModel) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	rules, err := m.policy().Rules()
	if err != nil || !m.Families.IsNull() {
		return rules, err
	}
	rules.Lines = ofFamilies(rules.Lines, false, families)
	for id := range rules.Policies {
		if !slices.Contains(families, id.Family) {
			delete(rules.Policies, id)
		}
	}
	return rules, nil
}

func (m *policyModel) spellings(other model) []func() func() {
	o, ok := other.(*policyModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.PingRate, o.PingRate), spelling(&m.Log, o.Log)}
}

// policy is the default policy that the attributes describe; null means the default, as
// validation sees it before defaults are filled in.
func (m *policyModel) policy() firewall.DefaultPolicy {
	p := firewall.NewDefaultPolicy(m.chain(), m.Policy.ValueString())
	p.Method = m.Method.ValueString()
	p.Families = familiesOf(m.Families)
	if !m.Loopback.IsNull() {
		p.Loopback = m.Loopback.ValueBool()
	}
	if !m.Established.IsNull() {
		p.Established = m.Established.ValueBool()
	}
	if !m.ICMP.IsNull() {
		p.ICMP = m.ICMP.ValueString()
	}
	p.PingRate = m.PingRate.ValueString()
	p.DropInvalid = m.DropInvalid.ValueBool()
	if !m.Log.IsNull() {
		p.Log = &firewall.PolicyLog{Prefix: field(m.Log, "prefix"), Level: field(m.Log, "level"), Rate: field(m.Log, "rate")}
	}
	return p
}

// modelOfPolicy is the opposite of policy, as an import wants it.
func modelOfPolicy(p firewall.DefaultPolicy) *policyModel {
	m := &policyModel{
		Chain:          types.StringValue(p.Chain),
		Policy:         types.StringValue(p.Policy),
		Method:         orNull(p.Method),
		Families:       familySet(p.Families),
		Loopback:       types.BoolValue(p.Loopback),
		Established:    types.BoolValue(p.Established),
		ICMP:           types.StringValue(p.ICMP),
		PingRate:       rateOf(p.PingRate),
		DropInvalid:    types.BoolValue(p.DropInvalid),
		Log:            types.ObjectNull(policyLogTypes),
		OnDestroy:      types.StringValue("restore"),
		PreviousPolicy: types.MapNull(types.StringType),
	}
	if l := p.Log; l != nil {
		m.Log = types.ObjectValueMust(policyLogTypes, map[string]attr.Value{
			"prefix": orNull(l.Prefix), "level": orNull(l.Level), "rate": rateOf(l.Rate),
		})
	}
	m.settle()
	return m
}

// keep notes the chain's policies as they are, of every family, so that a family that is added
// later has one to go back to.
func (m *policyModel) keep(rs iptables.Ruleset, families []iptables.Family) {
	previous := map[string]attr.Value{}
	for _, f := range families {
		if c, ok := rs.Chain(m.chainOf(f)); ok {
			previous[f.String()] = types.StringValue(c.Policy)
		}
	}
	m.PreviousPolicy = types.MapValueMust(types.StringType, previous)
}

func (m *policyModel) inherit(state model) {
	m.PreviousPolicy = types.MapUnknown(types.StringType)
	if s, ok := state.(*policyModel); ok && !s.PreviousPolicy.IsNull() {
		m.PreviousPolicy = s.PreviousPolicy
	}
}

func (m *policyModel) found() firewall.Policies {
	found := firewall.Policies{}
	for _, f := range iptables.Families {
		if policy, ok := m.PreviousPolicy.Elements()[f.String()].(types.String); ok {
			found[m.chainOf(f)] = policy.ValueString()
		}
	}
	return found
}

func (m *policyModel) opens() bool { return m.OnDestroy.ValueString() == "accept" }

func (m *policyModel) see(rs iptables.Ruleset) {
	m.Policy = types.StringValue(m.policy().Seen(rs).Policy)
}

func (m *policyModel) chainOf(f iptables.Family) iptables.ChainID {
	return iptables.ChainID{Family: f, Table: "filter", Name: m.chain()}
}
