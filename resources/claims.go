package resources

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// privateState is what Terraform keeps of a resource for the provider alone.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// claimKey is the private state's key for what tells this resource apart from others in
// claims. Terraform gives the provider no address of a resource. A resource that is
// replaced is planned twice, the second time without its state but with its private state.
const claimKey = "claim"

// claimant is who the resource is among claims; without an ID where it has no private state yet.
func claimant(ctx context.Context, private privateState, label string, diags *diag.Diagnostics) firewall.Claimant {
	id, d := private.GetKey(ctx, claimKey)
	diags.Append(d...)
	return firewall.Claimant{ID: string(id), Label: label}
}

// named is the claimant, with an ID made up and noted where it has none.
func namedClaimant(ctx context.Context, private privateState, label string, diags *diag.Diagnostics) firewall.Claimant {
	who := claimant(ctx, private, label, diags)
	if who.ID == "" {
		id := strconv.Quote(rand.Text()) // private state holds JSON
		diags.Append(private.SetKey(ctx, claimKey, []byte(id))...)
		who.ID = id
	}
	return who
}
