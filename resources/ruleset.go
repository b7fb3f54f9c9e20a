package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewRuleset is the resource iptables_ruleset.
func NewRuleset() resource.Resource {
	return &lines[rulesetModel, *rulesetModel]{
		name:     "ruleset",
		schema:   rulesetSchema,
		identity: rulesetIdentitySchema,
		find:     findRuleset,
		locate:   locateRuleset,
	}
}

type rulesetModel struct {
	common
	IPv4         types.String `tfsdk:"ipv4"`
	IPv6         types.String `tfsdk:"ipv6"`
	Tables       types.Set    `tfsdk:"tables"`
	Ignore       types.Set    `tfsdk:"ignore"`
	ForceForeign types.Bool   `tfsdk:"force_foreign"`
	Added        types.List   `tfsdk:"added"`
	Removed      types.List   `tfsdk:"removed"`
}

type rulesetIdentity struct {
	Host   types.String `tfsdk:"host"`
	Tables types.String `tfsdk:"tables"`
}

func (m *rulesetModel) label() string { return fmt.Sprintf("iptables_ruleset %q", m.suffix()) }

func (m *rulesetModel) suffix() string { return m.ruleset().ID() }

func (m *rulesetModel) identity() any {
	return &rulesetIdentity{Host: m.Host, Tables: types.StringValue(m.suffix())}
}

func (m *rulesetModel) validate() []firewall.Problem { return m.ruleset().Validate() }

func (m *rulesetModel) settle() {}

func (m *rulesetModel) rules([]iptables.Family) (firewall.PolicyRules, error) {
	return m.ruleset().PolicyRules()
}

// listed is nothing: the texts say all.
func (m *rulesetModel) listed() []string { return nil }

// list forgets, once the host was read, what the last apply did: in the next plan stands what
// that will do. Before that the plan says it (see show).
func (m *rulesetModel) list(rules firewall.PolicyRules, _ dialects) {
	if rules.Unmanaged != nil || m.Added.IsNull() || m.Added.IsUnknown() {
		m.Added, m.Removed = listOf(nil), listOf(nil)
	}
}

func (m *rulesetModel) unlist() {
	m.Added, m.Removed = types.ListUnknown(types.StringType), types.ListUnknown(types.StringType)
}

func (m *rulesetModel) show(change iptables.Change, state model, dialect dialects) {
	if before, ok := state.(*rulesetModel); ok && change.Empty() {
		m.Added, m.Removed = before.Added, before.Removed
		return
	}
	text := func(lines []iptables.Line) types.List {
		all := make([]string, len(lines))
		for i, l := range lines {
			all[i] = l.String(dialect(l.Chain.Family))
		}
		return listOf(all)
	}
	m.Added, m.Removed = text(change.Added()), text(change.Removed())
}

func (m *rulesetModel) spellings(other model) []func() func() {
	o, ok := other.(*rulesetModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.IPv4, o.IPv4), spelling(&m.IPv6, o.IPv6), spelling(&m.Tables, o.Tables), spelling(&m.Ignore, o.Ignore)}
}

// ruleset is what the attributes describe.
func (m *rulesetModel) ruleset() firewall.RulesetText {
	t := firewall.RulesetText{
		Texts:  map[iptables.Family]string{},
		Tables: stringsOf(m.Tables),
		Ignore: stringsOf(m.Ignore),
		Force:  m.ForceForeign.ValueBool(),
	}
	for f, text := range map[iptables.Family]types.String{iptables.IPv4: m.IPv4, iptables.IPv6: m.IPv6} {
		if !text.IsNull() {
			t.Texts[f] = text.ValueString()
		}
	}
	return t
}

// findRuleset takes what firewall.RulesetByID does.
func findRuleset(s *firewall.Snapshot, id string) (*rulesetModel, error) {
	t, err := firewall.RulesetByID(s.Rules, id, s.Facts.Families())
	if err != nil {
		return nil, err
	}
	return &rulesetModel{
		IPv4: orNull(t.Texts[iptables.IPv4]), IPv6: orNull(t.Texts[iptables.IPv6]), Tables: setOf(nil), Ignore: setOf(nil),
	}, nil
}

func locateRuleset(get func(string) string) (host, id string) { return get("host"), get("tables") }
