package resources

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func serviceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "One service that may, or may not, be reached: `ssh` from the office, `https` for everyone. There is one rule for each " +
			"family, source and port, so that in a plan one more port is one more `+`.\n\n" +
			"New rules go in front of the chain's catch-all (an unconditional `DROP`, `REJECT` or jump at its end); rules of others stay where they " +
			"are. Changes are made in place, in one payload: the host is never without the rule. A rule that was deleted by hand, edited, or moved " +
			"to where it no longer works shows in the next plan as one to be added.",
		Attributes: withCommon(serviceAttributes()),
	}
}

// serviceAttributes say what a service is, wherever it stands.
func serviceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the service: one of the catalogue, which knows its ports (`ssh`, `https`, `dns`, `postgresql`, ...; the function " +
				"`service` lists them), or with `ports` any other. It is also the comment of the rules. Default: no name, and no comment.",
			Optional: true,
		},
		"ports": schema.SetAttribute{
			MarkdownDescription: "Ports with their protocol: `\"8080/tcp\"`, `\"9000-9100/udp\"`, or a protocol alone: `\"esp\"`, `\"icmp\"`. Default: " +
				"those that the catalogue knows for `name`.",
			ElementType: types.StringType,
			Optional:    true,
			Computed:    true,
		},
		"action": schema.StringAttribute{
			MarkdownDescription: "`accept` (the default), `drop` (no answer) or `reject` (the answer of a closed port).",
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString("accept"),
		},
		"sources": schema.SetAttribute{
			MarkdownDescription: "Who may connect: addresses (`\"203.0.113.7\"`), networks (`\"2001:db8::/32\"`) and ipsets of the host " +
				"(`\"set:office\"`). Default: everyone. An empty set is an error, since it would open to all what was meant for none.",
			ElementType: types.StringType,
			Optional:    true,
		},
		"destination": schema.StringAttribute{
			MarkdownDescription: "Address or network of the host that is connected to. Default: all of its addresses.",
			Optional:            true,
		},
		"interface": schema.StringAttribute{
			MarkdownDescription: "Network interface by which packets come in (in chain `OUTPUT`: go out); `\"eth+\"` means all that begin with `eth`. " +
				"Default: any.",
			Optional: true,
		},
		"families": familiesAttribute("those of `sources` and `destination`, else both"),
		"chain": schema.StringAttribute{
			MarkdownDescription: "Chain of the table `filter` that the rules stand in. Default `INPUT`. Another chain must exist.",
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(defaultChain),
		},
		"priority":      priorityAttribute(),
		"rate_limit":    rateLimitAttribute(),
		"log":           logAttribute(),
		"force_foreign": forceForeignAttribute(),
		"comment": schema.StringAttribute{
			MarkdownDescription: "Comment of the rules on the host, at most 255 bytes. Default: `name`.",
			Optional:            true,
		},
	}
}

func rateLimitAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Bounds how many new connections are accepted; those above the rate are dropped, whatever other rules say. Connections that " +
			"are open are not slowed down.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"rate": schema.StringAttribute{
				MarkdownDescription: "How many: `\"10/minute\"`; units are `second`, `minute`, `hour` and `day`.",
				Required:            true,
			},
			"burst": schema.Int64Attribute{
				MarkdownDescription: "How many may come at once before the rate counts. Default `5`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(1, 10000)},
			},
			"per_source": schema.BoolAttribute{
				MarkdownDescription: "Whether each source has the rate to itself (an IPv4 address, an IPv6 /64). Default `false`: one rate for all together.",
				Optional:            true,
			},
		},
	}
}

func logAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Makes the kernel log each new connection. `log = {}` takes the defaults.",
		Optional:            true,
		Attributes:          logAttributes("the name, a colon and a blank"),
	}
}

// logAttributes are what every log has; prefix is the default of the attribute of that name.
func logAttributes(prefix string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"prefix": schema.StringAttribute{
			MarkdownDescription: "What a line of the log begins with, at most 29 bytes. Default: " + prefix + ".",
			Optional:            true,
		},
		"level": schema.StringAttribute{
			MarkdownDescription: "Syslog level, `emerg` to `debug`. Default `warning`.",
			Optional:            true,
		},
	}
}

func serviceIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"service": identityschema.StringAttribute{
			Description:       "The service's name (the comment of its rules), a port of it such as 22/tcp, or a line of it.",
			RequiredForImport: true,
		},
		"chain": identityschema.StringAttribute{Description: "The chain. Default INPUT.", OptionalForImport: true},
	}}
}
