package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

// Everything that the provider serves is in the document, with nested attributes and identities.
func TestDocument(t *testing.T) {
	server, err := providerserver.NewProtocol6WithError(provider.New("")())()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(document(schemas, identities))
	if err != nil {
		t.Fatal(err)
	}
	for name := range schemas.ResourceSchemas {
		if !bytes.Contains(text, []byte(`"`+name+`"`)) {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range schemas.DataSourceSchemas {
		if !bytes.Contains(text, []byte(`"`+name+`"`)) {
			t.Errorf("the data source %s is missing", name)
		}
	}
	for name := range schemas.Functions {
		if !bytes.Contains(text, []byte(`"`+name+`":{"summary"`)) {
			t.Errorf("the function %s is missing", name)
		}
	}
	for _, want := range []string{
		`"ssh":{"nested_type":{"attributes":{`, `"nesting_mode":"map"`, `"nesting_mode":"single"`,
		`"rules":{"type":["list","string"]`, `"required_for_import":true`, `"sensitive":true`, `"description_kind":"markdown"`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the document does not hold %s", want)
		}
	}
}
