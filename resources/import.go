package resources

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// ImportState reads a resource from its host, by an ID or by an identity.
func (r *lines[M, P]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	host, id, _ := strings.Cut(req.ID, " ")
	if req.ID == "" {
		host, id = r.locate(func(attribute string) string {
			var s types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(attribute), &s)...)
			return s.ValueString()
		})
	}
	if resp.Diagnostics.HasError() {
		return
	}
	// No attribute is at fault: there need not be a configuration yet.
	failed := func(err error) {
		resp.Diagnostics.AddError(titled(fmt.Sprintf("import iptables_%s %q", r.name, shortened(id)), host, err), explained(err))
	}
	id = strings.TrimSpace(id)
	if id == "" {
		failed(fmt.Errorf("an import ID is the host, a blank, and what it is there: %q is not", req.ID))
		return
	}
	h, err := r.hosts.Resolve(host, Endpoint{})
	if err != nil {
		failed(err)
		return
	}
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		failed(err)
		return
	}
	h.warnOnce(&resp.Diagnostics, snapshot.Facts)
	m, err := r.find(snapshot, id)
	if err != nil {
		failed(err)
		return
	}
	if err := r.describe(host, h, snapshot, m); err != nil {
		failed(err)
		return
	}
	if l, ok := any(m).(interface {
		leaves(dialect dialects) (summary, detail string)
	}); ok {
		if summary, detail := l.leaves(snapshot.Facts.Dialect); summary != "" {
			resp.Diagnostics.AddWarning(printable(summary), printable(detail))
		}
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, m)...)
	if req.ID != "" { // else it stays as it was asked for; reading makes it the usual one
		resp.Diagnostics.Append(set(ctx, resp.Identity, m.identity())...)
	}
}

// describe fills in what a model that was found on a host does not say by itself.
func (r *lines[M, P]) describe(host string, h *Host, snapshot *firewall.Snapshot, m P) error {
	m.base().Host = types.StringValue(host)
	a := &act{doing: "import", hosts: r.hosts, host: h, snapshot: snapshot, model: m}
	if k, ok := any(m).(keeper); ok {
		k.keep(snapshot.Rules, a.families())
	}
	m.base().Endpoint = h.Endpoint.value()
	rules, err := m.rules(a.families())
	if err == nil {
		a.write(rules)
	}
	return err
}

// findService takes what firewall.ServiceByID does.
func findService(s *firewall.Snapshot, id string) (*serviceModel, error) {
	service, err := firewall.ServiceByID(s.Rules, id)
	return modelOfService(service), err
}

func locateService(get func(string) string) (host, id string) {
	return get("host"), firewall.ServiceID(get("chain"), get("service"))
}

// findPolicy takes what firewall.PolicyByID does. The plan shows what is missing as lines to be added.
func findPolicy(s *firewall.Snapshot, id string) (*policyModel, error) {
	p, _, err := firewall.PolicyByID(s.Rules, id)
	if err != nil {
		return nil, err
	}
	return modelOfPolicy(p), nil
}

func locatePolicy(get func(string) string) (host, id string) {
	id = commandPrefix(get("family"))
	if get("method") == "rule" {
		return get("host"), id + "-A " + get("chain")
	}
	return get("host"), id + "-P " + get("chain")
}

// findRule takes a line as `iptables -S` prints it.
func findRule(s *firewall.Snapshot, id string) (*ruleModel, error) {
	rule, err := firewall.FindRule(s.Rules, id)
	return modelOfRule(rule), err
}

func locateRule(get func(string) string) (host, id string) { return get("host"), get("rule") }
