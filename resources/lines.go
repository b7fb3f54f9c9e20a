package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// lines is a resource that is made of lines, whatever these are for: what Terraform asks of
// a resource, for a model M.
type lines[M any, P interface {
	*M
	model
}] struct {
	name     string // "service"
	schema   func() schema.Schema
	identity func() identityschema.Schema
	// find reads a resource from its host; id is the import ID without the host.
	find func(s *firewall.Snapshot, id string) (P, error)
	// locate makes such an ID, and the host, of an identity.
	locate func(get func(attribute string) string) (host, id string)
	movers []resource.StateMover // nil where no other type can become this one

	hosts *Hosts // nil before the provider is configured
}

func (r *lines[M, P]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
	// A new name or spec changes the lines in place, in one payload; the identity changes with them.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *lines[M, P]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema()
}

func (r *lines[M, P]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = r.identity()
}

func (r *lines[M, P]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.hosts, _ = req.ProviderData.(*Hosts)
}

// ValidateConfig asks the model once everything that it looks at is known; one that is made of
// parts is asked for those that are.
func (r *lines[M, P]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config M
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	part, parted := any(&config).(partial)
	switch {
	case resp.Diagnostics.HasError():
	case knownButHost(req.Config.Raw):
		refuse(&resp.Diagnostics, P(&config).validate())
	case parted:
		part.hide(part)
		refuse(&resp.Diagnostics, part.validate())
	}
}

// Create sets no state after an error: what is on the host then is taken over by the next apply,
// where a tainted resource would be destroyed first.
func (r *lines[M, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan M
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	a := r.act(ctx, "create", P(&plan), Endpoint{}, &resp.Diagnostics)
	if a != nil && a.replace(ctx, nil, firewall.PolicyRules{}) {
		resp.Diagnostics.Append(set(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(set(ctx, resp.Identity, P(&plan).identity())...)
	}
}

// Read removes the resource from the state only where the host was listed and has none of its lines.
func (r *lines[M, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state M
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(set(ctx, resp.Identity, P(&state).identity())...)
	last := endpointOf(P(&state).base().Endpoint)
	if r.waits(P(&state), last, req.ClientCapabilities.DeferralAllowed, resp) {
		return
	}
	a := r.act(ctx, "read", P(&state), last, &resp.Diagnostics)
	if a == nil {
		return
	}
	switch there, err := a.refresh(); {
	case err != nil:
		a.fail(err)
	case there:
		resp.Diagnostics.Append(set(ctx, &resp.State, &state)...)
	default:
		resp.State.RemoveResource(ctx)
	}
}

// Update leaves in the state what is in force: after an error that is the prior state, unless
// the change was confirmed.
func (r *lines[M, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state M
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	a, previous := r.standing(ctx, "update", P(&plan), P(&state), req.Private, &resp.Diagnostics)
	if a != nil && a.replace(ctx, P(&state), previous) {
		resp.Diagnostics.Append(set(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(set(ctx, resp.Identity, P(&plan).identity())...)
	}
}

func (r *lines[M, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state M
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if a, previous := r.standing(ctx, "destroy", P(&state), P(&state), req.Private, &resp.Diagnostics); a != nil {
		a.remove(ctx, previous)
	}
}

// standing resolves and reads the host of a resource that is in the state, and finds out what
// the resource has there. The act is nil after an error.
func (r *lines[M, P]) standing(ctx context.Context, doing string, m, state P, private privateState, diags *diag.Diagnostics) (*act, firewall.PolicyRules) {
	a := r.act(ctx, doing, m, endpointOf(state.base().Endpoint), diags)
	if a == nil {
		return nil, firewall.PolicyRules{}
	}
	previous, err := a.mine(ctx, state, private)
	if err != nil {
		a.fail(err)
		return nil, previous
	}
	return a, previous
}
