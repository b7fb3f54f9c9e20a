package main

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The types are the document's, in the order of its fields.
type (
	providerSchemas struct {
		FormatVersion string                    `json:"format_version"`
		Schemas       map[string]providerSchema `json:"provider_schemas"`
	}
	providerSchema struct {
		Provider   *schema                   `json:"provider,omitempty"`
		Resources  map[string]schema         `json:"resource_schemas,omitempty"`
		Data       map[string]schema         `json:"data_source_schemas,omitempty"`
		Ephemeral  map[string]schema         `json:"ephemeral_resource_schemas,omitempty"`
		Lists      map[string]schema         `json:"list_resource_schemas,omitempty"`
		Actions    map[string]schema         `json:"action_schemas,omitempty"`
		Functions  map[string]function       `json:"functions,omitempty"`
		Identities map[string]identitySchema `json:"resource_identity_schemas,omitempty"`
	}
	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}
	block struct {
		Attributes      map[string]attribute `json:"attributes,omitempty"`
		Description     string               `json:"description,omitempty"`
		DescriptionKind string               `json:"description_kind"`
		Deprecated      bool                 `json:"deprecated,omitempty"`
	}
	attribute struct {
		Type            json.RawMessage `json:"type,omitempty"`
		NestedType      *object         `json:"nested_type,omitempty"`
		Description     string          `json:"description,omitempty"`
		DescriptionKind string          `json:"description_kind"`
		Required        bool            `json:"required,omitempty"`
		Optional        bool            `json:"optional,omitempty"`
		Computed        bool            `json:"computed,omitempty"`
		Sensitive       bool            `json:"sensitive,omitempty"`
		WriteOnly       bool            `json:"write_only,omitempty"`
		Deprecated      bool            `json:"deprecated,omitempty"`
	}
	object struct {
		Attributes  map[string]attribute `json:"attributes"`
		NestingMode string               `json:"nesting_mode"`
	}
	function struct {
		Summary           string          `json:"summary,omitempty"`
		Description       string          `json:"description,omitempty"`
		Return            json.RawMessage `json:"return_type"`
		Parameters        []parameter     `json:"parameters,omitempty"`
		VariadicParameter *parameter      `json:"variadic_parameter,omitempty"`
	}
	parameter struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Nullable    bool            `json:"is_nullable,omitempty"`
		Type        json.RawMessage `json:"type"`
	}
	identitySchema struct {
		Version    int64                        `json:"version"`
		Attributes map[string]identityAttribute `json:"attributes,omitempty"`
	}
	identityAttribute struct {
		Type              json.RawMessage `json:"type"`
		Description       string          `json:"description,omitempty"`
		RequiredForImport bool            `json:"required_for_import,omitempty"`
		OptionalForImport bool            `json:"optional_for_import,omitempty"`
	}
)

func document(s *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) providerSchemas {
	config := schemaOf(s.Provider)
	return providerSchemas{FormatVersion: "1.0", Schemas: map[string]providerSchema{key: {
		Provider:   &config,
		Resources:  each(s.ResourceSchemas, schemaOf),
		Data:       each(s.DataSourceSchemas, schemaOf),
		Ephemeral:  each(s.EphemeralResourceSchemas, schemaOf),
		Lists:      each(s.ListResourceSchemas, schemaOf),
		Actions:    each(s.ActionSchemas, func(a *tfprotov6.ActionSchema) schema { return schemaOf(a.Schema) }),
		Functions:  each(s.Functions, functionOf),
		Identities: each(identities.IdentitySchemas, identityOf),
	}}}
}

func each[In, Out any](all map[string]In, convert func(In) Out) map[string]Out {
	converted := make(map[string]Out, len(all))
	for name, v := range all {
		converted[name] = convert(v)
	}
	return converted
}

func schemaOf(s *tfprotov6.Schema) schema {
	return schema{Version: s.Version, Block: block{
		Attributes:      attributesOf(s.Block.Attributes),
		Description:     s.Block.Description,
		DescriptionKind: kindOf(s.Block.DescriptionKind),
		Deprecated:      s.Block.Deprecated,
	}}
}

func attributesOf(all []*tfprotov6.SchemaAttribute) map[string]attribute {
	converted := make(map[string]attribute, len(all))
	for _, a := range all {
		converted[a.Name] = attributeOf(a)
	}
	return converted
}

func attributeOf(a *tfprotov6.SchemaAttribute) attribute {
	converted := attribute{
		Description: a.Description, DescriptionKind: kindOf(a.DescriptionKind),
		Required: a.Required, Optional: a.Optional, Computed: a.Computed,
		Sensitive: a.Sensitive, WriteOnly: a.WriteOnly, Deprecated: a.Deprecated,
	}
	if a.NestedType == nil {
		converted.Type = typeOf(a.Type)
		return converted
	}
	modes := map[tfprotov6.SchemaObjectNestingMode]string{
		tfprotov6.SchemaObjectNestingModeSingle: "single", tfprotov6.SchemaObjectNestingModeList: "list",
		tfprotov6.SchemaObjectNestingModeSet: "set", tfprotov6.SchemaObjectNestingModeMap: "map",
	}
	converted.NestedType = &object{Attributes: attributesOf(a.NestedType.Attributes), NestingMode: modes[a.NestedType.Nesting]}
	return converted
}

func functionOf(f *tfprotov6.Function) function {
	converted := function{Summary: f.Summary, Description: f.Description, Return: typeOf(f.Return.Type)}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, parameterOf(p))
	}
	if f.VariadicParameter != nil {
		p := parameterOf(f.VariadicParameter)
		converted.VariadicParameter = &p
	}
	return converted
}

func parameterOf(p *tfprotov6.FunctionParameter) parameter {
	return parameter{Name: p.Name, Description: p.Description, Nullable: p.AllowNullValue, Type: typeOf(p.Type)}
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) identitySchema {
	converted := identitySchema{Version: s.Version, Attributes: map[string]identityAttribute{}}
	for _, a := range s.IdentityAttributes {
		converted.Attributes[a.Name] = identityAttribute{
			Type: typeOf(a.Type), Description: a.Description,
			RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
		}
	}
	return converted
}

func kindOf(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

// typeOf is a type as Terraform writes it: "string", ["list","string"].
func typeOf(t any) json.RawMessage {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // a type of our own schema
	}
	return text
}
