package resources

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewHostSource is the data source iptables_host.
func NewHostSource() datasource.DataSource {
	return &source[hostModel]{
		name:   "host",
		schema: hostSchema,
		host:   func(m *hostModel) string { return m.Host.ValueString() },
		read:   readHost,
	}
}

type hostModel struct {
	Host                types.String `tfsdk:"host"`
	Distribution        types.String `tfsdk:"distribution"`
	DistributionVersion types.String `tfsdk:"distribution_version"`
	Kernel              types.String `tfsdk:"kernel"`
	Families            types.List   `tfsdk:"families"`
	IptablesVersion     types.String `tfsdk:"iptables_version"`
	Backend             types.String `tfsdk:"backend"`
	OtherBackendRules   types.List   `tfsdk:"other_backend_rules"`
	Ipset               types.Bool   `tfsdk:"ipset"`
	BootMechanism       types.String `tfsdk:"boot_mechanism"`
	BootEnabled         types.Bool   `tfsdk:"boot_enabled"`
	BootFiles           types.Map    `tfsdk:"boot_files"`
	Software            types.List   `tfsdk:"software"`
	Login               types.Object `tfsdk:"login"`
	Warnings            types.List   `tfsdk:"warnings"`
}

var loginTypes = map[string]attr.Type{
	"client_address": types.StringType, "server_address": types.StringType, "server_port": types.Int64Type, "interface": types.StringType,
}

func hostSchema() schema.Schema {
	attributes := computed(map[string]string{
		"distribution":         "`ID` of `/etc/os-release`: `debian`, `alpine`. Null where the host does not say.",
		"distribution_version": "`VERSION_ID` of `/etc/os-release`: `12`.",
		"kernel":               "Name and release of the kernel: `Linux 6.1.0-25-amd64`.",
		"iptables_version":     "Version of the iptables that the provider uses there: `1.8.9`.",
		"backend":              "Its backend, `nft` or `legacy`.",
		"boot_mechanism": "By what the host restores its firewall at boot: `netfilter-persistent`, `iptables-services`, `openrc`, or `systemd-unit` where " +
			"`iptables_persistence` has made one. Null where it has none of them, and so comes up with an empty firewall.",
	})
	lists := map[string]string{
		"families":            "The address families whose rules can be managed there: `[\"ipv4\", \"ipv6\"]`.",
		"other_backend_rules": "The rules of the other backend, each led by its command. Packets must pass both. Empty on most hosts.",
		"software": "Other software that manages the firewall there, by its signs and by the names of chains: `Docker`, `fail2ban`, `ufw`, `firewalld`, " +
			"`Kubernetes`, and so on.",
		"warnings": "What a person should know before trusting this host's firewall.",
	}
	for name, text := range lists {
		attributes[name] = schema.ListAttribute{MarkdownDescription: text, ElementType: types.StringType, Computed: true}
	}
	attributes["ipset"] = schema.BoolAttribute{MarkdownDescription: "Whether the host has the program `ipset`.", Computed: true}
	attributes["boot_enabled"] = schema.BoolAttribute{
		MarkdownDescription: "Whether all is enabled there that restores it at boot.", Computed: true,
	}
	attributes["boot_files"] = schema.MapAttribute{
		MarkdownDescription: "The files from which it restores them, by family.", ElementType: types.StringType, Computed: true,
	}
	attributes["login"] = schema.SingleNestedAttribute{
		MarkdownDescription: "The ends of the SSH connection, as the host sees them. Null for `local`.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"client_address": schema.StringAttribute{MarkdownDescription: "The address from which the provider comes (its port is another each time).", Computed: true},
			"server_address": schema.StringAttribute{MarkdownDescription: "The address of the host to which it comes.", Computed: true},
			"server_port":    schema.Int64Attribute{MarkdownDescription: "The port of sshd.", Computed: true},
			"interface":      schema.StringAttribute{MarkdownDescription: "The interface that has that address, where known.", Computed: true},
		},
	}
	return schema.Schema{
		MarkdownDescription: "What a host is, as far as its firewall is concerned. The one session that reads its rules tells all of it.",
		Attributes:          attributes,
	}
}

func readHost(_ context.Context, _ *Host, snapshot *firewall.Snapshot, m *hostModel, _ *diag.Diagnostics) error {
	facts := snapshot.Facts
	distribution, version, _ := strings.Cut(facts.System, " ")
	m.Distribution, m.DistributionVersion, m.Kernel = orNull(distribution), orNull(version), orNull(facts.Kernel)
	families := facts.Families()
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.String()
	}
	m.Families = listOf(names)
	dialect := facts.Dialect(families[0]) // a host without any is refused when it is read
	m.IptablesVersion = types.StringValue(dialect.Version.String())
	m.Backend = types.StringValue("nft")
	if dialect.Backend == iptables.Legacy {
		m.Backend = types.StringValue("legacy")
	}
	other := firewall.RuleFilter{}.Rules(facts.OtherBackend, firewall.Reference, nil)
	lines := make(firewall.Lines, len(other))
	for i, r := range other {
		lines[i] = r.Line
	}
	m.OtherBackendRules = listOf(lines.Print(firewall.Reference))
	m.Ipset = types.BoolValue(slices.Contains(facts.Tools, "ipset"))
	m.BootMechanism, m.BootEnabled = orNull(facts.Boot.Mechanism), types.BoolValue(facts.Boot.Enabled)
	if facts.Boot.Mechanism == firewall.NoMechanism {
		m.BootMechanism = types.StringNull()
	}
	files := map[string]attr.Value{}
	for f, path := range facts.Boot.Paths {
		files[f.String()] = types.StringValue(path)
	}
	m.BootFiles = types.MapValueMust(types.StringType, files)
	m.Software = listOf(snapshot.Software())
	m.Login = loginValue(facts.Login)
	m.Warnings = listOf(facts.Warnings())
	return nil
}

func loginValue(l firewall.Login) types.Object {
	if l.IsZero() {
		return types.ObjectNull(loginTypes)
	}
	return types.ObjectValueMust(loginTypes, map[string]attr.Value{
		"client_address": types.StringValue(l.Client.Addr().String()),
		"server_address": types.StringValue(l.Server.Addr().String()),
		"server_port":    types.Int64Value(int64(l.Server.Port())),
		"interface":      orNull(l.Interface),
	})
}
