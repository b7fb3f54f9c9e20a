package resources

import (
	"context"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A call is a function with its arguments. want are parts of the text of its result, or
// of its error.
type call struct {
	function  func() function.Function
	arguments []attr.Value
	want      []string
}

func TestFunctions(t *testing.T) {
	rules := texts(
		"iptables -P INPUT DROP",
		"iptables -A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 3306 -j ACCEPT",
		"iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
	)
	refusedLast := texts("iptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT", "iptables -A INPUT -p tcp -m tcp --dport 80 -j DROP")
	port := func(n int64) attr.Value { return types.NumberValue(big.NewFloat(float64(n))) }
	tests := map[string]call{
		"a service":         {NewServiceFunction, []attr.Value{text("dns")}, []string{`["53/tcp","53/udp"]`}},
		"an unknown one":    {NewServiceFunction, []attr.Value{text("htps")}, []string{"error: 0", `no service "htps"`, "did you mean", "https"}},
		"a spec":            {NewNormalizeFunction, []attr.Value{text("-p tcp --dport https -j ACCEPT"), objects()}, []string{`"-p tcp -m tcp --dport 443 -j ACCEPT"`}},
		"in another family": {NewNormalizeFunction, []attr.Value{text("-p icmpv6"), objects(object(map[string]attr.Value{"family": text("ipv6")}))}, []string{`"-p ipv6-icmp"`}},
		"by another version": {
			NewNormalizeFunction, []attr.Value{text("-p gre"), objects(object(map[string]attr.Value{"version": text("1.8.11"), "backend": text("legacy")}))}, []string{`"-p 47"`},
		},
		"not of that table":   {NewNormalizeFunction, []attr.Value{text("-j MASQUERADE"), objects(object(map[string]attr.Value{"table": text("filter")}))}, []string{"error: 0", "table filter"}},
		"not a rule":          {NewNormalizeFunction, []attr.Value{text("-p tcp --dprt 1"), objects()}, []string{"error: 0", `did you mean "--dport"`}},
		"an unknown option":   {NewNormalizeFunction, []attr.Value{text("-j DROP"), objects(object(map[string]attr.Value{"tabel": text("nat")}))}, []string{"error: 1", "tabel", "table"}},
		"an unknown version":  {NewNormalizeFunction, []attr.Value{text("-j DROP"), objects(object(map[string]attr.Value{"version": text("new")}))}, []string{"error: 1", "version"}},
		"several objects":     {NewNormalizeFunction, []attr.Value{text("-j DROP"), objects(object(nil), object(nil))}, []string{"error", "one object"}},
		"no object":           {NewNormalizeFunction, []attr.Value{text("-j DROP"), objects(text("ipv6"))}, []string{"error: 1", "no object"}},
		"a line":              {NewParseRuleFunction, []attr.Value{text("-A INPUT -p tcp --dport 22 -j ACCEPT")}, []string{`"chain":"INPUT"`, `"comment":<null>`, `"destination_ports":["22"]`, `"matches":[{"name":"tcp","options":{"dport":"22"}}]`, `"target":"ACCEPT"`}},
		"a policy":            {NewParseRuleFunction, []attr.Value{text("ip6tables -P INPUT DROP")}, []string{`"family":"ipv6"`, `"policy":"DROP"`, `"spec":<null>`}},
		"no line":             {NewParseRuleFunction, []attr.Value{text("-p tcp")}, []string{"error: 0", "chain is missing"}},
		"who reaches it":      {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": port(3306), "family": text("ipv4")}), objects()}, []string{`"path":["iptables -A INPUT -s 203.0.113.0/24`, `"sources":["203.0.113.0/24"]`, `"verdict":"some"`}},
		"nobody else":         {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": text("3306"), "family": text("ipv4"), "except": texts("203.0.113.0/24")}), objects()}, []string{`"because":"policy of INPUT is DROP"`, `"sources":[]`, `"verdict":"dropped"`}},
		"as an apply lays it": {NewReachableFunction, []attr.Value{refusedLast, object(map[string]attr.Value{"port": port(80), "source": text("192.0.2.1")}), objects()}, []string{`"verdict":"dropped"`}},
		"as it is given": {
			NewReachableFunction, []attr.Value{refusedLast, object(map[string]attr.Value{"port": port(80), "source": text("192.0.2.1")}), objects(object(map[string]attr.Value{"in_order": types.BoolValue(true)}))},
			[]string{`"verdict":"accepted"`},
		},
		"no port":            {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"protocol": text("udp")}), objects()}, []string{"error: 1", "port: a port is needed", "udp"}},
		"no family":          {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": port(1), "family": text("6")}), objects()}, []string{"error: 1", "family", "ipv6"}},
		"no address":         {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": port(1), "source": text("office")}), objects()}, []string{"error: 1", "source", "office"}},
		"no whole number":    {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": types.NumberValue(big.NewFloat(1.5))}), objects()}, []string{"error: 1", "port is no whole number"}},
		"no chain":           {NewReachableFunction, []attr.Value{rules, object(map[string]attr.Value{"port": port(1), "chain": text("OUTPUT")}), objects()}, []string{"error: 1", "FORWARD"}},
		"no line among them": {NewReachableFunction, []attr.Value{texts("iptables -A INPUT -p"), object(map[string]attr.Value{"port": port(1)}), objects()}, []string{"error: 0", `"iptables -A INPUT -p"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := test.run(t)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s\ndoes not hold %s", got, want)
				}
			}
		})
	}
}

func (c call) run(t *testing.T) string {
	t.Helper()
	f, ctx := c.function(), context.Background()
	var definition function.DefinitionResponse
	f.Definition(ctx, function.DefinitionRequest{}, &definition)
	empty, failed := definition.Definition.Return.NewResultData(ctx)
	if failed != nil {
		t.Fatal(failed)
	}
	resp := function.RunResponse{Result: empty}
	f.Run(ctx, function.RunRequest{Arguments: function.NewArgumentsData(c.arguments)}, &resp)
	if resp.Error != nil {
		text := "error: " + resp.Error.Text
		if resp.Error.FunctionArgument != nil {
			text = "error: " + string(rune('0'+*resp.Error.FunctionArgument)) + " " + resp.Error.Text
		}
		return text
	}
	return resp.Result.Value().String()
}

func text(s string) attr.Value { return types.StringValue(s) }

func texts(s ...string) attr.Value { return listOf(s) }

// object is an argument whose type Terraform makes of what is written.
func object(values map[string]attr.Value) attr.Value {
	kinds := map[string]attr.Type{}
	for name, v := range values {
		kinds[name] = v.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, values))
}

// objects are the arguments of a variadic parameter.
func objects(values ...attr.Value) attr.Value {
	kinds := make([]attr.Type, len(values))
	for i := range values {
		if _, ok := values[i].(types.Dynamic); !ok {
			values[i] = types.DynamicValue(values[i])
		}
		kinds[i] = types.DynamicType
	}
	return types.TupleValueMust(kinds, values)
}
