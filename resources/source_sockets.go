package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewListeningSocketsSource is the data source iptables_listening_sockets.
func NewListeningSocketsSource() datasource.DataSource {
	return &source[socketsModel]{
		name:   "listening_sockets",
		schema: socketsSchema,
		host:   func(m *socketsModel) string { return m.Host.ValueString() },
		read:   readSockets,
	}
}

type socketsModel struct {
	Host        types.String  `tfsdk:"host"`
	Sockets     []socketModel `tfsdk:"sockets"`
	SilentPorts []silentModel `tfsdk:"silent_ports"`
}

type socketModel struct {
	Protocol      types.String `tfsdk:"protocol"`
	Family        types.String `tfsdk:"family"`
	Address       types.String `tfsdk:"address"`
	Port          types.Int64  `tfsdk:"port"`
	Interface     types.String `tfsdk:"interface"`
	Process       types.String `tfsdk:"process"`
	Loopback      types.Bool   `tfsdk:"loopback"`
	ReachableFrom types.String `tfsdk:"reachable_from"`
}

type silentModel struct {
	Ports         types.String `tfsdk:"ports"`
	Family        types.String `tfsdk:"family"`
	ReachableFrom types.String `tfsdk:"reachable_from"`
	Rule          types.String `tfsdk:"rule"`
}

const (
	familyText    = "`\"ipv4\"` or `\"ipv6\"`."
	reachableText = "Whom the firewall lets reach it: `\"world\"` (more than half of all public addresses; single bans make no difference), " +
		"`\"some\"`, `\"none\"` (nobody but the host itself), or `\"unknown\"` where nobody does for certain, and perhaps somebody, which depends on more " +
		"than addresses and ports. Limits of rate count as not reached. What is between the host and the world, such as another firewall or private " +
		"addresses, is not known here."
)

func socketsSchema() schema.Schema {
	sockets := computed(map[string]string{
		"protocol":       "`\"tcp\"` or `\"udp\"`.",
		"family":         familyText + " What listens in both is listed once for each.",
		"address":        "The address: `0.0.0.0` or `::` for all of the host's.",
		"interface":      "The interface that it is bound to. Null for all.",
		"process":        "The name of the program, or of several with `, ` between them. Null where it is not known.",
		"reachable_from": reachableText,
	})
	sockets["port"] = schema.Int64Attribute{MarkdownDescription: "The port.", Computed: true}
	sockets["loopback"] = schema.BoolAttribute{MarkdownDescription: "Whether it listens for the host itself only, whatever the firewall says.", Computed: true}
	return schema.Schema{
		MarkdownDescription: "What listens on a host, and whom its firewall lets reach it; and ports that the firewall lets reach, on which nothing " +
			"listens. One session more on the same connection tells the first, by `ss` or, without it, by the kernel's tables.",
		Attributes: map[string]schema.Attribute{
			"sockets": schema.ListNestedAttribute{
				MarkdownDescription: "What listens, sorted by protocol, port, family and address.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: sockets},
			},
			"silent_ports": schema.ListNestedAttribute{
				MarkdownDescription: "Ports of TCP and UDP that a rule for incoming packets accepts by number, that somebody reaches, and on which nothing listens.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: computed(map[string]string{
					"ports":          "The port or range, as services write it: `8080/tcp`, `9000-9100/udp`.",
					"family":         familyText,
					"reachable_from": "As for sockets; of a range that of its first port.",
					"rule":           "The first line that accepts it.",
				})},
			},
		},
	}
}

func readSockets(ctx context.Context, host *Host, snapshot *firewall.Snapshot, m *socketsModel, _ *diag.Diagnostics) error {
	sockets, err := host.Sockets(ctx)
	if err != nil {
		return err
	}
	exposure := firewall.NewExposure(snapshot)
	m.Sockets, m.SilentPorts = []socketModel{}, []silentModel{}
	for _, s := range sockets {
		m.Sockets = append(m.Sockets, socketModel{
			Protocol: types.StringValue(s.Protocol), Family: types.StringValue(s.Family.String()),
			Address: types.StringValue(s.Address.String()), Port: types.Int64Value(int64(s.Port)),
			Interface: orNull(s.Interface), Process: orNull(s.Process), Loopback: types.BoolValue(s.Loopback()),
			ReachableFrom: types.StringValue(exposure.ReachableFrom(s)),
		})
	}
	for _, s := range exposure.Silent(sockets) {
		m.SilentPorts = append(m.SilentPorts, silentModel{
			Ports: types.StringValue(s.Ports()), Family: types.StringValue(s.Family.String()),
			ReachableFrom: types.StringValue(s.ReachableFrom), Rule: types.StringValue(s.Line.Text(snapshot.Facts.Dialect(s.Family))),
		})
	}
	return nil
}
