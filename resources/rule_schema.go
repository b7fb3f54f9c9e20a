package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func ruleSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Any single rule of any table, written as arguments of iptables: whatever iptables accepts. For what a service is, " +
			"`iptables_service` says it shorter.\n\n" +
			"A rule of the table `filter` goes in front of the chain's catch-all; rules of others stay where they are. Changes are made in place, in one " +
			"payload. `--dport https` and `--dport 443` are one rule: another spelling makes no difference in a plan.",
		Attributes: withCommon(map[string]schema.Attribute{
			"table": tableAttribute(),
			"chain": schema.StringAttribute{
				MarkdownDescription: "The chain, built-in or one that is there: `INPUT`, `PREROUTING`, `DOCKER-USER`. At most 28 bytes.",
				Required:            true,
			},
			"families": familiesAttribute("that of the addresses in `spec`, else both"),
			"spec": schema.StringAttribute{
				MarkdownDescription: "What follows `iptables -A CHAIN`, quoted as iptables-save quotes: `-p tcp --dport 22 -s 203.0.113.0/24 -m comment --comment " +
					"\"office\" -j ACCEPT`. A list of addresses makes one rule for each.",
				Required: true,
			},
			"priority":      priorityAttribute(),
			"force_foreign": forceForeignAttribute(),
		}),
	}
}

func ruleIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"rule": identityschema.StringAttribute{
			Description: "The rule as iptables -S prints it (-A INPUT -p tcp ...), behind -t TABLE for a table other than filter, and behind " +
				"iptables or ip6tables where it is for one family only.",
			RequiredForImport: true,
		},
	}}
}
