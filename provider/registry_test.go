package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpsfirewall/terraform-provider-iptables/resources"
)

// settings are the attributes of the provider block that a test gives: strings, numbers,
// booleans, lists and maps, and tftypes.UnknownValue.
type settings = map[string]any

// configure is a provider with that block and environment, as resources see it.
func configure(t *testing.T, block settings, environment map[string]string) (*resources.Hosts, error) {
	t.Helper()
	ctx := context.Background()
	schema := providerSchema()
	p := &iptablesProvider{version: "test", getenv: func(name string) string { return environment[name] }}
	var resp provider.ConfigureResponse
	p.Configure(ctx, provider.ConfigureRequest{Config: tfsdk.Config{Schema: schema, Raw: valueOf(t, schema.Type().TerraformType(ctx), block)}}, &resp)
	if resp.Diagnostics.HasError() {
		d := resp.Diagnostics.Errors()[0]
		return nil, errors.New(d.Summary() + ": " + d.Detail())
	}
	for _, data := range []any{resp.DataSourceData, resp.ListResourceData, resp.ActionData, resp.EphemeralResourceData} {
		if data != resp.ResourceData {
			t.Errorf("not everything is given the same data: %v", data)
		}
	}
	return resp.ResourceData.(*resources.Hosts), nil
}

