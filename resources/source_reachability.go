package resources

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewReachabilitySource is the data source iptables_reachability.
func NewReachabilitySource() datasource.DataSource {
	return &source[reachabilityModel]{
		name:     "reachability",
		schema:   reachabilitySchema,
		host:     func(m *reachabilityModel) string { return m.Host.ValueString() },
		read:     readReachability,
		validate: checkReachability,
	}
}

type reachabilityModel struct {
	Host        types.String `tfsdk:"host"`
	Protocol    types.String `tfsdk:"protocol"`
	Port        types.Int64  `tfsdk:"port"`
	Source      types.List   `tfsdk:"source"`
	Except      types.List   `tfsdk:"except"`
	Family      types.String `tfsdk:"family"`
	Destination types.String `tfsdk:"destination"`
	Interface   types.String `tfsdk:"interface"`
	Chain       types.String `tfsdk:"chain"`
	Verdict     types.String `tfsdk:"verdict"`
	Sources     types.List   `tfsdk:"sources"`
	Refused     types.List   `tfsdk:"refused"`
	Undecided   types.List   `tfsdk:"undecided"`
	Example     types.String `tfsdk:"example"`
	Path        types.List   `tfsdk:"path"`
	Because     types.String `tfsdk:"because"`
}

func reachabilitySchema() schema.Schema {
	attributes := computed(map[string]string{
		"verdict": "`\"accepted\"` if everybody who is asked about gets through for certain, `\"dropped\"` if nobody does, `\"some\"` if some do and not all " +
			"for certain, `\"unknown\"` if nobody does for certain and perhaps somebody.",
		"example": "One of those asked about; one who gets through, if there is one.",
		"because": "Why it ends so for `example`, in a phrase.",
	})
	optional := map[string]string{
		"protocol":    "A protocol by name or number. Default: `tcp`.",
		"family":      "`\"ipv4\"` or `\"ipv6\"`. Default: those of the addresses, else both.",
		"destination": "The address of the host that the packets are for, or with `chain = \"FORWARD\"` of the other host. Default: the first on `interface`.",
		"interface":   "The interface by which the packets come in. Default: that of `destination`, else the one by which the host reaches the rest of the world.",
		"chain":       "`\"INPUT\"`, the default: to the host itself; or `\"FORWARD\"`: through it to `destination`.",
	}
	for name, text := range optional {
		a := schema.StringAttribute{MarkdownDescription: text, Optional: true}
		switch name {
		case "family":
			a.Validators = []validator.String{oneOfFamilies}
		case "chain":
			a.Validators = []validator.String{stringvalidator.OneOf("INPUT", "FORWARD")}
		}
		attributes[name] = a
	}
	attributes["port"] = schema.Int64Attribute{MarkdownDescription: "The port. Default: none, for protocols that have no ports.", Optional: true}
	lists := map[string]string{
		"source": "Who is asked about: addresses and networks. Default: everybody.",
		"except": "Whom of them the question is not about. Default: nobody.",
	}
	for name, text := range lists {
		attributes[name] = schema.ListAttribute{MarkdownDescription: text, ElementType: types.StringType, Optional: true}
	}
	lists = map[string]string{
		"sources":   "Who gets through for certain, as the shortest list of networks.",
		"refused":   "Who does not, for certain.",
		"undecided": "Everybody else: it depends on more than rules and addresses.",
		"path":      "The lines and policies that decide on `example`, in their order.",
	}
	for name, text := range lists {
		attributes[name] = schema.ListAttribute{MarkdownDescription: text, ElementType: types.StringType, Computed: true}
	}
	return schema.Schema{
		MarkdownDescription: "Who can reach a port of a host, by the rules that it has now. A connection gets through if its first packet, the answer, and " +
			"what follows do. Limits of rate and of connections count as not reached. What is not in iptables, such as routes, rules of nftables " +
			"itself, and firewalls on the way, is not judged. The function `reachable` asks planned rules the same.",
		Attributes: attributes,
	}
}

// question is what the attributes ask, with all that is wrong with it.
func (m *reachabilityModel) question() (firewall.Question, []firewall.Problem) {
	var problems []firewall.Problem
	q := firewall.Question{
		Protocol: m.Protocol.ValueString(), Port: int(m.Port.ValueInt64()), Family: familyOf(m.Family.ValueString()),
		In: m.Interface.ValueString(), Forward: m.Chain.ValueString() == "FORWARD",
	}
	parse := func(attribute string, list types.List) []netip.Prefix {
		if list.IsNull() {
			return nil
		}
		prefixes, err := firewall.ParseSources(listStrings(list))
		if err != nil {
			problems = append(problems, firewall.Problem{Attribute: attribute, Summary: "not an address or network", Detail: err.Error()})
		}
		return prefixes
	}
	q.Sources, q.Except = parse("source", m.Source), parse("except", m.Except)
	if to := m.Destination.ValueString(); to != "" {
		var err error
		if q.Destination, err = netip.ParseAddr(to); err != nil {
			problems = append(problems, firewall.Problem{Attribute: "destination", Summary: "not an address", Detail: fmt.Sprintf("%q is a name or no address at all", to)})
		}
	}
	if len(problems) == 0 {
		problems = q.Validate()
	}
	return q, problems
}

func checkReachability(m *reachabilityModel) []firewall.Problem {
	_, problems := m.question()
	return problems
}

func readReachability(_ context.Context, _ *Host, snapshot *firewall.Snapshot, m *reachabilityModel, _ *diag.Diagnostics) error {
	q, problems := m.question()
	if len(problems) > 0 {
		return errors.New(problems[0].String())
	}
	found := snapshot.Facts.Site.Ask(snapshot.Rules, q)
	m.Verdict, m.Because = types.StringValue(found.Verdict), types.StringValue(found.Because)
	m.Sources, m.Refused, m.Undecided = networks(found.Accepted), networks(found.Refused), networks(found.Unknown)
	m.Example, m.Path = types.StringValue(found.Example.String()), listOf(found.PathText(snapshot.Facts.Dialect))
	return nil
}
