package resources

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// NewServiceList lists iptables_service.
func NewServiceList() list.ListResource {
	return &lister[serviceModel, *serviceModel]{
		lines: lines[serviceModel, *serviceModel]{name: "service", find: findService}, config: serviceListSchema,
	}
}

// NewRuleList lists iptables_rule.
func NewRuleList() list.ListResource {
	return &lister[ruleModel, *ruleModel]{lines: lines[ruleModel, *ruleModel]{name: "rule", find: findRule}, config: ruleListSchema}
}

// NewChainList lists iptables_chain.
func NewChainList() list.ListResource {
	return &lister[chainModel, *chainModel]{lines: lines[chainModel, *chainModel]{name: "chain", find: findChain}, config: chainListSchema}
}

// NewIPSetList lists iptables_ip_set.
func NewIPSetList() list.ListResource {
	return &lister[ipSetModel, *ipSetModel]{lines: lines[ipSetModel, *ipSetModel]{name: "ip_set", find: findIPSet}, config: ipSetListSchema}
}

// NewDefaultPolicyList lists iptables_default_policy.
func NewDefaultPolicyList() list.ListResource {
	return &lister[policyModel, *policyModel]{
		lines: lines[policyModel, *policyModel]{name: "default_policy", find: findPolicy}, config: policyListSchema,
	}
}

// A lister lists what hosts have that could be resources of one kind, for `terraform query`. Of all
// lists together, each line of a host is in one result.
type lister[M any, P interface {
	*M
	model
}] struct {
	lines[M, P]
	config func() listSchema
}

func (l *lister[M, P]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = l.config()
}

// An identifier is a model with an identity that can be that of several resources of a host: two services on
// one port. By an import ID it makes one that finds just this.
type identifier interface{ identityBy(id string) any }

// A wish is the config block of a list. Which of the filters a list has is in its schema.
type wish struct {
	host                      string
	table, chain, port        types.String
	otherSoftware, everything types.Bool
}

func (l *lister[M, P]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	w := readWish(ctx, req.Config, l.config(), &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	failed := func(err error) {
		diags.AddError(titled("list iptables_"+l.name, w.host, err), explained(err))
		stream.Results = list.ListResultsStreamDiagnostics(diags)
	}
	h, err := l.hosts.Resolve(w.host, Endpoint{})
	if err != nil {
		failed(err)
		return
	}
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		failed(err)
		return
	}
	ids, err := w.ids(snapshot.Rules, l.name)
	if err != nil {
		failed(err)
		return
	}
	h.warnOnce(&diags, snapshot.Facts)
	stream.Results = func(push func(list.ListResult) bool) {
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for i, id := range ids {
			if int64(i) >= req.Limit && req.Limit > 0 || !push(l.result(ctx, req, w.host, h, snapshot, id)) {
				return
			}
		}
	}
}

// result is what an import of that ID would find.
func (l *lister[M, P]) result(ctx context.Context, req list.ListRequest, host string, h *Host, snapshot *firewall.Snapshot, id string) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = printable(host + " " + id)
	m, err := l.find(snapshot, id)
	if err == nil {
		err = l.describe(host, h, snapshot, m)
	}
	if err != nil {
		result.Diagnostics.AddError(titled(fmt.Sprintf("list iptables_%s %q", l.name, shortened(id)), host, err), explained(err))
		return result
	}
	identity := m.identity()
	if i, ok := any(m).(identifier); ok {
		identity = i.identityBy(id)
	}
	result.Diagnostics.Append(set(ctx, result.Identity, identity)...)
	if req.IncludeResource {
		result.Diagnostics.Append(set(ctx, result.Resource, m)...)
	}
	return result
}

// Metadata names the resource that is listed.
func (l *lister[M, P]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + l.name
}
