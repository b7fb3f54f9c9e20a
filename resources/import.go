package resources

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
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
		resp.Diagnostics.AddError(titled("import iptables_"+r.name+" "+id, host), explained(err))
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
	m.base().Host = types.StringValue(host)
	a := &act{doing: "import", hosts: r.hosts, host: h, snapshot: snapshot, model: m, diags: &resp.Diagnostics}
	if k, ok := any(m).(keeper); ok {
		k.keep(snapshot.Rules, a.families())
	}
	m.base().Endpoint = h.Endpoint.value()
	rules, err := m.rules(a.families())
	if err != nil {
		failed(err)
		return
	}
	a.write(rules)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

// findService takes a name, a port such as "22/tcp", both perhaps behind "-A CHAIN", or a whole line.
func findService(s *firewall.Snapshot, id string) (*serviceModel, error) {
	chain, what := defaultChain, id
	if rest, ok := strings.CutPrefix(id, "-A "); ok {
		chain, what, _ = strings.Cut(rest, " ")
	}
	if isLine(id) {
		lines, err := firewall.FindLines(s.Rules, id)
		var syntax *iptables.SyntaxError
		switch {
		case err == nil:
			service, err := firewall.ServiceOf(s.Rules, lines[0])
			return modelOfService(service), err
		case !errors.As(err, &syntax): // it could still be a name of several words
			return nil, err
		}
	}
	var service firewall.Service
	var err error
	if _, bad := firewall.ParsePort(what); bad == nil {
		service, err = firewall.FindService(s.Rules, what, chain)
	} else {
		service, err = firewall.FindServiceNamed(s.Rules, what, chain)
	}
	return modelOfService(service), err
}

func locateService(get func(string) string) (host, id string) {
	id = get("service")
	if chain := get("chain"); chain != "" && chain != defaultChain && !isLine(id) {
		id = "-A " + chain + " " + id
	}
	return get("host"), id
}

// isLine reports whether an ID looks like a line of `iptables -S` rather than like "-A CHAIN name".
func isLine(id string) bool {
	words := strings.Fields(id)
	if len(words) == 0 {
		return false
	}
	return words[0] == "-A" && len(words) > 3 || words[0] == "iptables" || words[0] == "ip6tables"
}

// findPolicy takes "-P CHAIN [POLICY]" or "-A CHAIN -j TARGET", perhaps behind a command.
func findPolicy(s *firewall.Snapshot, id string) (*policyModel, error) {
	words := strings.Fields(id)
	family, one := iptables.IPv4, false
	if len(words) > 0 {
		for _, f := range iptables.Families {
			if words[0] == f.Command() {
				family, one, words = f, true, words[1:]
				break
			}
		}
	}
	method, policy := "policy", ""
	switch {
	case len(words) == 2 && words[0] == "-P":
	case len(words) == 3 && words[0] == "-P":
		policy = words[2]
	case len(words) == 2 && words[0] == "-A":
		method = "rule"
	case len(words) >= 4 && words[0] == "-A" && words[2] == "-j":
		method, policy = "rule", words[3]
	default:
		return nil, fmt.Errorf("%q is no default policy: write \"-P INPUT DROP\", or \"-A INPUT -j DROP\" where a rule at the chain's end does it", id)
	}
	p, missing, ok := firewall.ImportPolicy(s.Rules, words[1], family, method)
	if !ok || policy != "" && p.Policy != policy {
		return nil, &noPolicyError{chain: words[1], rules: s.Rules}
	}
	_ = missing // the plan shows them as lines to be added
	if one {
		p.Families = []iptables.Family{family}
	}
	return modelOfPolicy(p), nil
}

func locatePolicy(get func(string) string) (host, id string) {
	switch get("family") {
	case "ipv4":
		id = "iptables "
	case "ipv6":
		id = "ip6tables "
	}
	if get("method") == "rule" {
		return get("host"), id + "-A " + get("chain")
	}
	return get("host"), id + "-P " + get("chain")
}

// A noPolicyError is a chain that has another policy than the import ID says.
type noPolicyError struct {
	chain string
	rules iptables.Ruleset
}

func (e *noPolicyError) Error() string {
	text := "the chain has no such policy; there are:"
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: defaultTable, Name: e.chain}
		c, ok := e.rules.Chain(id)
		if !ok || c.Policy == "" {
			continue
		}
		text += "\n  " + id.PolicyLine(c.Policy)
		if n := len(c.Rules); n > 0 {
			text += "\n  " + id.Line(c.Rules[n-1], iptables.Reference)
		}
	}
	return text
}

// findRule takes a line as `iptables -S` prints it.
func findRule(s *firewall.Snapshot, id string) (*ruleModel, error) {
	rule, err := firewall.FindRule(s.Rules, id)
	return modelOfRule(rule), err
}

func locateRule(get func(string) string) (host, id string) { return get("host"), get("rule") }
