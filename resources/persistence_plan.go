package resources

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// ModifyPlan plans a host that restores what is in force: what a refresh found otherwise is
// shown as a change.
func (r *persistence) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.hosts == nil || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state persistenceModel
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	last, moves := endpointOf(state.Endpoint), exists && !plan.Host.Equal(state.Host)
	from := last
	if moves {
		from = Endpoint{} // that was the other name's
	}
	var h *Host
	var err error
	if !plan.Host.IsUnknown() {
		h, err = r.hosts.Resolve(plan.Host.ValueString(), from)
	}
	var unknown *UnknownError
	if err != nil && !errors.As(err, &unknown) {
		r.failed(&resp.Diagnostics, "plan", &plan, err)
		return
	}
	if moves && (h == nil || !h.Endpoint.SamePlace(last)) {
		resp.RequiresReplace.Append(hostPath)
		exists = false
	}
	keeps := types.BoolUnknown()
	if !plan.Mechanism.IsUnknown() {
		keeps = types.BoolValue(plan.Mechanism.ValueString() != firewall.NoMechanism)
	}
	plan.ID, plan.Enabled, plan.InSync = plan.Host, keeps, types.BoolValue(true)
	plan.Files, plan.Endpoint = types.ListUnknown(types.StringType), types.StringUnknown()
	if h != nil {
		plan.Endpoint = h.Endpoint.value()
		who := claimant(ctx, resp.Private, plan.label(), &resp.Diagnostics)
		if exists {
			who = namedClaimant(ctx, resp.Private, plan.label(), &resp.Diagnostics)
		}
		if twice := r.hosts.claims.ClaimBoot(h.key(), who); twice != nil {
			twice.Host = h.Name()
			r.failed(&resp.Diagnostics, "plan", &plan, twice)
			return
		}
		if !r.foresee(ctx, h, &plan, &state, exists, resp) {
			return
		}
	}
	resp.Diagnostics.Append(set(ctx, &resp.Plan, &plan)...)
	if !plan.Host.IsUnknown() {
		resp.Diagnostics.Append(set(ctx, resp.Identity, plan.identity())...)
	}
}

// foresee reads the host for what its files will be: the same as now where they are in use. It
// reports whether the plan stands.
func (r *persistence) foresee(ctx context.Context, h *Host, plan, state *persistenceModel, exists bool, resp *resource.ModifyPlanResponse) bool {
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		r.failed(&resp.Diagnostics, "plan", plan, err)
		return false
	}
	h.told.Do(func() { h.warn(&resp.Diagnostics, snapshot.Facts.Warnings()) }) // not that nothing restores its rules: this will
	if exists && plan.Mechanism.Equal(state.Mechanism) && len(snapshot.Facts.Boot.Paths) >= len(snapshot.Facts.Families()) &&
		(state.Enabled.ValueBool() || plan.Mechanism.ValueString() != firewall.AutoMechanism) {
		plan.Files = state.Files
	}
	if plan.Mechanism.ValueString() == firewall.NoMechanism {
		plan.Files = listOf(nil)
	}
	return true
}
