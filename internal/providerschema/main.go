// Providerschema prints the provider's schema as `terraform providers schema -json` would, so
// that tfplugindocs (--providers-schema) needs neither Terraform nor a registry.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

// key is the name under which tfplugindocs 0.25 looks for a provider's schema, whatever the
// namespace of the provider is.
const key = "registry.terraform.io/hashicorp/iptables"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "providerschema:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx := context.Background()
	server, err := providerserver.NewProtocol6WithError(provider.New("")())()
	if err != nil {
		return err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(document(schemas, identities))
}
