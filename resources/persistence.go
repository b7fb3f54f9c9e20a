package resources

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewPersistence is the resource iptables_persistence. It is not made of lines.
func NewPersistence() resource.Resource { return &persistence{} }

type persistence struct {
	hosts *Hosts // nil before the provider is configured
}

type persistenceModel struct {
	ID        types.String `tfsdk:"id"`
	Host      types.String `tfsdk:"host"`
	Endpoint  types.String `tfsdk:"endpoint"`
	Mechanism types.String `tfsdk:"mechanism"`
	Backups   types.Int64  `tfsdk:"backups"`
	BackupDir types.String `tfsdk:"backup_dir"`
	Files     types.List   `tfsdk:"files"`
	Enabled   types.Bool   `tfsdk:"enabled"`
	InSync    types.Bool   `tfsdk:"in_sync"`
}

type persistenceIdentity struct {
	Host types.String `tfsdk:"host"`
}

func (m *persistenceModel) identity() any { return &persistenceIdentity{Host: m.Host} }

// label says which of two it is: the same host may have two names.
func (m *persistenceModel) label() string {
	return fmt.Sprintf("iptables_persistence of %q (mechanism = %q, backups = %d)", m.Host.ValueString(), m.Mechanism.ValueString(), m.Backups.ValueInt64())
}

// keeping are the settings that the attributes stand for.
func (m *persistenceModel) keeping() firewall.Keeping {
	k := firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: firewall.DefaultBackups, BackupDir: m.BackupDir.ValueString()}
	if !m.Mechanism.IsNull() {
		k.Mechanism = m.Mechanism.ValueString()
	}
	if !m.Backups.IsNull() {
		k.Backups = int(m.Backups.ValueInt64())
	}
	return k
}

// see writes into the model what the host has.
func (m *persistenceModel) see(p firewall.Persisted, at Endpoint) {
	m.ID, m.Endpoint = m.Host, at.value()
	m.Mechanism = types.StringValue(p.Mechanism)
	m.Backups = types.Int64Value(int64(p.Backups))
	m.BackupDir = orNull(p.BackupDir)
	m.Files = listOf(p.Files)
	m.Enabled, m.InSync = types.BoolValue(p.Enabled), types.BoolValue(p.InSync)
}

func (r *persistence) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_persistence"
	resp.ResourceBehavior.MutableIdentity = true // another name of the same host
}

func (r *persistence) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = persistenceSchema()
}

func (r *persistence) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{Description: "The host, as `host` names it.", RequiredForImport: true},
	}}
}

func (r *persistence) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.hosts, _ = req.ProviderData.(*Hosts)
}

func (r *persistence) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config persistenceModel
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	if !resp.Diagnostics.HasError() && knownButHost(req.Config.Raw) {
		refuse(&resp.Diagnostics, config.keeping().Validate())
	}
}

// failed adds an error about the resource.
func (r *persistence) failed(diags *diag.Diagnostics, doing string, m *persistenceModel, err error) {
	fail(diags, doing+" iptables_persistence", m.Host.ValueString(), err)
}

// set makes the host be as the model says, and writes into the model what it is then.
func (r *persistence) set(ctx context.Context, doing string, m *persistenceModel, last Endpoint, diags *diag.Diagnostics) bool {
	if diags.HasError() {
		return false
	}
	h, err := r.hosts.Resolve(m.Host.ValueString(), last)
	if err != nil {
		r.failed(diags, doing, m, err)
		return false
	}
	snapshot, err := h.Persist(ctx, m.keeping())
	if err != nil {
		r.failed(diags, doing, m, err)
		return false
	}
	found, _ := snapshot.Persisted()
	m.see(found, h.Endpoint)
	return true
}

func (r *persistence) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan persistenceModel
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	if r.set(ctx, "create", &plan, Endpoint{}, &resp.Diagnostics) {
		resp.Diagnostics.Append(set(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(set(ctx, resp.Identity, plan.identity())...)
	}
}

func (r *persistence) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state persistenceModel
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if r.set(ctx, "update", &plan, endpointOf(state.Endpoint), &resp.Diagnostics) {
		resp.Diagnostics.Append(set(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(set(ctx, resp.Identity, plan.identity())...)
	}
}

// Read removes the resource from the state only where the host was read and has nothing of it.
func (r *persistence) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state persistenceModel
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(set(ctx, resp.Identity, state.identity())...)
	h, err := r.hosts.Resolve(state.Host.ValueString(), endpointOf(state.Endpoint))
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		r.hosts.skipped(unknown, &resp.Diagnostics)
		return
	}
	var snapshot *firewall.Snapshot
	if err == nil {
		snapshot, err = h.Snapshot(ctx)
	}
	if err != nil {
		r.failed(&resp.Diagnostics, "read", &state, err)
		return
	}
	h.warnOnce(&resp.Diagnostics, snapshot.Facts)
	found, kept := snapshot.Persisted()
	if !kept {
		resp.State.RemoveResource(ctx)
		return
	}
	state.see(found, h.Endpoint)
	resp.Diagnostics.Append(set(ctx, &resp.State, &state)...)
}

func (r *persistence) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state persistenceModel
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	h, err := r.hosts.Resolve(state.Host.ValueString(), endpointOf(state.Endpoint))
	if err == nil {
		err = h.Unpersist(ctx)
	}
	if err != nil {
		r.failed(&resp.Diagnostics, "destroy", &state, err)
	}
}

// ImportState takes the host as ID or identity.
func (r *persistence) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	m := persistenceModel{Host: types.StringValue(req.ID)}
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("host"), &m.Host)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	failed := func(err error) {
		resp.Diagnostics.AddError(titled("import iptables_persistence", m.Host.ValueString(), err), explained(err))
	}
	h, err := r.hosts.Resolve(m.Host.ValueString(), Endpoint{})
	if err != nil {
		failed(err)
		return
	}
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		failed(err)
		return
	}
	found, kept := snapshot.Persisted()
	if !kept {
		failed(fmt.Errorf("there is none: nothing was set up there by an iptables_persistence. Create it instead; what the host " +
			"restores at boot by now is kept, and comes back when it is destroyed"))
		return
	}
	m.see(found, h.Endpoint)
	resp.Diagnostics.Append(set(ctx, &resp.State, &m)...)
	resp.Diagnostics.Append(set(ctx, resp.Identity, m.identity())...)
}
