package provider

import (
	"context"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isDuration accepts what parseDuration does.
type isDuration struct{}

func (isDuration) Description(context.Context) string {
	return `a duration such as "30s" or "2m"`
}

func (v isDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isDuration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", capitalised(err.Error())+".")
	}
}

// hostName accepts a key of `hosts`.
type hostName struct{}

func (hostName) Description(context.Context) string {
	return `a name without blanks, other than "local"`
}

func (v hostName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (hostName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	switch name := req.ConfigValue.ValueString(); {
	case name == local:
		resp.Diagnostics.AddAttributeError(req.Path, "Name of a host that is taken",
			`"local" always means the machine on which Terraform runs. Give the host another name.`)
	case name == "", strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		resp.Diagnostics.AddAttributeError(req.Path, "Not a name for a host",
			"A host's name has no blanks: in an import ID it ends at the first one.")
	}
}

// capitalised makes a sentence of an error's text.
func capitalised(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
