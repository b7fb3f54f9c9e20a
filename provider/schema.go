package provider

import (
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const description = "Manages the iptables firewall of any Linux host that you can reach by SSH. Nothing is installed on the hosts.\n\n" +
	"* **It cannot lock you out.** Every change arms a timer on the host that takes the change back, and only a new SSH login through the " +
	"changed firewall disarms it; a change that provably takes nothing away needs no login.\n" +
	"* **The plan is the truth.** A plan shows the exact lines that `iptables -S` will print on the host.\n" +
	"* **A host costs one read and one write**, however many resources it has.\n\n" +
	"Configuring does no I/O; a host is contacted when a resource on it is first read or planned. Values of the provider block may be unknown " +
	"while planning, and ephemeral: no secret ever reaches the state."

// Schema as Terraform and its documentation see it.
func providerSchema() schema.Schema {
	attributes := attributesOf(optionSettings)
	maps.Copy(attributes, attributesOf(rootSettings))
	maps.Copy(attributes, attributesOf(hostSettings))
	attributes["ssh"] = schema.SingleNestedAttribute{
		MarkdownDescription: "How to log in, on every host that does not say otherwise in `hosts`.",
		Optional:            true,
		Attributes:          attributesOf(sshSettings),
	}
	attributes["hosts"] = schema.MapNestedAttribute{
		MarkdownDescription: "Hosts by the name that resources call them in `host`, with the settings in which they differ from `ssh`, `privilege`, " +
			"`sudo_password`, `backend` and `persist`. A host that needs nothing of its own need not be listed: `host` also takes `user@address:port`.",
		Optional:     true,
		Validators:   []validator.Map{mapvalidator.KeysAre(hostName{})},
		NestedObject: schema.NestedAttributeObject{Attributes: hostAttributes()},
	}
	return schema.Schema{MarkdownDescription: description, Attributes: attributes}
}

func hostAttributes() map[string]schema.Attribute {
	attributes := attributesOf(sshSettings)
	maps.Copy(attributes, attributesOf(rootSettings))
	maps.Copy(attributes, attributesOf(hostSettings))
	attributes["address"] = schema.StringAttribute{
		MarkdownDescription: "Name or IP address; with `ssh_config` an alias. Default: the key of the map.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	return attributes
}

// attributesOf are the attributes for settings, documentation and validation included.
func attributesOf[T any](settings []setting[T]) map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(settings))
	for _, s := range settings {
		attributes[s.name] = s.attribute()
	}
	return attributes
}

func (s setting[T]) attribute() schema.Attribute {
	text := s.description + " Environment: `" + s.environment + "`."
	switch s.kind {
	case number:
		low, high := int64(1), int64(65535)
		if !strings.HasSuffix(s.name, "port") {
			high = maxConnections
		}
		return schema.Int64Attribute{
			MarkdownDescription: text, Optional: true, Sensitive: s.sensitive,
			Validators: []validator.Int64{int64validator.Between(low, high)},
		}
	case truth:
		return schema.BoolAttribute{MarkdownDescription: text, Optional: true, Sensitive: s.sensitive}
	case paths:
		return schema.ListAttribute{MarkdownDescription: text, Optional: true, Sensitive: s.sensitive, ElementType: types.StringType}
	default:
		return schema.StringAttribute{MarkdownDescription: text, Optional: true, Sensitive: s.sensitive, Validators: s.validators()}
	}
}

func (s setting[T]) validators() []validator.String {
	switch {
	case s.oneOf != nil:
		return []validator.String{stringvalidator.OneOf(s.oneOf...)}
	case s.duration:
		return []validator.String{isDuration{}}
	}
	return nil
}
