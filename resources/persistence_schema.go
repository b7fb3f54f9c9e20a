package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

func persistenceSchema() schema.Schema {
	attributes := withCommon(map[string]schema.Attribute{
		"mechanism": schema.StringAttribute{
			MarkdownDescription: "What restores the firewall at boot: `netfilter-persistent` (package iptables-persistent of Debian and Ubuntu), " +
				"`iptables-services` (RHEL and its kin, Arch), `openrc` (the iptables service of Alpine and Gentoo), `systemd-unit` (a small unit of this " +
				"provider's own; on hosts without systemd it is an OpenRC service or a SysV script), `none` (nothing: confirmed changes are not saved on this " +
				"host, whoever makes them). `auto` (the default) takes what is installed, else `systemd-unit`. Packages are never installed.",
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(firewall.AutoMechanism),
		},
		"backups": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("How many earlier versions of each file are kept, as `rules.v4.bak-2026-11-22T101500Z` (UTC). Default %d.",
				firewall.DefaultBackups),
			Optional: true,
			Computed: true,
			Default:  int64default.StaticInt64(firewall.DefaultBackups),
		},
		"backup_dir": schema.StringAttribute{
			MarkdownDescription: "Where they are kept, an absolute path on the host. Default: beside the file.",
			Optional:            true,
		},
		"files": schema.ListAttribute{
			MarkdownDescription: "The files that are restored at boot, IPv4 first.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"enabled": schema.BoolAttribute{
			MarkdownDescription: "Whether everything is enabled that restores them. A service that was disabled by hand shows in the plan as " +
				"`false -> true`, and an apply enables it again.",
			Computed: true,
		},
		"in_sync": schema.BoolAttribute{
			MarkdownDescription: "Whether the files hold what is in force, that of the IP sets too, apart from the rules and sets of Docker, fail2ban and the like, " +
				"which make their own anew. A file that was edited, or rules that were changed by hand, show in the plan as `false -> true`, and an apply saves what is in force.",
			Computed: true,
		},
	})
	delete(attributes, "rules")
	attributes["id"] = schema.StringAttribute{MarkdownDescription: "The import ID: the host.", Computed: true}
	return schema.Schema{
		MarkdownDescription: "The host keeps its firewall over a reboot: it is restored before the network comes up.\n\n" +
			"What the host has for that is enabled; where it has nothing, a small unit is installed under `/etc/terraform-provider-iptables`. That unit also " +
			"watches over the distribution's own: if a file cannot be restored at boot, the host comes up closed but reachable (established connections, " +
			"loopback, ICMP and ssh), never open. IP sets are restored before the rules.\n\n" +
			"The file is written when this resource is created, and again after each change that was confirmed. Each time the file before it is kept. " +
			"`terraform-provider-iptables restore HOST` lists these backups and puts one back.\n\n" +
			"It also holds the backend: if `iptables` on the host is switched to the other one, the rules are still looked for where they are.\n\n" +
			"A host has one. Destroying it brings back the files and services that were there before it; what else is changed in that run is not saved. " +
			"In later runs the host is as one that never had it: changes are saved where a service that is enabled restores them, and nowhere else.",
		Attributes: attributes,
	}
}
