package resources

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// MoveState serves `moved` blocks from resources of another type. Several resources cannot become
// one: what a host's whole firewall takes over is the default policy, since it alone knows what
// the host was like before. The services are on the host and are found there.
func (r *lines[M, P]) MoveState(context.Context) []resource.StateMover { return r.movers }

// movedFrom makes the state of a resource from that of one of another type.
func movedFrom[S any](name string, source schema.Schema, convert func(*S) (model, error)) resource.StateMover {
	return resource.StateMover{SourceSchema: &source, StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceTypeName, "_"+name) || !strings.HasSuffix(req.SourceProviderAddress, "/iptables") || req.SourceState == nil {
			return
		}
		var from S
		resp.Diagnostics.Append(get(ctx, req.SourceState, &from)...)
		if resp.Diagnostics.HasError() {
			return
		}
		to, err := convert(&from)
		if err != nil {
			resp.Diagnostics.AddError("Could not move the state", explained(err))
			return
		}
		resp.Diagnostics.Append(set(ctx, &resp.TargetState, to)...)
		if resp.TargetIdentity != nil {
			resp.Diagnostics.Append(set(ctx, resp.TargetIdentity, to.identity())...)
		}
	}}
}

// firewallOfPolicy is a firewall that is a default policy and no more yet.
func firewallOfPolicy(from *policyModel) (model, error) {
	m := emptyFirewall()
	m.common = from.common
	m.ID = types.StringValue(m.host() + " " + m.suffix())
	m.DefaultPolicy = encode(policyType, from.policyFields)
	m.PolicyRules = from.Rules
	return m, nil
}

// policyOfFirewall leaves the services where they are: resources that say the same take them over.
func policyOfFirewall(from *firewallModel) (model, error) {
	policy := from.parts().policy
	if policy == nil {
		return nil, errors.New("the firewall has no default_policy; take it out of the state with a `removed` block instead")
	}
	m := &policyModel{common: from.common, listing: listing{from.PolicyRules}, policyFields: *policy}
	m.ID = types.StringValue(m.host() + " " + m.suffix())
	return m, nil
}
