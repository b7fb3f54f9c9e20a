package resources

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewReachableFunction is the function reachable.
func NewReachableFunction() function.Function { return reachableFunction{} }

type reachableFunction struct{}

func (reachableFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "reachable"
}

func (reachableFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Who gets through a firewall",
		MarkdownDescription: "Asks rules, planned ones too, who may open a connection, before anything is applied: for `check` blocks, conditions " +
			"and `terraform test`. No host is asked.\n\n" +
			"The answer is an object: `verdict` is `\"accepted\"` if everybody who is asked about gets through for certain, `\"dropped\"` if " +
			"nobody does, `\"some\"` if some do and not all for certain, and `\"unknown\"` if perhaps somebody does, which depends on more than " +
			"rules and packet (the data source `iptables_reachability` knows more of the host). `sources`, `refused` and `undecided` list them, " +
			"as the shortest lists of networks. `example` is one of them, one who gets through if there is one, `path` the lines and policies that " +
			"decide on it, and `because` the reason in a phrase.\n\n" +
			"A connection gets through if its first packet, the answer, and what follows do. Limits of rate and of connections count as not reached. " +
			"A chain about which nothing is given is empty with policy ACCEPT.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "rules", ElementType: types.StringType,
				MarkdownDescription: "Lines, as `rules` of resources (`lines` of `iptables_chain`) holds them, policies included: `concat(iptables_default_policy.input.rules, " +
					"iptables_service.db.rules)`. They are laid out as an apply on an empty host would, each where it belongs in its built-in chain; lines of " +
					"other chains stay in the order in which they are given.",
			},
			function.DynamicParameter{
				Name: "packet",
				MarkdownDescription: "An object, whose attributes may be left out: `protocol` (name or number, default `\"tcp\"`), `port` (of the " +
					"destination; needed where the protocol has ports), `source` (who is asked about: an address, a network, or a list of them; default: " +
					"everybody), `except` (whom of them the question is not about), `family` (`\"ipv4\"` or `\"ipv6\"`; default: those of the addresses, else " +
					"both), `destination` (an address of the host), `interface` (by which it comes in), `chain` (`\"INPUT\"`, or `\"FORWARD\"` for the way " +
					"through the host to `destination`), `source_port`, `icmp_type` (default: an echo request), and `state` (of one packet, `\"ESTABLISHED\"`; " +
					"default: a new connection as a whole).",
			},
		},
		VariadicParameter: function.DynamicParameter{
			Name: "options",
			MarkdownDescription: "An object. `in_order = true` leaves all lines in the order in which they are given, as those of a listing " +
				"(`iptables_rules`) stand, and those of an `iptables_chain` that is built in.",
		},
		Return: function.ObjectReturn{AttributeTypes: findingTypes},
	}
}

func (reachableFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var lines []string
	var packet types.Dynamic
	var options []types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &lines, &packet, &options); resp.Error != nil {
		return
	}
	question, err := questionOf(namedArguments(packet, packetFields...))
	if err != nil {
		resp.Error = argumentError(1, err)
		return
	}
	n, failed := lastObject(options, "in_order")
	if failed != nil {
		resp.Error = failed
		return
	}
	inOrder := n.truth("in_order")
	if n.err != nil {
		resp.Error = argumentError(2, n.err)
		return
	}
	rules, err := firewall.Lay(lines, inOrder)
	if err != nil {
		resp.Error = argumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, findingValue(firewall.Site{}.Ask(rules, question)))
}

var packetFields = []string{
	"protocol", "port", "source", "except", "family", "destination", "interface", "chain", "source_port", "icmp_type", "state",
}

// questionOf reads the packet of a question. The error says all that is wrong with it.
func questionOf(n *named) (firewall.Question, error) {
	q := firewall.Question{Protocol: n.text("protocol"), In: n.text("interface"), State: n.text("state"), ICMPType: n.number("icmp_type"), Family: familyNamed(n)}
	if port := n.number("port"); port != nil {
		q.Port = *port
	}
	if port := n.number("source_port"); port != nil {
		q.SourcePort = *port
	}
	var err error
	if sources := n.texts("source"); sources != nil {
		if q.Sources, err = firewall.ParseSources(sources); err != nil {
			n.wrong("source: %w", err)
		}
	}
	if q.Except, err = firewall.ParseSources(n.texts("except")); err != nil {
		n.wrong("except: %w", err)
	}
	if to := n.text("destination"); to != "" {
		if q.Destination, err = netip.ParseAddr(to); err != nil {
			n.wrong("destination: %q is no address", to)
		}
	}
	switch chain := n.text("chain"); chain {
	case "", "INPUT":
	case "FORWARD":
		q.Forward = true
	default:
		n.wrong("chain is %q; it may be \"INPUT\" or \"FORWARD\"", chain)
	}
	if n.err != nil {
		return q, n.err
	}
	var problems []error
	for _, p := range q.Validate() {
		problems = append(problems, fmt.Errorf("%s", p))
	}
	return q, errors.Join(problems...)
}

// findingTypes are the attributes of an answer.
var findingTypes = map[string]attr.Type{
	"verdict":   types.StringType,
	"sources":   types.ListType{ElemType: types.StringType},
	"refused":   types.ListType{ElemType: types.StringType},
	"undecided": types.ListType{ElemType: types.StringType},
	"example":   types.StringType,
	"path":      types.ListType{ElemType: types.StringType},
	"because":   types.StringType,
}

func findingValue(f firewall.Finding) types.Object {
	return types.ObjectValueMust(findingTypes, map[string]attr.Value{
		"verdict":   types.StringValue(f.Verdict),
		"sources":   networks(f.Accepted),
		"refused":   networks(f.Refused),
		"undecided": networks(f.Unknown),
		"example":   types.StringValue(f.Example.String()),
		"path":      listOf(f.PathText(firewall.Reference)),
		"because":   types.StringValue(f.Because),
	})
}

func networks(prefixes []netip.Prefix) types.List {
	text := make([]string, len(prefixes))
	for i, p := range prefixes {
		text[i] = p.String()
	}
	return listOf(text)
}
