package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func firewallSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A host's whole inbound firewall in one resource: its services, what happens with everything else, and (by choice) nothing " +
			"else. It is the way for fleets: Terraform's own cost grows with the number of resources, and all of a host's rules change in one " +
			"payload, the default policy with the services that it must not shut out.\n\n" +
			"One more service is one more `+` block in a plan, in `services` and in `rules`; the others show no difference. Rules of others stay where they " +
			"are. What was changed by hand shows in the next plan, under the service that it belongs to.\n\n" +
			"`iptables_service` and `iptables_default_policy` are the same in small pieces, for a host whose rules are made in several places. A " +
			"`moved` block makes a firewall of a default policy, and a default policy of a firewall; the services are found on the host. The example " +
			"`consolidate` shows both ways.",
		Attributes: withHost(map[string]schema.Attribute{
			"services": schema.MapNestedAttribute{
				MarkdownDescription: "The services, by name. The attributes are those of `iptables_service`: `services = { ssh = { sources = [\"203.0.113.0/24\"] }, https = " +
					"{} }`. A key that is a port (`\"22/tcp\"`) stands for a service without name, whose rules have no comment. Default: none.",
				Optional: true,
				// The framework asks for this type at every attribute of every service, several times a plan, and would make it anew.
				NestedObject: schema.NestedAttributeObject{Attributes: keyedServiceAttributes(), CustomType: serviceType},
			},
			"default_policy": schema.SingleNestedAttribute{
				MarkdownDescription: "What happens with everything that no rule decided. The attributes are those of `iptables_default_policy`. Default: the policy " +
					"stays as it is on the host. Once it is left out again, the chain gets back what it had before, as if the resource was destroyed.",
				Optional:   true,
				Attributes: wholePolicyAttributes(),
			},
			"exclusive": schema.BoolAttribute{
				MarkdownDescription: "Whether the chain `INPUT` holds nothing else. Lines that are not of this resource then show in `unmanaged`, and an apply takes them " +
					"away. Lines of Docker, fail2ban and the like stay, as do those that `ignore` names. Default `false`: lines of others stay.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"ignore": schema.SetAttribute{
				MarkdownDescription: "Lines of others that stay where `exclusive` is set. A pattern with a blank is one of whole lines, as `iptables -S` prints them " +
					"(`\"-A INPUT -s 192.0.2.* *\"`); any other is one of chains, to which lines may jump (`\"team-*\"`). `*` stands for any text, `?` for one " +
					"character. Default: none.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"rules": schema.MapAttribute{
				MarkdownDescription: "The exact lines of each service, by the keys of `services`, as `iptables -S` and `ip6tables -S` print them on this host, each led by " +
					"its command. In a plan they are known whenever the configuration is. After a refresh they are those that are in force.",
				ElementType: linesType,
				Computed:    true,
			},
			"policy_rules": schema.ListAttribute{
				MarkdownDescription: "The lines of the default policy, likewise.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"unmanaged": schema.ListAttribute{
				MarkdownDescription: "Lines of the chain `INPUT` that should not be there, where `exclusive` is set; null where it is not. A plan shows them as lines to be " +
					"removed.",
				ElementType: types.StringType,
				Computed:    true,
			},
		}),
	}
}

// keyedServiceAttributes are those of a service in a map.
func keyedServiceAttributes() map[string]schema.Attribute {
	attributes := serviceAttributes()
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Name of the service: one of the catalogue, which knows its ports (`ssh`, `https`, `dns`, `postgresql`, ...; the function " +
			"`service` lists them), or with `ports` any other. It is also the comment of the rules. Default: the key.",
		Optional: true,
	}
	return attributes
}

// wholePolicyAttributes are those of a policy in a firewall, which is not replaced for another chain.
func wholePolicyAttributes() map[string]schema.Attribute {
	attributes := policyAttributes()
	attributes["chain"] = schema.StringAttribute{
		MarkdownDescription: "`INPUT` (the default), `FORWARD` or `OUTPUT`.",
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(defaultChain),
	}
	return attributes
}

func firewallIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
	}}
}
