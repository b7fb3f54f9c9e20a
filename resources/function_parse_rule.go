package resources

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewParseRuleFunction is the function parse_rule.
func NewParseRuleFunction() function.Function { return parseRuleFunction{} }

type parseRuleFunction struct{}

func (parseRuleFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_rule"
}

func (parseRuleFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "A line of iptables, taken apart",
		MarkdownDescription: parseRuleDescription(),
		Parameters: []function.Parameter{function.StringParameter{
			Name: "line",
			MarkdownDescription: "A line as `rules` of all resources holds it, in any spelling: `iptables -A INPUT -p tcp --dport 22 -j ACCEPT`, " +
				"`ip6tables -P INPUT DROP`. Without the command it is one of `iptables`.",
		}},
		Return: function.ObjectReturn{AttributeTypes: partTypes()},
	}
}

// parseRuleDescription documents the object: the documentation of functions has no place for it.
func parseRuleDescription() string {
	var b strings.Builder
	b.WriteString("What a line says, field by field. What a line does not have is null, and a list is empty. A text that is negated begins with `! `. " +
		"The object always has these attributes:\n\n")
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		fmt.Fprintf(&b, "- `%s`: %s\n", name, parts[name].description)
	}
	return strings.TrimSpace(b.String())
}

func (parseRuleFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var line string
	if resp.Error = req.Arguments.Get(ctx, &line); resp.Error != nil {
		return
	}
	apart, err := firewall.TakeApart(line)
	if err != nil {
		resp.Error = argumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(partTypes(), partValues(apart)))
}