// valueOf makes a Terraform value of that type; attributes that are not given are null.
func valueOf(t *testing.T, of tftypes.Type, v any) tftypes.Value {
	t.Helper()
	if v == nil || v == tftypes.UnknownValue {
		return tftypes.NewValue(of, v)
	}
	switch of := of.(type) {
	case tftypes.Object:
		given := v.(settings)
		attributes := map[string]tftypes.Value{}
		for name, kind := range of.AttributeTypes {
			attributes[name] = valueOf(t, kind, given[name])
		}
		for name := range given {
			if _, ok := of.AttributeTypes[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(of, attributes)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for name, e := range v.(settings) {
			elements[name] = valueOf(t, of.ElementType, e)
		}
		return tftypes.NewValue(of, elements)
	case tftypes.List:
		var elements []tftypes.Value
		for _, e := range v.([]string) {
			elements = append(elements, tftypes.NewValue(tftypes.String, e))
		}
		return tftypes.NewValue(of, elements)
	}
	return tftypes.NewValue(of, v)
}

func TestResolve(t *testing.T) {
	block := settings{
		"ssh": settings{"user": "deploy", "private_key_file": "~/.ssh/id"},
		"hosts": settings{
			"db1": settings{"address": "203.0.113.7", "port": 2222, "user": "dba"},
			"db2": settings{},
		},
	}
	hosts, err := configure(t, block, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host string
		last resources.Endpoint
		want resources.Endpoint
	}{
		{"web1", resources.Endpoint{}, resources.Endpoint{Address: "web1", Port: 22, User: "deploy"}},
		{"root@web1:2200", resources.Endpoint{}, resources.Endpoint{Address: "web1", Port: 2200, User: "root"}},
		{"db1", resources.Endpoint{}, resources.Endpoint{Address: "203.0.113.7", Port: 2222, User: "dba"}},
		{"db2", resources.Endpoint{}, resources.Endpoint{Address: "db2", Port: 22, User: "deploy"}},
		{"local", resources.Endpoint{}, resources.Endpoint{Address: "local"}},
		// The configuration counts, where it still knows the name.
		{"db1", resources.Endpoint{Address: "198.51.100.1", Port: 22, User: "root"}, resources.Endpoint{Address: "203.0.113.7", Port: 2222, User: "dba"}},
		{"web1", resources.Endpoint{Address: "web1", Port: 22, User: "root"}, resources.Endpoint{Address: "web1", Port: 22, User: "deploy"}},
		// A host that has left `hosts` is where it was.
		{"db9", resources.Endpoint{Address: "198.51.100.9", Port: 2222, User: "dba"}, resources.Endpoint{Address: "198.51.100.9", Port: 2222, User: "dba"}},
		{"odd:name:here", resources.Endpoint{Address: "198.51.100.9", Port: 22, User: "dba"}, resources.Endpoint{Address: "198.51.100.9", Port: 22, User: "dba"}},
	} {
		h, err := hosts.Resolve(c.host, c.last)
		if err != nil {
			t.Errorf("%s: %v", c.host, err)
			continue
		}
		if h.Endpoint != c.want {
			t.Errorf("%s is %+v, want %+v", c.host, h.Endpoint, c.want)
		}
	}
}

// Names that lead to one connection share one host; other credentials make another.
func TestResolveShares(t *testing.T) {
	hosts, err := configure(t, settings{"hosts": settings{
		"a": settings{"address": "203.0.113.7"},
		"b": settings{"address": "203.0.113.7", "port": 22, "user": "root"},
		"c": settings{"address": "203.0.113.7", "password": "secret"},
		"d": settings{"address": "203.0.113.7", "bastion_host": "gate"},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) *resources.Host {
		h, err := hosts.Resolve(name, resources.Endpoint{})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if find("a") != find("b") || find("a") != find("root@203.0.113.7:22") {
		t.Error("names of one connection do not share it")
	}
	if find("a") == find("c") || find("a") == find("d") || find("a") == find("deploy@203.0.113.7") {
		t.Error("different connections are shared")
	}
	if here, again := find("local"), find("local"); here != again {
		t.Error("this machine is not one host")
	}
}

// A host has one backend and one way to persist, by whatever name; an entry of hosts wins over the provider.
func TestResolveHoldsOneBackend(t *testing.T) {
	hosts, err := configure(t, settings{"backend": "legacy", "hosts": settings{
		"a": settings{"address": "203.0.113.7", "backend": "nft"},
		"b": settings{"address": "203.0.113.7", "backend": "nft", "persist": "auto"},
		"c": settings{"address": "203.0.113.7", "persist": "none"},
		"d": settings{"address": "203.0.113.7"},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if _, err := hosts.Resolve(name, resources.Endpoint{}); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"c", "d", "203.0.113.7"} {
		var bad *resources.HostError
		if _, err := hosts.Resolve(name, resources.Endpoint{}); !errors.As(err, &bad) || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestResolveUnknown(t *testing.T) {
	unknown := tftypes.UnknownValue
	for _, c := range []struct {
		name  string
		block settings
		host  string
		want  string // the attribute that is not known; "" where nothing that matters is unknown
	}{
		{"a key", settings{"ssh": settings{"private_key": unknown}}, "web1", "ssh.private_key"},
		{"all of ssh", settings{"ssh": unknown}, "web1", "ssh"},
		{"all hosts", settings{"hosts": unknown}, "web1", "hosts"},
		{"the host", settings{"hosts": settings{"web1": unknown}}, "web1", `hosts["web1"]`},
		{"its address", settings{"hosts": settings{"web1": settings{"address": unknown}}}, "web1", `hosts["web1"].address`},
		{"another host", settings{"hosts": settings{"web2": settings{"address": unknown}}}, "web1", ""},
		{"a key that the host does not use", settings{
			"ssh": settings{"private_key": unknown}, "hosts": settings{"web1": settings{"private_key": "x"}},
		}, "web1", ""},
		{"a key that this machine does not use", settings{"ssh": settings{"private_key": unknown}}, "local", ""},
		{"the password for sudo", settings{"sudo_password": unknown}, "local", "sudo_password"},
		{"the backend", settings{"backend": unknown}, "web1", "backend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hosts, err := configure(t, c.block, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = hosts.Resolve(c.host, resources.Endpoint{})
			var why *resources.UnknownError
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &why) || why.Attribute != c.want || why.Host != c.host):
				t.Errorf("error %v, want one about %s", err, c.want)
			}
		})
	}
}

// The environment counts where the block says nothing.
func TestEnvironment(t *testing.T) {
	hosts, err := configure(t, settings{"ssh": settings{"port": 2200}}, map[string]string{
		"IPTABLES_SSH_USER": "fromenv", "IPTABLES_SSH_PORT": "2300", "IPTABLES_ON_EXISTING": "error",
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := hosts.Resolve("web1", resources.Endpoint{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (resources.Endpoint{Address: "web1", Port: 2200, User: "fromenv"}); h.Endpoint != want {
		t.Errorf("%+v, want %+v", h.Endpoint, want)
	}
	if !hosts.RefuseExisting {
		t.Error("IPTABLES_ON_EXISTING does not count")
	}
	for name, bad := range map[string]string{
		"IPTABLES_ON_EXISTING":        "maybe",
		"IPTABLES_ROLLBACK_TIMEOUT":   "soon",
		"IPTABLES_LOCK_TIMEOUT":       "-1s",
		"IPTABLES_MAX_CONNECTIONS":    "many",
		"IPTABLES_LOCKOUT_PROTECTION": "perhaps",
	} {
		if _, err := configure(t, settings{}, map[string]string{name: bad}); err == nil || !strings.Contains(err.Error(), "$"+name) {
			t.Errorf("%s=%s: error %v", name, bad, err)
		}
	}
	hosts, err = configure(t, settings{}, map[string]string{"IPTABLES_SSH_PORT": "ssh"})
	if err != nil {
		t.Fatal(err)
	}
	var bad *resources.HostError
	if _, err := hosts.Resolve("web1", resources.Endpoint{}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "$IPTABLES_SSH_PORT") {
		t.Errorf("a bad port: %v", err)
	}
}

// What cannot work is told when the provider is configured, with the host at fault.
func TestConfigureComplains(t *testing.T) {
	for name, block := range map[string]settings{
		"a host key that is none": {"hosts": settings{"web1": settings{"host_key": "nonsense"}}},
		"an address that is none": {"hosts": settings{"web1": settings{"address": "web 1"}}},
	} {
		if _, err := configure(t, block, nil); err == nil || !strings.Contains(err.Error(), "web1") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := configure(t, nil, map[string]string{"IPTABLES_BACKEND": "ebtables"}); err == nil || !strings.Contains(err.Error(), "$IPTABLES_BACKEND") {
		t.Errorf("a backend that is none: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	hosts, err := configure(t, settings{"ssh": settings{"host_key_policy": "insecure"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hosts.Resolve("web1", resources.Endpoint{})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Warnings) != 1 || !strings.Contains(h.Warnings[0], "web1") {
		t.Errorf("warnings: %q", h.Warnings)
	}
}
