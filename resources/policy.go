package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewDefaultPolicy is the resource iptables_default_policy.
func NewDefaultPolicy() resource.Resource {
	return &lines[policyModel, *policyModel]{
		name:     "default_policy",
		schema:   policySchema,
		identity: policyIdentitySchema,
		find:     findPolicy,
		locate:   locatePolicy,
		movers:   []resource.StateMover{movedFrom("firewall", firewallSchema(), policyOfFirewall)},
	}
}

type policyModel struct {
	common
	listing
	policyFields
}

type policyIdentity struct {
	Host   types.String `tfsdk:"host"`
	Chain  types.String `tfsdk:"chain"`
	Family types.String `tfsdk:"family"`
	Method types.String `tfsdk:"method"`
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

func (m *policyModel) spellings(other model) []func() func() {
	o, ok := other.(*policyModel)
	if !ok {
		return nil
	}
	return m.respellings(&o.policyFields)
}

func (m *policyModel) inherit(state model) {
	if s, ok := state.(*policyModel); ok {
		m.take(&s.policyFields)
		return
	}
	m.take(nil)
}

func modelOfPolicy(p firewall.DefaultPolicy) *policyModel {
	return &policyModel{policyFields: fieldsOfPolicy(p)}
}
