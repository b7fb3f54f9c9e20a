package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewFirewall is the resource iptables_firewall.
func NewFirewall() resource.Resource {
	return &lines[firewallModel, *firewallModel]{
		name:     "firewall",
		schema:   firewallSchema,
		identity: firewallIdentitySchema,
		find:     findFirewall,
		locate:   locateFirewall,
		movers:   []resource.StateMover{movedFrom("default_policy", policySchema(), firewallOfPolicy)},
	}
}

type firewallModel struct {
	common
	Services      types.Map    `tfsdk:"services"`
	DefaultPolicy types.Object `tfsdk:"default_policy"`
	Exclusive     types.Bool   `tfsdk:"exclusive"`
	Ignore        types.Set    `tfsdk:"ignore"`
	Rules         types.Map    `tfsdk:"rules"`
	PolicyRules   types.List   `tfsdk:"policy_rules"`
	Unmanaged     types.List   `tfsdk:"unmanaged"`

	decoded *firewallParts // nil before parts is called
	hidden  hidden
	former  firewall.Policies // of chains for which there is no default policy any more
	rest    firewall.Lines    // what an import left alone
}

// hidden are the parts that are not known yet.
type hidden struct {
	services map[string]bool
	policy   bool
}

type firewallIdentity struct {
	Host types.String `tfsdk:"host"`
}

// wholeFirewall is the import ID of a host's whole firewall, without the host.
const wholeFirewall = "firewall"

func (m *firewallModel) label() string { return fmt.Sprintf("iptables_firewall %q", m.host()) }

func (m *firewallModel) suffix() string { return wholeFirewall }

func (m *firewallModel) identity() any { return &firewallIdentity{Host: m.Host} }

// lasts says that the firewall is there as long as its host is, also without a line.
func (m *firewallModel) lasts() {}

func (m *firewallModel) validate() []firewall.Problem {
	problems := m.parts().validate()
	if _, err := m.ignores(); err != nil {
		problems = append(problems, firewall.Problem{Attribute: "ignore", Summary: "not a pattern", Detail: err.Error()})
	}
	return problems
}

// ignores are the lines of others that stay where the firewall is exclusive.
func (m *firewallModel) ignores() (firewall.Ignore, error) {
	return firewall.ParseIgnore(stringsOf(m.Ignore), false)
}

func (m *firewallModel) settle() {
	m.change(func(p *firewallParts) {
		for _, s := range p.services {
			s.settle()
		}
		if p.policy != nil {
			p.policy.settle()
		}
	})
}

func (m *firewallModel) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	rules, err := m.parts().rules(families)
	if err != nil || !m.Exclusive.ValueBool() {
		return rules, err
	}
	ignore, err := m.ignores()
	for _, f := range families {
		input := iptables.ChainID{Family: f, Table: defaultTable, Name: defaultChain}
		rules.Exclusive = append(rules.Exclusive, firewall.Exclusive{Chain: input, Lines: rules.Lines, Ignore: ignore})
	}
	return rules, err
}

func (m *firewallModel) unforced(lines firewall.Lines) firewall.Lines {
	for _, s := range m.parts().services {
		if s.ForceForeign.ValueBool() {
			lines = lines.Without(s.own())
		}
	}
	return lines
}

func (m *firewallModel) listed() []string {
	var all []string
	for _, lines := range m.Rules.Elements() {
		if l, ok := lines.(types.List); ok {
			all = append(all, listStrings(l)...)
		}
	}
	return append(all, listStrings(m.PolicyRules)...)
}

// list sorts lines by service. Those that a service had when it was last read and no longer
// stands for stay with it; the others are the policy's.
func (m *firewallModel) list(rules firewall.PolicyRules, dialect dialects) {
	owner := m.owners()
	policy := firewall.PolicyRules{Policies: rules.Policies}
	of := map[string]firewall.Lines{}
	for _, l := range rules.Lines {
		if key, ok := owner[l.Key()]; ok {
			of[key] = append(of[key], l)
		} else {
			policy.Lines = append(policy.Lines, l)
		}
	}
	m.unlist()
	if !m.Services.IsUnknown() {
		lists := map[string]attr.Value{}
		for key := range m.Services.Elements() {
			lists[key] = listOf(of[key].Print(dialect))
			if m.hidden.services[key] {
				lists[key] = types.ListUnknown(types.StringType)
			}
		}
		m.Rules = types.MapValueMust(linesType, lists)
	}
	if !m.hidden.policy {
		m.PolicyRules = listOf(policy.Print(dialect))
	}
	m.Unmanaged = types.ListNull(types.StringType)
	if m.Exclusive.ValueBool() {
		m.Unmanaged = listOf(rules.Unmanaged.Print(dialect))
	}
}

var linesType = types.ListType{ElemType: types.StringType}

// hide leaves out of the parts what the configuration does not know yet.
func (m *firewallModel) hide(config model) {
	c, ok := config.(*firewallModel)
	if !ok {
		return
	}
	m.hidden.services = map[string]bool{}
	for key, v := range c.Services.Elements() {
		m.hidden.services[key] = !fullyKnown(v)
	}
	m.hidden.policy = !fullyKnown(c.DefaultPolicy)
	m.decoded = nil
}

// owners are the keys of services by the keys of their lines.
func (m *firewallModel) owners() map[string]string {
	owner := map[string]string{}
	for key, lines := range m.Rules.Elements() {
		l, _ := lines.(types.List)
		parsed, err := firewall.ParseLines(listStrings(l))
		if err != nil {
			continue
		}
		for _, line := range parsed {
			owner[line.Key()] = key
		}
	}
	for key, s := range m.parts().services {
		for _, line := range s.own() {
			owner[line.Key()] = key
		}
	}
	return owner
}

func (m *firewallModel) unlist() {
	m.Rules = types.MapUnknown(linesType)
	m.PolicyRules = types.ListUnknown(types.StringType)
	m.Unmanaged = types.ListUnknown(types.StringType)
}

// spellings are one for all attributes: to try each on the whole firewall would take too long.
func (m *firewallModel) spellings(other model) []func() func() {
	o, ok := other.(*firewallModel)
	if !ok {
		return nil
	}
	return []func() func(){func() func() {
		services, policy := m.Services, m.DefaultPolicy
		m.change(func(p *firewallParts) { p.respell(o.parts()) })
		if m.Services.Equal(services) && m.DefaultPolicy.Equal(policy) {
			return nil
		}
		return func() { m.Services, m.DefaultPolicy, m.decoded = services, policy, nil }
	}}
}
