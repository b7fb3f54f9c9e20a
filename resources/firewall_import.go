package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// findFirewall takes "firewall": all services and the default policy of the chain INPUT.
func findFirewall(s *firewall.Snapshot, id string) (*firewallModel, error) {
	if id != wholeFirewall {
		return nil, fmt.Errorf("%q is no firewall: the ID is the host, a blank, and %q", id, wholeFirewall)
	}
	in := firewall.FindInbound(s.Rules)
	m := emptyFirewall()
	m.rest = in.Rest
	services := map[string]attr.Value{}
	for key, service := range in.Services {
		fields := fieldsOfService(service)
		if name, _ := firewall.ParseServiceKey(key); name == service.Name {
			fields.Name = types.StringNull()
		}
		services[key] = encode(serviceType, fields)
	}
	if len(services) > 0 {
		m.Services = types.MapValueMust(serviceType, services)
	}
	if in.Policy != nil {
		m.DefaultPolicy = encode(policyType, fieldsOfPolicy(*in.Policy))
	}
	return m, nil
}

// emptyFirewall is one with the defaults.
func emptyFirewall() *firewallModel {
	return &firewallModel{
		Services:      types.MapNull(serviceType),
		DefaultPolicy: types.ObjectNull(policyType.AttrTypes),
		Exclusive:     types.BoolValue(false),
		Ignore:        types.SetNull(types.StringType),
		Rules:         types.MapValueMust(linesType, nil),
		PolicyRules:   listOf(nil),
		Unmanaged:     types.ListNull(types.StringType),
	}
}

func locateFirewall(get func(string) string) (host, id string) { return get("host"), wholeFirewall }

// leaves warns of what an import found and does not manage.
func (m *firewallModel) leaves(dialect dialects) (summary, detail string) {
	if len(m.rest) == 0 {
		return "", ""
	}
	return fmt.Sprintf("%s leaves %s alone", m.label(), count(len(m.rest))),
		"These lines of the chain INPUT are no service's:\n\n" + indented(m.rest.Print(dialect)) +
			"\n\nThey stay as they are, unless exclusive is set: then those go that are not other software's. To manage them, import them as iptables_rule."
}
