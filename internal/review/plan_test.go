package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A resource is one change of a plan that a test makes up.
type resource struct {
	kind, name, host string
	before, after    []string // lines; nil for a side on which it is not there
	with             map[string]any
	unknown          map[string]any
	actions          []string // where they do not follow from the sides
}

func (r resource) side(lines []string) map[string]any {
	if lines == nil {
		return nil
	}
	values := map[string]any{"host": r.host, "rules": lines, "endpoint": "root@" + r.host + ":22"}
	for k, v := range r.with {
		values[k] = v
	}
	for k := range r.unknown {
		delete(values, k)
	}
	return values
}

func (r resource) change() map[string]any {
	before, after := r.side(r.before), r.side(r.after)
	actions := r.actions
	switch {
	case actions != nil:
	case before == nil:
		actions = []string{"create"}
	case after == nil:
		actions = []string{"delete"}
	case fmt.Sprint(before) == fmt.Sprint(after):
		actions = []string{"no-op"}
	default:
		actions = []string{"update"}
	}
	change := map[string]any{"actions": actions, "before": nil, "after": nil, "after_unknown": map[string]any{}}
	if before != nil {
		change["before"] = before
	}
	if after != nil {
		change["after"] = after
		change["after_unknown"] = r.unknown
	}
	return map[string]any{
		"address": fmt.Sprintf("iptables_%s.%s[%q]", r.kind, r.name, r.host), "mode": "managed", "type": "iptables_" + r.kind,
		"name": r.name, "provider_name": "registry.terraform.io/vpsfirewall/iptables", "change": change,
	}
}

func planText(tb testing.TB, resources ...resource) string {
	tb.Helper()
	changes := []any{}
	for _, r := range resources {
		changes = append(changes, r.change())
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "terraform_version": "1.14.9", "resource_changes": changes})
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func read(tb testing.TB, plan string) *Report {
	tb.Helper()
	r, err := Read(strings.NewReader(plan), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// both is a line for each family.
func both(spec string) []string { return []string{"iptables " + spec, "ip6tables " + spec} }

func open(port int, from ...string) []string {
	if from == nil {
		return both(fmt.Sprintf("-A INPUT -p tcp -m tcp --dport %d -j ACCEPT", port))
	}
	var lines []string
	for _, f := range from {
		command := "iptables"
		if strings.Contains(f, ":") {
			command = "ip6tables"
		}
		lines = append(lines, fmt.Sprintf("%s -A INPUT -s %s -p tcp -m tcp --dport %d -j ACCEPT", command, f, port))
	}
	return lines
}

// dropping is a default policy that stays.
func dropping(host string) resource {
	lines := both("-P INPUT DROP")
	return resource{kind: "default_policy", name: "input", host: host, before: lines, after: lines, with: map[string]any{"method": "policy", "chain": "INPUT"}}
}
