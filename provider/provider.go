package provider

import (
	"context"
	"fmt"
	"maps"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vpsfirewall/terraform-provider-iptables/resources"
)

// Address is what the provider is called in `required_providers`, without the registry's default host.
const Address = "registry.terraform.io/vpsfirewall/iptables"

type iptablesProvider struct {
	version string
	getenv  func(string) string
}

// New returns a function that makes the provider, as providerserver wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &iptablesProvider{version: version, getenv: os.Getenv} }
}

func (p *iptablesProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "iptables"
	resp.Version = p.version
}

func (p *iptablesProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes what all resources of this configuration share. It does no I/O: what
// cannot be known yet, and what is wrong with one host, is told by the resources of that host.
func (p *iptablesProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var raw types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &raw)...)
	if resp.Diagnostics.HasError() {
		return
	}
	attributes := raw.Attributes()
	config := p.configuration(raw, &resp.Diagnostics)
	var o options
	undecided := fill(&o, "", optionSettings, layerOf(attributes, optionSettings, ""), environmentLayer(optionSettings, p.getenv))
	registry := newRegistry(config, o, undecided)
	registry.complain(&resp.Diagnostics)

	hosts := &resources.Hosts{Resolve: registry.resolve, RefuseExisting: o.refuseExisting}
	resp.ResourceData = hosts
	resp.DataSourceData = hosts
	resp.ListResourceData = hosts
	resp.ActionData = hosts
	resp.EphemeralResourceData = hosts
}

func (p *iptablesProvider) configuration(raw types.Object, diags *diag.Diagnostics) configuration {
	attributes := raw.Attributes()
	c := configuration{
		root:        layerOf(attributes, rootSettings, ""),
		hosts:       map[string]entry{},
		environment: environmentLayer(sshSettings, p.getenv),
	}
	maps.Copy(c.root, layerOf(attributes, hostSettings, ""))
	maps.Copy(c.environment, environmentLayer(rootSettings, p.getenv))
	maps.Copy(c.environment, environmentLayer(hostSettings, p.getenv))
	if ssh, ok := attributes["ssh"].(types.Object); ok {
		c.ssh = layerOf(ssh.Attributes(), sshSettings, "ssh.")
		if ssh.IsUnknown() {
			c.ssh = allUnknown("ssh")
		}
	}
	hosts, ok := attributes["hosts"].(basetypes.MapValue)
	if !ok || hosts.IsNull() {
		return c
	}
	c.hostsUnknown = hosts.IsUnknown()
	for name, v := range hosts.Elements() {
		host, ok := v.(types.Object)
		if !ok || host.IsNull() {
			diags.AddAttributeError(path.Root("hosts").AtMapKey(name), "A host without settings", "Write {} for a host that needs none of its own.")
			continue
		}
		c.hosts[name] = entryOf(name, host)
	}
	return c
}

func entryOf(name string, host types.Object) entry {
	prefix := fmt.Sprintf("hosts[%q].", name)
	e := entry{unknown: host.IsUnknown(), settings: layerOf(host.Attributes(), sshSettings, prefix)}
	maps.Copy(e.settings, layerOf(host.Attributes(), rootSettings, prefix))
	maps.Copy(e.settings, layerOf(host.Attributes(), hostSettings, prefix))
	if address, ok := host.Attributes()["address"].(types.String); ok {
		e.address = value{text: address.ValueString(), unknown: address.IsUnknown(), from: prefix + "address"}
	}
	return e
}

// allUnknown is the layer of an object that is unknown as a whole.
func allUnknown(from string) layer {
	l := layer{}
	for _, s := range sshSettings {
		l[s.name] = value{unknown: true, from: from}
	}
	return l
}

func (p *iptablesProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		resources.NewFirewall,
		resources.NewService,
		resources.NewDefaultPolicy,
		resources.NewRule,
		resources.NewIPSet,
		resources.NewChain,
		resources.NewExclusiveRules,
		resources.NewPersistence,
		resources.NewRuleset,
	}
}

// ListResources are for `terraform query`, of Terraform 1.14 and later.
func (p *iptablesProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		resources.NewServiceList,
		resources.NewDefaultPolicyList,
		resources.NewRuleList,
		resources.NewChainList,
		resources.NewIPSetList,
	}
}

func (p *iptablesProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		resources.NewHostSource,
		resources.NewRulesSource,
		resources.NewListeningSocketsSource,
		resources.NewReachabilitySource,
	}
}

func (p *iptablesProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		resources.NewServiceFunction,
		resources.NewNormalizeFunction,
		resources.NewParseRuleFunction,
		resources.NewReachableFunction,
	}
}
