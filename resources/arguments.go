package resources

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// named are the arguments of a function that are given by name, in an object: of those that a function
// knows, any may be left out, which an object's type cannot say. The first thing that is wrong stays in err.
type named struct {
	values map[string]attr.Value
	err    error
}

// namedArguments reads an object; null is one without attributes.
func namedArguments(v types.Dynamic, known ...string) *named {
	n := &named{}
	switch o := v.UnderlyingValue().(type) {
	case types.Object:
		n.values = o.Attributes()
	case types.Map:
		n.values = o.Elements()
	case nil:
	default:
		n.err = fmt.Errorf("it is no object; write { %s = ... }", known[0])
	}
	for _, name := range slices.Sorted(maps.Keys(n.values)) {
		if !slices.Contains(known, name) {
			n.wrong("there is no %q; it may have %s", name, strings.Join(known, ", "))
		}
	}
	return n
}

func (n *named) wrong(format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf(format, args...)
	}
}

// value is nil where it is left out or null.
func (n *named) value(name string) attr.Value {
	v := n.values[name]
	if d, ok := v.(types.Dynamic); ok {
		v = d.UnderlyingValue()
	}
	if v == nil || v.IsNull() {
		return nil
	}
	return v
}

// text is a string, or a number as text.
func (n *named) text(name string) string {
	switch v := n.value(name).(type) {
	case nil:
	case types.String:
		return v.ValueString()
	case types.Number:
		return v.ValueBigFloat().Text('f', -1)
	default:
		n.wrong("%s is no text", name)
	}
	return ""
}

// number is nil where it is left out.
func (n *named) number(name string) *int {
	var f *big.Float
	switch v := n.value(name).(type) {
	case nil:
		return nil
	case types.Number:
		f = v.ValueBigFloat()
	case types.String:
		f, _ = new(big.Float).SetString(v.ValueString())
	}
	if f != nil && f.IsInt() {
		i, _ := f.Int64()
		whole := int(i)
		return &whole
	}
	n.wrong("%s is no whole number", name)
	return nil
}

func (n *named) truth(name string) bool {
	v := n.value(name)
	b, ok := v.(types.Bool)
	if v != nil && !ok {
		n.wrong("%s is neither true nor false", name)
	}
	return b.ValueBool()
}

// texts is a list of strings, or one string; nil where it is left out.
func (n *named) texts(name string) []string {
	var elements []attr.Value
	switch v := n.value(name).(type) {
	case nil:
		return nil
	case types.String:
		return []string{v.ValueString()}
	case types.Tuple:
		elements = v.Elements()
	case types.List:
		elements = v.Elements()
	case types.Set:
		elements = v.Elements()
	}
	texts := []string{}
	for _, e := range elements {
		if s, ok := e.(types.String); ok && !s.IsNull() {
			texts = append(texts, s.ValueString())
		}
	}
	if len(texts) != len(elements) || elements == nil {
		n.wrong("%s is neither a text nor a list of texts", name)
	}
	return texts
}
