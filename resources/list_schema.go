package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type listSchema = schema.Schema

// Filters that several lists have.
var (
	listHost = schema.StringAttribute{
		MarkdownDescription: "The host: an address, `user@address:port`, or a key of the provider's `hosts`.",
		Required:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	listTable = schema.StringAttribute{MarkdownDescription: "Only those of this table.", Optional: true}
	listChain = schema.StringAttribute{MarkdownDescription: "Only those of this chain.", Optional: true}
	listPort  = schema.StringAttribute{
		MarkdownDescription: "Only those about this destination port: `443`, `443/tcp`.",
		Optional:            true,
	}
)

const allLists = " The lists of `iptables_service`, `iptables_default_policy`, `iptables_chain` and `iptables_rule` " +
	"together name each line of a host once, so that all of them can be imported. Chains of other software (Docker, fail2ban, ufw and their kin) are left out."

func serviceListSchema() listSchema {
	return schema.Schema{
		MarkdownDescription: "Lists the services that a host's rules allow or refuse, each as an import would find it." + allLists,
		Attributes:          map[string]schema.Attribute{"host": listHost, "chain": listChain, "port": listPort},
	}
}

func ruleListSchema() listSchema {
	return schema.Schema{
		MarkdownDescription: "Lists the rules of a host that are no service's, no default policy's and in no chain that is managed whole." + allLists,
		Attributes: map[string]schema.Attribute{
			"host": listHost, "table": listTable, "chain": listChain, "port": listPort,
			"everything": schema.BoolAttribute{
				MarkdownDescription: "Every rule by itself, those of services, policies and chains included. Default `false`.",
				Optional:            true,
			},
			"other_software": schema.BoolAttribute{
				MarkdownDescription: "The rules of other software as well. They are for looking at; who imports them takes them from it. Default `false`.",
				Optional:            true,
			},
		},
	}
}

func chainListSchema() listSchema {
	return schema.Schema{
		MarkdownDescription: "Lists the chains of a host that somebody made, and the built-in chains that are best managed whole (those in which the order of lines " +
			"decides)." + allLists,
		Attributes: map[string]schema.Attribute{"host": listHost, "table": listTable, "chain": listChain},
	}
}

func ipSetListSchema() listSchema {
	return schema.Schema{
		MarkdownDescription: "Lists the ipsets of a host, but for those that other software makes and fills.",
		Attributes:          map[string]schema.Attribute{"host": listHost},
	}
}

func policyListSchema() listSchema {
	return schema.Schema{
		MarkdownDescription: "Lists the default policies of a host that are not to accept." + allLists,
		Attributes:          map[string]schema.Attribute{"host": listHost, "chain": listChain},
	}
}

// readWish reads the filters that the schema has.
func readWish(ctx context.Context, config tfsdk.Config, has listSchema, diags *diag.Diagnostics) wish {
	var w wish
	var host types.String
	for name, into := range map[string]any{
		"host": &host, "table": &w.table, "chain": &w.chain, "port": &w.port,
		"other_software": &w.otherSoftware, "everything": &w.everything,
	} {
		if _, ok := has.Attributes[name]; ok {
			diags.Append(config.GetAttribute(ctx, path.Root(name), into)...)
		}
	}
	w.host = host.ValueString()
	return w
}
