package resources

import "testing"

func TestEndpoint(t *testing.T) {
	for _, c := range []struct {
		e    Endpoint
		want string
	}{
		{Endpoint{"203.0.113.7", 22, "root"}, "root@203.0.113.7:22"},
		{Endpoint{"2001:db8::1", 2222, "deploy"}, "deploy@[2001:db8::1]:2222"},
		{Endpoint{"web1.example.com", 22, "user@realm"}, "user@realm@web1.example.com:22"},
		{Endpoint{Address: "alias"}, "alias"},
		{Endpoint{Address: "2001:db8::1"}, "2001:db8::1"},
		{Endpoint{Address: "local"}, "local"},
		{Endpoint{Address: "alias", User: "root"}, "root@alias"},
		{Endpoint{}, ""},
	} {
		v := c.e.value()
		if v.ValueString() != c.want || v.IsNull() != (c.want == "") {
			t.Errorf("%+v is kept as %v, want %q", c.e, v, c.want)
		}
		if got := endpointOf(v); got != c.e {
			t.Errorf("%q is read as %+v, want %+v", c.want, got, c.e)
		}
	}
}
