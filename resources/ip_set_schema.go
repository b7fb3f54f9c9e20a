package resources

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func ipSetSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An ipset: a list of addresses, networks or ports that rules look into, as fast with a hundred thousand entries as with one. " +
			"`sources = [\"set:${iptables_ip_set.office.name}\"]` of `iptables_service` and `-m set --match-set` in a `spec` refer to it.\n\n" +
			"The host needs the program `ipset` (package `ipset`). A set is made, or swapped for one with the new entries, in the same commit as rules that change " +
			"with it: before rules that need it, in one step for rules that use it, and the host takes it back together with them. Entries and options are " +
			"changed in place, and so is `type` while nobody uses the set, or where the kernel swaps the two types (`bitmap:ip` and `hash:ip`); else the error names " +
			"the rules. A set in use cannot be destroyed. To give it another `name` or another `type` while it is used, make the new one first: " +
			"`lifecycle { create_before_destroy = true }` with the name changed.\n\n" +
			"Entries that the configuration lists stay until they are removed from it. In a set with `timeout` they have no timeout; what rules (`-j SET`) or " +
			"programs add besides runs out by itself, is no drift, and moves over when the set is swapped. An entry without timeout that was added or removed by hand " +
			"is drift. Sets that other software owns (`f2b-*`, `KUBE-*`, `crowdsec-*` and so on) are never touched.",
		Attributes: withHost(map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the set, at most 31 bytes. Another name replaces the resource.",
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "What the set holds: `hash:net` (networks and addresses), `hash:ip` (addresses), `hash:ip,port`, `hash:net,port`, `hash:net,iface`, " +
					"`bitmap:port`, `list:set` (other sets) and the others that ipset knows.",
				Required: true,
			},
			"family": schema.StringAttribute{
				MarkdownDescription: "`\"ipv4\"` (the default) or `\"ipv6\"`, for the types that begin with `hash`, but for `hash:mac`. Rules of the other family cannot refer to it: " +
					"a service with this source, and a rule whose `spec` names it, is for this family only.",
				Optional: true,
				Computed: true,
			},
			"range": schema.StringAttribute{
				MarkdownDescription: "What a bitmap is about: `\"192.0.2.0-192.0.2.255\"`. Default for `bitmap:port`: all ports.",
				Optional:            true,
			},
			"entries": schema.SetAttribute{
				MarkdownDescription: "The entries, as `ipset add` takes them: `\"203.0.113.0/24\"`, `\"203.0.113.7,tcp:443\"`, `\"10.0.0.1-10.0.0.9\"`. Behind one may stand `nomatch` " +
					"(an exception, in types with `net`) and `comment \"text\"`. `10.0.0.1/32` and `10.0.0.1` are one entry. For more than some hundred, use `entries_file`: " +
					"Terraform compares each element with each other, and 5,000 are the most. Default, without `entries_file` as well: entries are the business of " +
					"others, and stay whatever they are.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"entries_file": schema.StringAttribute{
				MarkdownDescription: "A file on the machine where Terraform runs, with one entry a line; empty lines and what follows `#` or `;` are comments. The entries are neither " +
					"in the plan nor in the state: `size`, `digest` and `changes` stand for them. A hundred thousand are no trouble.",
				Optional: true,
			},
			"timeout": schema.Int64Attribute{
				MarkdownDescription: "Seconds after which entries run out that are added on the host without a timeout of their own; `0`: they stay. Default: the set knows no timeouts.",
				Optional:            true,
			},
			"comment": schema.BoolAttribute{
				MarkdownDescription: "Whether entries may have comments. Default `false`.",
				Optional:            true,
			},
			"maxelem": schema.Int64Attribute{
				MarkdownDescription: "The most entries that a hash holds. Default `65536`.",
				Optional:            true,
			},
			"size": schema.Int64Attribute{
				MarkdownDescription: "How many entries the set has that do not run out; null where they are the business of others.",
				Computed:            true,
			},
			"digest": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of these entries in canonical form. It differs from the state's where an entry was added or removed by hand, or in the file.",
				Computed:            true,
			},
			"changes": schema.ListAttribute{
				MarkdownDescription: "With `entries_file`: what the last change of the entries is, or was: `\"- 203.0.113.0/24\"`, `\"+ 198.51.100.0/24\"`, the first fifty of each.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		}),
	}
}

func ipSetIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
		"name": identityschema.StringAttribute{Description: "The set's name.", RequiredForImport: true},
	}}
}
