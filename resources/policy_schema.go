package resources

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func policySchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "What a built-in chain of the table `filter` does with everything that no rule decided: usually `DROP` for `INPUT`. Loopback, " +
			"established connections and the ICMP without which networks break are kept alive.\n\n" +
			"Let it depend on the service that allows ssh (`depends_on`): a change that would drop the SSH connection by which it is made is " +
			"refused. Destroying it gives the chain back the policy that was found when it was created.",
		Attributes: withCommon(policyAttributes()),
	}
}

// policyAttributes say what a default policy is, wherever it stands.
func policyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"chain": schema.StringAttribute{
			MarkdownDescription: "`INPUT` (the default), `FORWARD` or `OUTPUT`. Another chain replaces the resource.",
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(defaultChain),
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"policy": schema.StringAttribute{
			MarkdownDescription: "`DROP` (no answer), `REJECT` (the answer of a closed port) or `ACCEPT`.",
			Required:            true,
		},
		"method": schema.StringAttribute{
			MarkdownDescription: "How: `policy` sets the chain's policy (`iptables -P`), `rule` puts a rule without conditions at the chain's end and leaves " +
				"the policy as it is. Default: `policy`, and `rule` for `REJECT`, which the kernel does not have as a policy.",
			Optional: true,
			Computed: true,
		},
		"families": familiesAttribute("both"),
		"loopback": schema.BoolAttribute{
			MarkdownDescription: "Whether everything on the interface `lo` is accepted. Default `true`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		"established": schema.BoolAttribute{
			MarkdownDescription: "Whether packets of connections that are open already are accepted, and what belongs to them. Default `true`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		"icmp": schema.StringAttribute{
			MarkdownDescription: "Which ICMP is accepted: `essential` (the default: errors, such as packet-too-big), `ping` (those and echo requests), `all` or " +
				"`none`. For IPv6 neighbour discovery, router advertisements, packet-too-big and DHCPv6 are always kept: without them a host loses its " +
				"address.",
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString("essential"),
		},
		"ping_rate": schema.StringAttribute{
			MarkdownDescription: "At most so many echo requests are answered, with `icmp = \"ping\"`: `\"5/second\"`. Default: no bound.",
			Optional:            true,
		},
		"drop_invalid": schema.BoolAttribute{
			MarkdownDescription: "Whether packets that belong to no connection and begin none are dropped. Default `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		"log": policyLogAttribute(),
		"on_destroy": schema.StringAttribute{
			MarkdownDescription: "What the chain's policy becomes when the resource is destroyed: `restore` (the default) is the one found at creation, in " +
				"`previous_policy`; `accept` opens the chain. To use it, apply it first and destroy then.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString("restore"),
			Validators: []validator.String{stringvalidator.OneOf("restore", "accept")},
		},
		"previous_policy": schema.MapAttribute{
			MarkdownDescription: "The chain's policy that was found when the resource was created or imported, by family.",
			ElementType:         types.StringType,
			Computed:            true,
		},
	}
}

func policyLogAttribute() schema.Attribute {
	attributes := logAttributes("chain and policy, `INPUT DROP: `")
	attributes["rate"] = schema.StringAttribute{
		MarkdownDescription: "At most so many lines, so that a scan does not fill the disk. Default `10/minute`.",
		Optional:            true,
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Makes the kernel log what the policy refuses. `log = {}` takes the defaults.",
		Optional:            true,
		Attributes:          attributes,
	}
}

func policyIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host":   identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"chain":  identityschema.StringAttribute{Description: "INPUT, FORWARD or OUTPUT.", RequiredForImport: true},
		"family": identityschema.StringAttribute{Description: "ipv4 or ipv6; null for both.", OptionalForImport: true},
		"method": identityschema.StringAttribute{Description: "policy or rule. Default policy.", OptionalForImport: true},
	}}
}
