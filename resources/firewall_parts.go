package resources

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// firewallParts are what is known of a firewall's services and policy, each as the attributes
// of the resource that it could be.
type firewallParts struct {
	services map[string]*firewallService
	policy   *policyFields // nil for none
	null     []string      // keys of services without attributes
}

// A firewallService is an element of `services`.
type firewallService struct {
	serviceFields
	key        string
	name, port string         // what the key says
	lines      firewall.Lines // as rules made them
	changed    bool           // the attributes do not say it yet
}

var (
	serviceType = schema.NestedAttributeObject{Attributes: serviceAttributes()}.Type().(types.ObjectType)
	policyType  = schema.NestedAttributeObject{Attributes: policyAttributes()}.Type().(types.ObjectType)
)

// parts are the attributes decoded. What is not known yet is left out.
func (m *firewallModel) parts() *firewallParts {
	if m.decoded != nil {
		return m.decoded
	}
	p := &firewallParts{services: map[string]*firewallService{}}
	for key, v := range m.Services.Elements() {
		o, _ := v.(types.Object)
		s := &firewallService{key: key}
		s.name, s.port = firewall.ParseServiceKey(key)
		switch {
		case o.IsNull():
			p.null = append(p.null, key)
		case !m.hidden.services[key] && decode(o, &s.serviceFields):
			p.services[key] = s
		}
	}
	slices.Sort(p.null)
	if policy := new(policyFields); !m.hidden.policy && decode(m.DefaultPolicy, policy) {
		p.policy = policy
	}
	m.decoded = p
	return p
}

// change changes the parts and writes them back into the attributes.
func (m *firewallModel) change(how func(*firewallParts)) {
	p := m.parts()
	how(p)
	var elements map[string]attr.Value
	for key, s := range p.services {
		if !s.changed {
			continue
		}
		if elements == nil {
			elements = m.Services.Elements()
		}
		elements[key], s.changed = encode(serviceType, s.serviceFields), false
	}
	if elements != nil {
		m.Services = types.MapValueMust(serviceType, elements)
	}
	if p.policy != nil {
		m.DefaultPolicy = encode(policyType, *p.policy)
	}
}

// decode reads an object into a struct of attributes, unless it is null or unknown as a whole. Object.As does the same, and
// compiles a regular expression for each field of each object (framework 1.16), which was a third of what a
// configuration of many services took.
func decode(o types.Object, into any) bool {
	if o.IsNull() || o.IsUnknown() {
		return false
	}
	target, attributes := reflect.ValueOf(into).Elem(), o.Attributes()
	for _, f := range reflect.VisibleFields(target.Type()) {
		if name := f.Tag.Get("tfsdk"); name != "" {
			target.FieldByIndex(f.Index).Set(reflect.ValueOf(attributes[name]))
		}
	}
	return true
}

func encode(t types.ObjectType, fields any) types.Object {
	o, diags := types.ObjectValueFrom(context.Background(), t.AttrTypes, fields)
	must(diags)
	return o
}

// must panics where a struct does not fit the schema that it was written for.
func must(diags diag.Diagnostics) {
	if diags.HasError() {
		panic(fmt.Sprint(diags))
	}
}

func (p *firewallParts) keys() []string { return slices.Sorted(maps.Keys(p.services)) }

// fields are the attributes of the service as a resource of its own would have them.
func (s *firewallService) fields() *serviceFields {
	f := s.serviceFields
	if !f.Name.IsNull() {
		return &f
	}
	f.Name = orNull(s.name)
	if s.port != "" && (f.Ports.IsNull() || f.Ports.IsUnknown()) {
		f.Ports = setOf([]string{s.port})
	}
	return &f
}

func (s *firewallService) settle() {
	f := s.fields()
	f.settle()
	s.changed = s.changed || !s.Ports.Equal(f.Ports)
	s.Ports = f.Ports
}

// own are the service's lines, of all families where rules has not asked for some.
func (s *firewallService) own() firewall.Lines {
	if s.lines == nil {
		s.lines, _ = s.fields().service().Lines()
	}
	return s.lines
}

// path is what messages call the service.
func (s *firewallService) path() string { return "services." + s.key }

// rules are those of all parts: of the services in the order of their keys, then of the policy.
func (p *firewallParts) rules(families []iptables.Family) (firewall.PolicyRules, error) {
	all := firewall.PolicyRules{Policies: firewall.Policies{}}
	for _, key := range p.null {
		return all, fmt.Errorf("services.%s is null: %s", key, adviceOnNull)
	}
	for _, key := range p.keys() {
		s := p.services[key]
		rules, err := s.fields().rules(families)
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.path(), err)
		}
		s.lines = rules.Lines
		all.Lines = append(all.Lines, rules.Lines...)
	}
	if p.policy == nil {
		return all, nil
	}
	rules, err := p.policy.rules(families)
	if err != nil {
		return all, fmt.Errorf("default_policy: %w", err)
	}
	return firewall.PolicyRules{Lines: append(all.Lines, rules.Lines...), Policies: rules.Policies}, nil
}

const adviceOnNull = "write {} for a service that needs no more, and leave out one that is not wanted"

// validate lists what is wrong with the parts, and which of them stand for the same.
func (p *firewallParts) validate() []firewall.Problem {
	var all []firewall.Problem
	add := func(path string, problems []firewall.Problem) {
		for _, problem := range problems {
			problem.Attribute = path + "." + problem.Attribute
			all = append(all, problem)
		}
	}
	for _, key := range p.null {
		all = append(all, firewall.Problem{Attribute: "services." + key, Summary: "a service that is null", Detail: adviceOnNull})
	}
	for _, key := range p.keys() {
		add(p.services[key].path(), p.services[key].fields().validate())
	}
	if p.policy != nil {
		add("default_policy", p.policy.validate())
	}
	if len(all) > 0 {
		return all
	}
	return p.twice()
}

// twice lists the lines that several parts stand for.
func (p *firewallParts) twice() []firewall.Problem {
	if _, err := p.rules(iptables.Families); err != nil {
		return nil // of a host without a family there is more to say when it is read
	}
	first := map[string]string{}
	var all []firewall.Problem
	for _, key := range p.keys() {
		s := p.services[key]
		for _, l := range s.lines {
			if other, ok := first[l.Key()]; ok {
				all = append(all, firewall.Problem{
					Attribute: s.path(), Summary: fmt.Sprintf("the same as services.%s", other),
					Detail: "both stand for: " + l.Text(iptables.Reference) + "; keep one, or tell them apart by comment",
				})
				break
			}
			first[l.Key()] = key
		}
	}
	return all
}

// respell takes over the spelling of other parts, where that makes the same lines.
func (p *firewallParts) respell(other *firewallParts) {
	for key, s := range p.services {
		theirs, ok := other.services[key]
		if !ok {
			continue
		}
		before, err := s.fields().service().Lines()
		if err != nil {
			continue
		}
		s.changed = s.changed || respell(s.respellings(&theirs.serviceFields), func() bool {
			after, err := s.fields().service().Lines()
			return err == nil && firewall.PolicyRules{Lines: before}.Same(firewall.PolicyRules{Lines: after})
		})
	}
	if p.policy == nil || other.policy == nil {
		return
	}
	before, err := p.policy.policy().Rules()
	if err != nil {
		return
	}
	respell(p.policy.respellings(other.policy), func() bool {
		after, err := p.policy.policy().Rules()
		return err == nil && before.Same(after)
	})
}
