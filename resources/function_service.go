package resources

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewServiceFunction is the function service.
func NewServiceFunction() function.Function { return serviceFunction{} }

type serviceFunction struct{}

func (serviceFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "service"
}

func (serviceFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The ports of a service by its name",
		MarkdownDescription: "The ports that `iptables_service` opens for a name of its catalogue: `[\"53/tcp\", \"53/udp\"]` for `dns`. A name that is not " +
			"in the catalogue is an error, which names the nearest.\n\nThe catalogue:\n\n" + catalogueTable(),
		Parameters: []function.Parameter{function.StringParameter{
			Name: "name", MarkdownDescription: "The name, as `name` of `iptables_service` takes it: `https`.",
		}},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (serviceFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name string
	if resp.Error = req.Arguments.Get(ctx, &name); resp.Error != nil {
		return
	}
	known, ok := firewall.Lookup(name)
	if !ok {
		resp.Error = argumentError(0, unknownService(name))
		return
	}
	resp.Error = resp.Result.Set(ctx, known.Ports)
}

// catalogueTable is the catalogue for the documentation, which has it nowhere else.
func catalogueTable() string {
	var b strings.Builder
	b.WriteString("| name | ports | by what, and what to know |\n| --- | --- | --- |\n")
	for _, known := range firewall.Catalogue() {
		only := ""
		if known.Family != 0 {
			only = "; " + known.Family.String() + " only"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s%s |\n", known.Name, strings.Join(known.Ports, "`, `"), known.Source, only)
	}
	return b.String()
}

func unknownService(name string) error {
	near := firewall.NearestNames(name)
	if len(near) == 0 {
		return fmt.Errorf("there is no service %q in the catalogue", name)
	}
	return fmt.Errorf("there is no service %q in the catalogue; did you mean %s?", name, strings.Join(near, " or "))
}
