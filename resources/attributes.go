package resources

import (
	"context"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// withCommon adds the attributes of a resource whose lines are one list.
func withCommon(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["rules"] = schema.ListAttribute{
		MarkdownDescription: "The exact lines, as `iptables -S` and `ip6tables -S` print them on this host, each led by its command. In a plan they " +
			"are known whenever the configuration is; a line with an extension that neither the provider nor the host's iptables can list beforehand is " +
			"known after apply. After a refresh they are those that are in force.",
		ElementType: types.StringType,
		Computed:    true,
	}
	return withHost(attributes)
}

// withHost adds the attributes that all resources have.
func withHost(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["host"] = schema.StringAttribute{
		MarkdownDescription: "The host: a name or an IP address, `user@address:port`, a key of `hosts` in the provider, or `local` for the machine on which " +
			"Terraform runs. An IPv6 address with a port is written `[2001:db8::1]:22`. Moving to another host replaces the resource; another " +
			"name for the same address and port does not.",
		Required:   true,
		Validators: []validator.String{isHost{}},
	}
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The import ID: the host, a blank, and what it is there.",
		Computed:            true,
	}
	attributes["endpoint"] = endpointAttribute()
	return attributes
}

func familiesAttribute(otherwise string) schema.Attribute {
	return schema.SetAttribute{
		MarkdownDescription: "Address families: `\"ipv4\"`, `\"ipv6\"`. Default: " + otherwise + ", as far as the host can manage them.",
		ElementType:         types.StringType,
		Optional:            true,
		Validators: []validator.Set{
			setvalidator.SizeAtLeast(1),
			setvalidator.ValueStringsAre(stringvalidator.OneOf("ipv4", "ipv6")),
		},
	}
}

func priorityAttribute() schema.Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: "Place among the other rules, 0 (first) to 9999 (last). Default: 1000. Rules of one priority need no order, except that those which " +
			"refuse come before those which accept. Where it is set it is written in front of the comment (`--comment \"500 office vpn\"`), so that " +
			"the host itself shows it.",
		Optional: true,
	}
}

func forceForeignAttribute() schema.Attribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether to write into a chain that other software owns (Docker's, fail2ban's, Kubernetes' and so on), which rewrites it " +
			"without asking. Default `false`: that is an error. `DOCKER-USER` is made for others' rules and needs no force.",
		Optional: true,
	}
}

// isHost refuses what cannot name a host in any configuration.
type isHost struct{}

func (isHost) Description(context.Context) string { return "the name of a host, without blanks" }

func (v isHost) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isHost) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	host := req.ConfigValue.ValueString()
	if host == "" || strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a host",
			"It is a name or an address, user@address:port, a key of `hosts` in the provider, or \"local\"; none of them is empty or has blanks.")
	}
}
