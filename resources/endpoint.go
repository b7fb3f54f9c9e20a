package resources

import (
	"net"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// An Endpoint is where a host is and who logs in there: what the state may keep of it. This
// machine is the address "local" without port and user. The zero Endpoint is none.
type Endpoint struct {
	Address string
	Port    int    // 0: ssh_config knows
	User    string // "": ssh_config knows
}

// SamePlace reports whether two endpoints are the same sshd, whoever logs in.
func (e Endpoint) SamePlace(o Endpoint) bool { return e.Address == o.Address && e.Port == o.Port }

// endpointAttribute is the computed attribute `endpoint` of every resource.
func endpointAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "Where `host` led when it was last read, as `user@address:port`. It is kept so that the resource can still be destroyed " +
			"after the host has left `hosts` in the provider. Credentials are never kept.",
		Computed: true,
	}
}

// value is the endpoint as the state keeps it: "root@203.0.113.7:22", "root@[2001:db8::1]:22".
func (e Endpoint) value() types.String {
	if e == (Endpoint{}) {
		return types.StringNull()
	}
	text := e.Address
	if e.Port != 0 {
		text = net.JoinHostPort(e.Address, strconv.Itoa(e.Port))
	}
	if e.User != "" {
		text = e.User + "@" + text
	}
	return types.StringValue(text)
}

// endpointOf reads back what value wrote; null and unknown are the zero Endpoint.
func endpointOf(s types.String) Endpoint {
	var e Endpoint
	text := s.ValueString()
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		e.User, text = text[:at], text[at+1:]
	}
	e.Address = text
	// An IPv6 address without a port is no pair of host and port.
	if address, port, err := net.SplitHostPort(text); err == nil {
		e.Address = address
		e.Port, _ = strconv.Atoi(port)
	}
	return e
}
