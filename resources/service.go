package resources

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// NewService is the resource iptables_service.
func NewService() resource.Resource {
	return &lines[serviceModel, *serviceModel]{
		name:     "service",
		schema:   serviceSchema,
		identity: serviceIdentitySchema,
		find:     findService,
		locate:   locateService,
	}
}

type serviceModel struct {
	common
	listing
	serviceFields
}

type serviceIdentity struct {
	Host    types.String `tfsdk:"host"`
	Service types.String `tfsdk:"service"`
	Chain   types.String `tfsdk:"chain"`
}

func (m *serviceModel) label() string { return fmt.Sprintf("iptables_service %q", m.short()) }

// suffix is the name, which is the rules' comment. A service with a comment of its own cannot be
// found by its name: there it is a whole line.
func (m *serviceModel) suffix() string {
	if lines, err := m.service().Lines(); err == nil && !m.Comment.IsNull() {
		return lines[0].Text(iptables.Reference)
	}
	if m.chain() == defaultChain {
		return m.short()
	}
	return "-A " + m.chain() + " " + m.short()
}

func (m *serviceModel) identity() any {
	service := m.short()
	if !m.Comment.IsNull() {
		service = m.suffix()
	}
	return &serviceIdentity{Host: m.Host, Service: types.StringValue(service), Chain: types.StringValue(m.chain())}
}

func (m *serviceModel) identityBy(id string) any {
	if id == m.suffix() {
		return m.identity()
	}
	return &serviceIdentity{Host: m.Host, Service: types.StringValue(id), Chain: types.StringValue(m.chain())}
}

func (m *serviceModel) spellings(other model) []func() func() {
	o, ok := other.(*serviceModel)
	if !ok {
		return nil
	}
	return m.respellings(&o.serviceFields)
}

func modelOfService(s firewall.Service) *serviceModel {
	return &serviceModel{serviceFields: fieldsOfService(s)}
}
