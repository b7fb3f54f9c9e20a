package review

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// A planned is one resource of this provider in a plan: what it has on its host before the apply, and
// what it will have.
type planned struct {
	address string // of the resource: iptables_service.open["web1"]
	kind    string // its type, without "iptables_"
	changes bool   // the plan says that it is created, changed or destroyed
	before  *values
	after   *values // nil for one that goes away
}

// values are the attributes of a resource, on one side of a change.
type values struct {
	attributes map[string]any
	unknown    map[string]any // attributes that are known after the apply only, as a plan marks them
	sensitive  map[string]any
}

// A document is what a review needs of a plan. Its other parts say the same again, and are half of the text.
type document struct {
	FormatVersion    string                   `json:"format_version"`
	TerraformVersion string                   `json:"terraform_version"`
	ResourceChanges  []*tfjson.ResourceChange `json:"resource_changes"`
	PriorState       *tfjson.State            `json:"prior_state"`
	Errored          bool                     `json:"errored"`
	Complete         *bool                    `json:"complete"`
	Deferred         []struct {
		Reason string                 `json:"reason"`
		Change *tfjson.ResourceChange `json:"resource_change"`
	} `json:"deferred_changes"`
}

// A FormatError says that the input is no plan in JSON.
type FormatError struct{ Err error }

func (e *FormatError) Error() string {
	return fmt.Sprintf("reading the plan: %v (make it with: terraform plan -out FILE; terraform show -json FILE)", e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

// A plan is the document with what is in it sorted out.
type plan struct {
	document
	resources []planned
	data      []planned // data sources that were read
}

func readPlan(r io.Reader) (*plan, error) {
	p := &plan{}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if err := json.Unmarshal(text, &p.document); err != nil {
		return nil, &FormatError{err}
	}
	format := tfjson.Plan{FormatVersion: p.FormatVersion}
	if err := format.Validate(); err != nil {
		return nil, &FormatError{err}
	}
	if p.ResourceChanges == nil && p.PriorState == nil && p.TerraformVersion == "" {
		return nil, &FormatError{fmt.Errorf("it has neither changes nor a state")}
	}
	for _, c := range p.ResourceChanges {
		p.add(c)
	}
	for _, d := range p.Deferred {
		if d.Change != nil {
			p.add(d.Change)
		}
	}
	if p.PriorState != nil && p.PriorState.Values != nil {
		p.remember(p.PriorState.Values.RootModule)
	}
	return p, nil
}

// add takes what is to be done to a resource.
func (p *plan) add(c *tfjson.ResourceChange) {
	kind, ours := strings.CutPrefix(c.Type, "iptables_")
	if !ours || c.Change == nil {
		return
	}
	r := planned{address: printable(c.Address), kind: kind, changes: !c.Change.Actions.NoOp()}
	r.before = valuesOf(c.Change.Before, nil, c.Change.BeforeSensitive)
	r.after = valuesOf(c.Change.After, c.Change.AfterUnknown, c.Change.AfterSensitive)
	if c.DeposedKey != "" {
		r.address += " (deposed object " + printable(c.DeposedKey) + ")"
	}
	switch {
	case c.Change.Actions.Forget():
		r.after, r.changes = r.before, false // Terraform forgets it; the host keeps it
	case c.Mode == tfjson.DataResourceMode:
		return // it is read in the apply
	}
	p.resources = append(p.resources, r)
}

// remember takes from the state what the plan has no change for: resources that -target leaves out, and
// what data sources read.
func (p *plan) remember(m *tfjson.StateModule) {
	if m == nil {
		return
	}
	changing := map[string]bool{}
	for _, c := range p.ResourceChanges {
		changing[c.Address] = true
	}
	p.recall(m, changing)
}

func (p *plan) recall(m *tfjson.StateModule, changing map[string]bool) {
	for _, s := range m.Resources {
		kind, ours := strings.CutPrefix(s.Type, "iptables_")
		if !ours || changing[s.Address] {
			continue
		}
		v := &values{attributes: s.AttributeValues}
		r := planned{address: printable(s.Address), kind: kind, before: v, after: v}
		if s.Mode == tfjson.DataResourceMode {
			p.data = append(p.data, r)
		} else {
			p.resources = append(p.resources, r)
		}
	}
	for _, child := range m.ChildModules {
		p.recall(child, changing)
	}
}

func valuesOf(attributes, unknown, sensitive any) *values {
	a, ok := attributes.(map[string]any)
	if !ok {
		return nil
	}
	v := &values{attributes: a}
	v.unknown, _ = unknown.(map[string]any)
	v.sensitive, _ = sensitive.(map[string]any)
	return v
}

// text is an attribute as a string, "" where it has none.
func (v *values) text(attribute string) string {
	if v == nil {
		return ""
	}
	s, _ := v.attributes[attribute].(string)
	return s
}

// marked reports whether a mark of the plan, which has the shape of the value, says true anywhere.
func marked(mark any) bool {
	switch m := mark.(type) {
	case bool:
		return m
	case []any:
		return slices.ContainsFunc(m, marked)
	case map[string]any:
		for _, inner := range m {
			if marked(inner) {
				return true
			}
		}
	}
	return false
}

// lines are the strings of an attribute that is a list of lines, or a map of such lists, in the order of
// its keys.
func (v *values) lines(attribute string) []string {
	if v == nil || v.sensitive != nil && marked(v.sensitive[attribute]) {
		return nil
	}
	return stringsIn(v.attributes[attribute])
}

func stringsIn(value any) []string {
	var all []string
	switch x := value.(type) {
	case string:
		all = append(all, x)
	case []any:
		for _, inner := range x {
			all = append(all, stringsIn(inner)...)
		}
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			all = append(all, stringsIn(x[k])...)
		}
	}
	return all
}
