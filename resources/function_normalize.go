package resources

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewNormalizeFunction is the function normalize.
func NewNormalizeFunction() function.Function { return normalizeFunction{} }

type normalizeFunction struct{}

func (normalizeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize"
}

func (normalizeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "A rule as iptables -S prints it",
		MarkdownDescription: "The one canonical form of a rule, so that two spellings can be compared: of what follows `-A CHAIN` (the `spec` of " +
			"`iptables_rule`) just that, of a whole command (`-t nat -A PREROUTING ...`, `ip6tables -P INPUT DROP`) the whole line, led by its command. " +
			"What iptables would refuse is an error that says where, and so is a text that stands for several rules.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "spec", MarkdownDescription: "The rule in any spelling that iptables takes.",
		}},
		VariadicParameter: function.DynamicParameter{
			Name: "options",
			MarkdownDescription: "An object, all of whose attributes may be left out: `family` (`\"ipv4\"` or `\"ipv6\"`; default: that of the command or of the " +
				"addresses, else the first that takes the rule), `table` (which the rule must fit; default: any), `version` (of iptables, default `\"1.8.9\"`) and " +
				"`backend` (`\"nft\"`, the default, or `\"legacy\"`), which say whose spelling is wanted.",
		},
		Return: function.StringReturn{},
	}
}

func (normalizeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	var options []types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &text, &options); resp.Error != nil {
		return
	}
	how, failed := normalizing(options)
	if failed != nil {
		resp.Error = failed
		return
	}
	line, err := firewall.Normalize(text, how)
	if err != nil {
		resp.Error = argumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, line)
}

func normalizing(options []types.Dynamic) (how firewall.Normalizing, failed *function.FuncError) {
	n, failed := lastObject(options, "family", "table", "version", "backend")
	if failed != nil {
		return how, failed
	}
	how.Family, how.Table, how.Dialect = familyNamed(n), n.text("table"), iptables.Reference
	if version := n.text("version"); version != "" {
		v, err := iptables.ParseVersion(version)
		if err != nil {
			n.wrong("version: %w", err)
		}
		how.Dialect.Version = v
	}
	if backend := n.text("backend"); backend != "" {
		b, err := iptables.ParseBackend(backend)
		if err != nil {
			n.wrong("backend: %w", err)
		}
		how.Dialect.Backend = b
	}
	if n.err != nil {
		return how, argumentError(1, n.err)
	}
	return how, nil
}

// lastObject is the one object that may follow a function's other arguments.
func lastObject(options []types.Dynamic, known ...string) (*named, *function.FuncError) {
	switch len(options) {
	case 0:
		return &named{}, nil
	case 1:
		return namedArguments(options[0], known...), nil
	}
	return nil, function.NewFuncError("there is one object of options, not several")
}

// familyNamed reads the argument family, 0 where it is left out.
func familyNamed(n *named) iptables.Family {
	name := n.text("family")
	f := familyOf(name)
	if f == 0 && name != "" {
		n.wrong("family is %q; it may be \"ipv4\" or \"ipv6\"", name)
	}
	return f
}

// argumentError is an error about an argument of a function, by its position. Terraform puts it behind "failed:".
func argumentError(argument int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(argument, printable(err.Error()))
}
