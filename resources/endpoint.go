package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// An Endpoint is where a host is and who logs in there: what the state may keep of it. This
// machine is the address "local" without port and user. The zero Endpoint is none.
type Endpoint struct {
	Address string
	Port    int
	User    string
}

// SamePlace reports whether two endpoints are the same sshd, whoever logs in.
func (e Endpoint) SamePlace(o Endpoint) bool { return e.Address == o.Address && e.Port == o.Port }

var endpointTypes = map[string]attr.Type{
	"address": types.StringType,
	"port":    types.Int64Type,
	"user":    types.StringType,
}

// endpointAttribute is the computed attribute `endpoint` of every resource.
func endpointAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Where `host` led when it was last read: what is kept in the state so that the resource can " +
			"still be destroyed after the host has left `hosts` in the provider. No secrets.",
		Computed: true,
		Attributes: map[string]schema.Attribute{
			"address": schema.StringAttribute{MarkdownDescription: "Name or IP address.", Computed: true},
			"port":    schema.Int64Attribute{MarkdownDescription: "Port of sshd; null for `local`.", Computed: true},
			"user":    schema.StringAttribute{MarkdownDescription: "User who logs in; null for `local`.", Computed: true},
		},
	}
}

// value is the endpoint as the state keeps it.
func (e Endpoint) value() types.Object {
	if e == (Endpoint{}) {
		return types.ObjectNull(endpointTypes)
	}
	port, user := types.Int64Null(), types.StringNull()
	if e.Port != 0 {
		port = types.Int64Value(int64(e.Port))
	}
	if e.User != "" {
		user = types.StringValue(e.User)
	}
	return types.ObjectValueMust(endpointTypes, map[string]attr.Value{
		"address": types.StringValue(e.Address), "port": port, "user": user,
	})
}

// endpointOf reads back what value wrote; null and unknown are the zero Endpoint.
func endpointOf(ctx context.Context, o types.Object, diags *diag.Diagnostics) Endpoint {
	if o.IsNull() || o.IsUnknown() {
		return Endpoint{}
	}
	var model struct {
		Address types.String `tfsdk:"address"`
		Port    types.Int64  `tfsdk:"port"`
		User    types.String `tfsdk:"user"`
	}
	diags.Append(o.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	return Endpoint{model.Address.ValueString(), int(model.Port.ValueInt64()), model.User.ValueString()}
}
