package resources

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

func chainSchema() schema.Schema {
	attributes := withHost(map[string]schema.Attribute{
		"table": tableAttribute(),
		"name": schema.StringAttribute{
			MarkdownDescription: "The chain: one of your own, at most 28 bytes, or a built-in one (`INPUT`, `FORWARD`, `PREROUTING`). A new name moves the " +
				"chain without a gap: in one payload the new chain comes, all jumps follow to it, as with `iptables -E`, and the old one goes.",
			Required:      true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(betweenBuiltIn, "", "")},
		},
		"families": familiesAttribute("both"),
		"rules": schema.ListAttribute{
			MarkdownDescription: "All rules of the chain, in their order, each as it follows `iptables -A CHAIN`: `-p tcp --dport 22 -s 203.0.113.0/24 -j ACCEPT`. " +
				"One that names addresses is for their family, any other for both; begin it with `-4` or `-6` if it is for one only. Another spelling of the " +
				"same rules makes no difference in a plan.",
			ElementType: types.StringType,
			Required:    true,
		},
		"jump_from": schema.SingleNestedAttribute{
			MarkdownDescription: "The line by which packets get into the chain. It is made and destroyed with the chain. Default: none; other rules jump there " +
				"(`spec = \"-j ${iptables_chain.x.name}\"`).",
			Optional: true,
			Attributes: map[string]schema.Attribute{
				"chain": schema.StringAttribute{
					MarkdownDescription: "The chain of the same table that it stands in: `INPUT`.",
					Required:            true,
				},
				"position": schema.StringAttribute{
					MarkdownDescription: "Where it is put. `first`: in front of everything. `last`: in front of the chain's catch-all, behind all else. A number: there, " +
						"as `iptables -I` counts. Default: where `iptables_rule` would put such a line, which for one without conditions is in front of the " +
						"catch-all. A jump that no longer stands first or last is drift, but other jumps may stand in front of the first: fail2ban puts its " +
						"own there each time that it starts. A number says nothing about where the line is later.",
					Optional: true,
				},
				"spec": schema.StringAttribute{
					MarkdownDescription: "Which packets go there: `-i eth0 -p tcp`. Default: all.",
					Optional:            true,
				},
			},
		},
		"policy": schema.StringAttribute{
			MarkdownDescription: "Of a built-in chain: what it does with packets that no rule decides on, `ACCEPT` or `DROP`. Default: it stays as it is. " +
				"Destroying the resource gives the chain back the policy that was found.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf("ACCEPT", "DROP")},
		},
		"ignore":        ignoreAttribute(),
		"force_foreign": forceForeignAttribute(),
		"lines": schema.ListAttribute{
			MarkdownDescription: "The exact lines, as `iptables -S` and `ip6tables -S` print them on this host, each led by its command: policy, chain, rules, jump. " +
				"After a refresh they are those that the host has, so a line that was added by hand shows up as one to be removed.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"previous_policy": schema.MapAttribute{
			MarkdownDescription: "The policy of a built-in chain that was found when `policy` was set first, by family.",
			ElementType:         types.StringType,
			Computed:            true,
		},
	})
	return schema.Schema{
		MarkdownDescription: "One chain with all its rules in their order, owned whole: a line that was added by hand is drift, and the next apply takes it away. " +
			"A change is made in one payload; lines that stay keep their counters.\n\n" +
			"Lines of other resources cannot stand in it: `iptables_service` with `chain = iptables_chain.x.name` is an error that names both. For a chain that " +
			"others fill, `iptables_exclusive_rules` says what may be there.\n\n" +
			"Destroying it deletes the chain and the jump that it made. As long as other lines jump to it, that is refused, and they are named. A built-in " +
			"chain loses its rules and gets back its policy.\n\n" +
			"What other software puts into a built-in chain stays where it is: see `ignore`.",
		Attributes: attributes,
	}
}

// betweenBuiltIn replaces the resource where its chain is, or becomes, a built-in one: that
// cannot be moved, and gets back its policy.
func betweenBuiltIn(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	for _, name := range []string{req.StateValue.ValueString(), req.PlanValue.ValueString()} {
		resp.RequiresReplace = resp.RequiresReplace || slices.Contains([]string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}, name)
	}
}

func tableAttribute() schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: "`filter` (the default), `nat`, `mangle`, `raw` or `security`.",
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(defaultTable),
	}
}

func ignoreAttribute() schema.Attribute {
	return schema.SetAttribute{
		MarkdownDescription: "Patterns of what is left alone; `*` stands for any text, `?` for one character. One with a blank is a pattern of whole lines as " +
			"`iptables -S` prints them (`-A INPUT -s 10.*`), any other of chains: these stay, and so do the jumps to them. Default: none besides what other " +
			"software is known to put there, which always stays: its chains, the jumps to them, and lines by which it can be told. That is known of " +
			strings.Join(firewall.Owners(), ", ") + ". `force_foreign` counts that in.",
		ElementType: types.StringType,
		Optional:    true,
	}
}

func chainIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host":   identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"name":   identityschema.StringAttribute{Description: "The chain.", RequiredForImport: true},
		"table":  identityschema.StringAttribute{Description: "Its table. Default filter.", OptionalForImport: true},
		"family": identityschema.StringAttribute{Description: "ipv4 or ipv6; null for both.", OptionalForImport: true},
	}}
}
