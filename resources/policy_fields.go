package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// policyFields are the attributes that say what a default policy is, wherever it stands.
type policyFields struct {
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

var policyLogTypes = map[string]attr.Type{"prefix": types.StringType, "level": types.StringType, "rate": types.StringType}

func (m *policyFields) chain() string {
	if m.Chain.ValueString() == "" {
		return defaultChain
	}
	return m.Chain.ValueString()
}

func (m *policyFields) validate() []firewall.Problem { return m.policy().Validate() }

// settle shows the method where the configuration leaves it open.
func (m *policyFields) settle() {
	if m.Method.IsUnknown() || m.Method.IsNull() {
		m.Method = types.StringValue("policy")
		if m.Policy.ValueString() == "REJECT" { // the kernel has no such policy
			m.Method = types.StringValue("rule")
		}
	}
}

func (m *policyFields) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	rules, err := m.policy().Rules()
	if err != nil {
		return firewall.PolicyRules{}, err
	}
	return ofFamilies(rules, !m.Families.IsNull(), families)
}

// respellings are model.spellings of these attributes.
func (m *policyFields) respellings(o *policyFields) []func() func() {
	return []func() func(){spelling(&m.PingRate, o.PingRate), spelling(&m.Log, o.Log)}
}

// policy is the default policy that the attributes describe; null means the default, as
// validation sees it before defaults are filled in.
func (m *policyFields) policy() firewall.DefaultPolicy {
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

// fieldsOfPolicy is the opposite of policy, as an import wants it.
func fieldsOfPolicy(p firewall.DefaultPolicy) policyFields {
	m := policyFields{
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
func (m *policyFields) keep(rs iptables.Ruleset, families []iptables.Family) {
	if !m.PreviousPolicy.IsNull() && !m.PreviousPolicy.IsUnknown() {
		return
	}
	previous := map[string]attr.Value{}
	for _, f := range families {
		if c, ok := rs.Chain(m.chainOf(f)); ok {
			previous[f.String()] = types.StringValue(c.Policy)
		}
	}
	m.PreviousPolicy = types.MapValueMust(types.StringType, previous)
}

// take takes over the policies that the state has noted; nil for none.
func (m *policyFields) take(state *policyFields) {
	m.PreviousPolicy = types.MapUnknown(types.StringType)
	if state != nil && !state.PreviousPolicy.IsNull() {
		m.PreviousPolicy = state.PreviousPolicy
	}
}

func (m *policyFields) found() firewall.Policies {
	found := firewall.Policies{}
	for _, f := range iptables.Families {
		if policy, ok := m.PreviousPolicy.Elements()[f.String()].(types.String); ok {
			found[m.chainOf(f)] = policy.ValueString()
		}
	}
	return found
}

func (m *policyFields) opens() bool { return m.OnDestroy.ValueString() == "accept" }

func (m *policyFields) see(rs iptables.Ruleset) {
	m.Policy = types.StringValue(m.policy().Seen(rs).Policy)
}

func (m *policyFields) chainOf(f iptables.Family) iptables.ChainID {
	return iptables.ChainID{Family: f, Table: "filter", Name: m.chain()}
}
