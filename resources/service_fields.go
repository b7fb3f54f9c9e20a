package resources

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// serviceFields are the attributes that say what a service is, wherever it stands.
type serviceFields struct {
	forcing
	Name        types.String `tfsdk:"name"`
	Ports       types.Set    `tfsdk:"ports"`
	Action      types.String `tfsdk:"action"`
	Sources     types.Set    `tfsdk:"sources"`
	Destination types.String `tfsdk:"destination"`
	Interface   types.String `tfsdk:"interface"`
	Families    types.Set    `tfsdk:"families"`
	Chain       types.String `tfsdk:"chain"`
	Priority    types.Int64  `tfsdk:"priority"`
	RateLimit   types.Object `tfsdk:"rate_limit"`
	Log         types.Object `tfsdk:"log"`
	Comment     types.String `tfsdk:"comment"`
}

var rateLimitTypes = map[string]attr.Type{
	"rate": types.StringType, "burst": types.Int64Type, "per_source": types.BoolType,
}

var logTypes = map[string]attr.Type{"prefix": types.StringType, "level": types.StringType}

// short is what a person calls the service: its name, or its first port.
func (m *serviceFields) short() string {
	if name := m.Name.ValueString(); name != "" {
		return name
	}
	ports := stringsOf(m.Ports)
	slices.Sort(ports)
	if len(ports) == 0 {
		return ""
	}
	return ports[0]
}

func (m *serviceFields) chain() string {
	if m.Chain.ValueString() == "" {
		return defaultChain
	}
	return m.Chain.ValueString()
}

const defaultChain = "INPUT"

func (m *serviceFields) validate() []firewall.Problem { return m.service().Validate() }

// settle shows the ports that a name of the catalogue stands for.
func (m *serviceFields) settle() {
	if !m.Ports.IsUnknown() && !m.Ports.IsNull() {
		return
	}
	m.Ports = setOf(nil)
	if known, ok := firewall.Lookup(m.Name.ValueString()); ok {
		m.Ports = setOf(known.Ports)
	}
}

func (m *serviceFields) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	lines, err := m.service().Lines()
	if err != nil {
		return firewall.PolicyRules{}, err
	}
	return ofFamilies(firewall.PolicyRules{Lines: lines}, !m.Families.IsNull(), families)
}

// respellings are model.spellings of these attributes.
func (m *serviceFields) respellings(o *serviceFields) []func() func() {
	return []func() func(){
		spelling(&m.Ports, o.Ports),
		spelling(&m.Sources, o.Sources),
		spelling(&m.Destination, o.Destination),
		spelling(&m.RateLimit, o.RateLimit),
		spelling(&m.Log, o.Log),
	}
}

// service is the service that the attributes describe.
func (m *serviceFields) service() firewall.Service {
	s := firewall.Service{
		Name:        m.Name.ValueString(),
		Ports:       stringsOf(m.Ports),
		Action:      m.Action.ValueString(),
		Sources:     stringsOf(m.Sources),
		Destination: m.Destination.ValueString(),
		Interface:   m.Interface.ValueString(),
		Families:    familiesOf(m.Families),
		Chain:       m.Chain.ValueString(),
		Priority:    numberOf(m.Priority),
		Comment:     m.Comment.ValueString(),
	}
	if known, ok := firewall.Lookup(s.Name); ok && slices.Equal(slices.Sorted(slices.Values(s.Ports)), slices.Sorted(slices.Values(known.Ports))) {
		s.Ports = nil // the catalogue also knows the family of some
	}
	if !m.RateLimit.IsNull() {
		burst, _ := m.RateLimit.Attributes()["burst"].(types.Int64)
		perSource, _ := m.RateLimit.Attributes()["per_source"].(types.Bool)
		s.RateLimit = &firewall.RateLimit{
			Rate: field(m.RateLimit, "rate"), Burst: int(burst.ValueInt64()), PerSource: perSource.ValueBool(),
		}
	}
	if !m.Log.IsNull() {
		s.Log = &firewall.Log{Prefix: field(m.Log, "prefix"), Level: field(m.Log, "level")}
	}
	return s
}

// fieldsOfService is the opposite of service, as an import wants it: what says no more than the
// default is absent.
func fieldsOfService(s firewall.Service) serviceFields {
	m := serviceFields{
		Name:        orNull(s.Name),
		Ports:       setOf(s.Ports),
		Action:      types.StringValue("accept"),
		Sources:     setOf(s.Sources),
		Destination: orNull(s.Destination),
		Interface:   orNull(s.Interface),
		Families:    familySet(s.Families),
		Chain:       types.StringValue(defaultChain),
		Priority:    number(s.Priority),
		RateLimit:   types.ObjectNull(rateLimitTypes),
		Log:         types.ObjectNull(logTypes),
		Comment:     orNull(s.Comment),
	}
	if s.Action != "" {
		m.Action = types.StringValue(s.Action)
	}
	if s.Chain != "" {
		m.Chain = types.StringValue(s.Chain)
	}
	if l := s.RateLimit; l != nil {
		burst, perSource := types.Int64Null(), types.BoolNull()
		if l.Burst != 0 {
			burst = types.Int64Value(int64(l.Burst))
		}
		if l.PerSource {
			perSource = types.BoolValue(true)
		}
		m.RateLimit = types.ObjectValueMust(rateLimitTypes, map[string]attr.Value{
			"rate": rateOf(l.Rate), "burst": burst, "per_source": perSource,
		})
	}
	if l := s.Log; l != nil {
		m.Log = types.ObjectValueMust(logTypes, map[string]attr.Value{"prefix": orNull(l.Prefix), "level": orNull(l.Level)})
	}
	m.settle()
	return m
}
