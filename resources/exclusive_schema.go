package resources

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func exclusiveSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The promise that a chain holds certain lines and no others. The lines are those of other resources, taken from their `rules`; " +
			"whatever else stands in the chain shows in the next plan as a line to be removed, and an apply removes it.\n\n" +
			"It puts no line there itself, so it is in nobody's way: a service that is made in the same apply may come before it or after. A line of a " +
			"resource that is missing in `rules` is an error that names both. It says nothing of order, which is the resources' own, nor of the chain's " +
			"policy. Destroying it changes nothing on the host.",
		Attributes: withHost(map[string]schema.Attribute{
			"table": tableAttribute(),
			"chain": schema.StringAttribute{
				MarkdownDescription: "The chain, built-in or one that is there.",
				Required:            true,
			},
			"families": familiesAttribute("both"),
			"rules": schema.SetAttribute{
				MarkdownDescription: "The lines that may be there, as other resources have them in `rules`: `concat(iptables_service.ssh.rules, " +
					"iptables_default_policy.input.rules)`. Lines of other chains, and policies, count for nothing. A line without a command in front is for " +
					"both families.",
				ElementType: types.StringType,
				Required:    true,
			},
			"ignore": ignoreAttribute(),
			"mode": schema.StringAttribute{
				MarkdownDescription: "`enforce` (the default) removes all other lines, `report` only warns of them.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("enforce"),
				Validators:          []validator.String{stringvalidator.OneOf("enforce", "report")},
			},
			"force_foreign": forceForeignAttribute(),
			"unmanaged": schema.ListAttribute{
				MarkdownDescription: "The lines that stand in the chain and should not, as `iptables -S` prints them, each led by its command. A plan shows them as " +
					"elements that go. With `mode = \"report\"` they stay here as long as they are on the host.",
				ElementType: types.StringType,
				Computed:    true,
			},
		}),
	}
}

func exclusiveIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host":   identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"chain":  identityschema.StringAttribute{Description: "The chain.", RequiredForImport: true},
		"table":  identityschema.StringAttribute{Description: "Its table. Default filter.", OptionalForImport: true},
		"family": identityschema.StringAttribute{Description: "ipv4 or ipv6; null for both.", OptionalForImport: true},
	}}
}
