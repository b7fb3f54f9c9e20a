package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func rulesetSchema() schema.Schema {
	text := func(command, family string) schema.Attribute {
		return schema.StringAttribute{
			MarkdownDescription: "What `" + command + "` prints, as from `file()`: whole tables, each from `*filter` to `COMMIT`. Comments, counters and spelling make " +
				"no difference. Default: " + family + " is not managed. It is no secret, but a plan shows it as `(sensitive value)`: what changes stands " +
				"in `added` and `removed`, line by line.",
			Optional:  true,
			Sensitive: true,
		}
	}
	return schema.Schema{
		MarkdownDescription: "Whole tables from iptables-save text, for rulesets that are kept as files. The tables that a text names are owned whole: chains and lines " +
			"that it does not have go, apart from those of other software, which stay to the byte (see `ignore`). Its own chains of Docker and the like, " +
			"as a text has them that was saved on a host, are passed over, and so are the jumps to them.\n\n" +
			"A change is one commit, however long the text is, and no more than the difference: lines that stay keep their counters. Text that means the same " +
			"makes no difference in a plan.\n\n" +
			"Other resources can have no lines in these tables; that is an error that names both.\n\n" +
			"Destroying it takes the lines and chains of the text away; policies that the text sets become `ACCEPT`.",
		Attributes: withHost(map[string]schema.Attribute{
			"ipv4": text("iptables-save", "IPv4"),
			"ipv6": text("ip6tables-save", "IPv6"),
			"tables": schema.SetAttribute{
				MarkdownDescription: "The tables that are owned, in each family that has a text. One that no text names is emptied. Default: those that the text of the " +
					"family names.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"ignore":        ignoreAttribute(),
			"force_foreign": forceForeignAttribute(),
			"added": schema.ListAttribute{
				MarkdownDescription: "In a plan: the lines that the apply will add, as `iptables -S` prints them, each led by its command. Empty after the next refresh.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"removed": schema.ListAttribute{
				MarkdownDescription: "In a plan: the lines that the apply will remove, in the same form.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		}),
	}
}

func rulesetIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"tables": identityschema.StringAttribute{
			Description:       "The tables as iptables-save begins them, `*filter *nat`, behind iptables or ip6tables where it is for one family only.",
			RequiredForImport: true,
		},
	}}
}
