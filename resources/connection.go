package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// A Connection is where a host is and who logs in there: what the state may keep of it. This
// machine is the address "local" without port and user. The zero Connection is none.
type Connection struct {
	Address string
	Port    int
	User    string
}

// SamePlace reports whether two connections lead to the same sshd, whoever logs in.
func (c Connection) SamePlace(o Connection) bool { return c.Address == o.Address && c.Port == o.Port }

var connectionTypes = map[string]attr.Type{
	"address": types.StringType,
	"port":    types.Int64Type,
	"user":    types.StringType,
}

// connectionAttribute is the computed attribute `connection` of every resource.
func connectionAttribute() schema.SingleNestedAttribute {
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

// value is the connection as the state keeps it.
func (c Connection) value() types.Object {
	if c == (Connection{}) {
		return types.ObjectNull(connectionTypes)
	}
	port, user := types.Int64Null(), types.StringNull()
	if c.Port != 0 {
		port = types.Int64Value(int64(c.Port))
	}
	if c.User != "" {
		user = types.StringValue(c.User)
	}
	return types.ObjectValueMust(connectionTypes, map[string]attr.Value{
		"address": types.StringValue(c.Address), "port": port, "user": user,
	})
}

// connectionOf reads back what value wrote; null and unknown are the zero Connection.
func connectionOf(ctx context.Context, o types.Object, diags *diag.Diagnostics) Connection {
	if o.IsNull() || o.IsUnknown() {
		return Connection{}
	}
	var model struct {
		Address types.String `tfsdk:"address"`
		Port    types.Int64  `tfsdk:"port"`
		User    types.String `tfsdk:"user"`
	}
	diags.Append(o.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	return Connection{model.Address.ValueString(), int(model.Port.ValueInt64()), model.User.ValueString()}
}
