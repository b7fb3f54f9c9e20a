package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// A source is a data source that asks one host, for a model M.
type source[M any] struct {
	name   string // "rules"
	schema func() schema.Schema
	host   func(*M) string
	// read fills in the computed attributes from the host as it was read.
	read func(ctx context.Context, host *Host, snapshot *firewall.Snapshot, m *M, diags *diag.Diagnostics) error
	// validate lists what is wrong and can be known without a host; nil for nothing.
	validate func(*M) []firewall.Problem

	hosts *Hosts
}

func (s *source[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + s.name
}

func (s *source[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = s.schema()
	resp.Schema.Attributes["host"] = schema.StringAttribute{
		MarkdownDescription: "The host, as `host` of resources names it: a name or an IP address, `user@address:port`, a key of `hosts` in the provider, or " +
			"`local`. Where it is known only after apply, it is asked then.",
		Required:   true,
		Validators: []validator.String{isHost{}},
	}
}

func (s *source[M]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.hosts, _ = req.ProviderData.(*Hosts)
}

// ValidateConfig asks the model once everything that it looks at is known.
func (s *source[M]) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	if s.validate == nil || !knownButHost(req.Config.Raw) {
		return
	}
	var config M
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	if !resp.Diagnostics.HasError() {
		refuse(&resp.Diagnostics, s.validate(&config))
	}
}

func (s *source[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m M
	resp.Diagnostics.Append(get(ctx, req.Config, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := s.ask(ctx, &m, &resp.Diagnostics); err != nil {
		fail(&resp.Diagnostics, "read iptables_"+s.name, s.host(&m), err)
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, &m)...)
}

func (s *source[M]) ask(ctx context.Context, m *M, diags *diag.Diagnostics) error {
	host, err := s.hosts.Resolve(s.host(m), Endpoint{})
	if err != nil {
		return err
	}
	snapshot, err := host.Snapshot(ctx)
	if err != nil {
		return err
	}
	host.warnOnce(diags, snapshot.Facts)
	return s.read(ctx, host, snapshot, m, diags)
}

// computed are attributes that the host tells, all of them texts.
func computed(descriptions map[string]string) map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(descriptions))
	for name, text := range descriptions {
		attributes[name] = schema.StringAttribute{MarkdownDescription: text, Computed: true}
	}
	return attributes
}
