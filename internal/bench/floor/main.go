// Command floor is the provider with its schema and nothing behind it: creating, reading and changing a resource does
// nothing. What Terraform takes for it is what Terraform itself costs, and no provider gets below.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/frugal"
	product "github.com/vpsfirewall/terraform-provider-iptables/provider"
)

func main() {
	frugal.Start()
	err := providerserver.Serve(context.Background(), func() provider.Provider { return floorProvider{product.New("floor")()} },
		providerserver.ServeOpts{Address: product.Address, ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}

type floorProvider struct{ provider.Provider }

func (floorProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p floorProvider) Resources(ctx context.Context) []func() resource.Resource {
	all := p.Provider.Resources(ctx)
	for i, made := range all {
		all[i] = func() resource.Resource { return floorResource{made()} }
	}
	return all
}

// A floorResource has the schema of a resource of the provider. It keeps what is planned.
type floorResource struct{ of resource.Resource }

func (r floorResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	r.of.Metadata(ctx, req, resp)
}

func (r floorResource) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	r.of.Schema(ctx, req, resp)
}

func (floorResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (floorResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (floorResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (floorResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// known is a plan with nulls for what only the real provider knows.
func known(plan tftypes.Value) tftypes.Value {
	value, err := tftypes.Transform(plan, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err) // the function above returns none
	}
	return value
}
