package provider

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/resources"
)

// A layer is the settings that one place gives, by name.
type layer map[string]value

// A value is a setting as text. An unknown one hides those of the layers below it.
type value struct {
	text    string
	unknown bool
	from    string // how a message names it: "ssh.private_key", "$IPTABLES_SSH_USER"
}

// layerOf reads the settings among the attributes of an object; prefix is how messages name
// the object ("ssh.").
func layerOf[T any](attributes map[string]attr.Value, settings []setting[T], prefix string) layer {
	l := layer{}
	for _, s := range settings {
		v, given := attributes[s.name]
		if !given || v.IsNull() {
			continue
		}
		l[s.name] = value{text: textOf(v), unknown: v.IsUnknown() || holdsUnknown(v), from: prefix + s.name}
	}
	return l
}

// environmentLayer reads the settings that the environment gives; an empty variable gives none.
func environmentLayer[T any](settings []setting[T], getenv func(string) string) layer {
	l := layer{}
	for _, s := range settings {
		if v := getenv(s.environment); v != "" {
			l[s.name] = value{text: v, from: "$" + s.environment}
		}
	}
	return l
}

// fill puts into t, for each setting, the value of the first layer that has one. The error is
// a *resources.UnknownError where that is not known yet.
func fill[T any](t *T, host string, settings []setting[T], layers ...layer) error {
	for _, s := range settings {
		v, given := topmost(layers, s.name)
		switch {
		case !given:
			continue
		case v.unknown:
			return &resources.UnknownError{Host: host, Attribute: v.from}
		}
		if err := s.check(v.text); err != nil {
			return fmt.Errorf("%s: %w", v.from, err)
		}
		if err := s.set(t, v.text); err != nil {
			return fmt.Errorf("%s: %w", v.from, err)
		}
	}
	return nil
}

// check refuses what the schema refuses too; the environment has no schema.
func (s setting[T]) check(v string) error {
	if s.oneOf == nil {
		return nil
	}
	for _, allowed := range s.oneOf {
		if v == allowed {
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", v, strings.Join(s.oneOf, ", "))
}

func topmost(layers []layer, name string) (value, bool) {
	for _, l := range layers {
		if v, given := l[name]; given {
			return v, true
		}
	}
	return value{}, false
}

func textOf(v attr.Value) string {
	switch v := v.(type) {
	case types.String:
		return v.ValueString()
	case types.Int64:
		return strconv.FormatInt(v.ValueInt64(), 10)
	case types.Bool:
		return strconv.FormatBool(v.ValueBool())
	case types.List:
		var items []string
		for _, e := range v.Elements() {
			items = append(items, textOf(e))
		}
		return strings.Join(items, string(os.PathListSeparator))
	}
	return ""
}

func holdsUnknown(v attr.Value) bool {
	list, ok := v.(types.List)
	if !ok {
		return false
	}
	for _, e := range list.Elements() {
		if e.IsUnknown() {
			return true
		}
	}
	return false
}
