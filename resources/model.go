package resources

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// common are the attributes of every resource that is made of lines.
type common struct {
	ID       types.String `tfsdk:"id"`
	Host     types.String `tfsdk:"host"`
	Endpoint types.String `tfsdk:"endpoint"`
}

// listing is the attribute `rules` of a resource whose lines are one list.
type listing struct {
	Rules types.List `tfsdk:"rules"`
}

func (l *listing) listed() []string { return listStrings(l.Rules) }

func (l *listing) list(rules firewall.PolicyRules, dialect dialects) {
	l.Rules = listOf(rules.Print(dialect))
}

func (l *listing) veil(lines []string) {
	elements := l.Rules.Elements()
	for i, e := range elements {
		if text, ok := e.(types.String); ok && slices.Contains(lines, text.ValueString()) {
			elements[i] = types.StringUnknown()
		}
	}
	l.Rules = types.ListValueMust(types.StringType, elements)
}

func (l *listing) unlist() { l.Rules = types.ListUnknown(types.StringType) }

// forcing is the attribute `force_foreign`.
type forcing struct {
	ForceForeign types.Bool `tfsdk:"force_foreign"`
}

// unforced are the lines that must not go into chains of other software: all or none.
func (f *forcing) unforced(lines firewall.Lines) firewall.Lines {
	if f.ForceForeign.ValueBool() {
		return nil
	}
	return lines
}

// dialects are the spellings of a host's commands, as firewall.Facts.Dialect gives them.
type dialects = func(iptables.Family) iptables.Dialect

func (c *common) base() *common { return c }

func (c *common) host() string { return c.Host.ValueString() }

// A model is the attributes of a resource that is made of lines. Its methods, but for base,
// are for attributes that are known.
type model interface {
	base() *common
	// label is what messages call the resource: `iptables_service "https"`.
	label() string
	// suffix is the resource's import ID without the host.
	suffix() string
	// identity is a pointer to a struct that fits the identity's schema.
	identity() any
	// validate lists what is wrong and can be known without a host.
	validate() []firewall.Problem
	// settle fills in the computed attributes that follow from the others.
	settle()
	// rules are the lines and policies that the resource stands for, on a host that can manage
	// these families.
	rules(families []iptables.Family) (firewall.PolicyRules, error)
	// listed are the lines in the computed attributes, as they were last read.
	listed() []string
	// list writes lines and policies into the computed attributes, as the host prints them.
	list(rules firewall.PolicyRules, dialect dialects)
	// unlist makes those attributes unknown.
	unlist()
	// spellings are the attributes that can say one thing in several ways. Each function takes
	// one over from other, and gives back the way to undo that; nil where there is nothing to take.
	spellings(other model) []func() (undo func())
}

// A keeper is a model that keeps what its host was like before.
type keeper interface {
	// keep notes what is not noted yet, before the resource changes anything.
	keep(rs iptables.Ruleset, families []iptables.Family)
	// inherit takes over what the state has noted; nil for none.
	inherit(state model)
	// found are the policies that chains get back which the resource has set.
	found() firewall.Policies
	// opens says that those chains accept everything, instead, after the resource is destroyed.
	opens() bool
	// see changes the attributes to what the host has, where that was changed by hand.
	see(rs iptables.Ruleset)
}

// A surveyor is a model of which a plan says more than what it will be.
type surveyor interface {
	// survey looks at what the host has, completes the attributes that depend on it, and is what
	// a person should know. state is nil for a new resource.
	survey(rs iptables.Ruleset, state model) (warnings []string)
}

// A partial model is made of parts, of which some can be known before others.
type partial interface {
	model
	// hide makes the model one of the parts that a configuration knows.
	hide(config model)
}

// An outliner is a model of which others need to know something before all of it is known.
type outliner interface {
	// outline is what a configuration says already; ok is false where that is not enough.
	outline() (rules firewall.PolicyRules, ok bool)
}

// A differ is a model that shows in a plan what the change does, instead of all that there will be.
type differ interface {
	// show writes the change into the computed attributes; state is nil for a new resource.
	show(change iptables.Change, state model, dialect dialects)
}

// found are the policies that a model keeps, nil for one that keeps none.
func found(m model) firewall.Policies {
	if k, ok := m.(keeper); ok {
		return k.found()
	}
	return nil
}

// owned are the lines and policies that a resource has on its host by its state: those that
// its attributes stand for, and those that were listed when they were last read. They differ
// after a line was deleted or moved by hand, and after an upgrade of the provider.
func owned(state model, families []iptables.Family) (firewall.PolicyRules, error) {
	listed, err := firewall.ParsePolicyRules(state.listed())
	if err != nil {
		return firewall.PolicyRules{}, err
	}
	rules, err := state.rules(families)
	if err != nil {
		// An older provider allowed what this one does not.
		return listed, nil //nolint:nilerr // what was listed is known all the same
	}
	return rules.With(listed), nil
}

// ofFamilies are the rules of families that the host can manage. With chosen the configuration
// names families itself, and all of them count. The error is a *NoFamilyError where nothing is left.
func ofFamilies(rules firewall.PolicyRules, chosen bool, families []iptables.Family) (firewall.PolicyRules, error) {
	if chosen {
		return rules, nil
	}
	kept := rules.Of(families)
	if len(kept.Families()) == 0 && len(rules.Families()) > 0 {
		return kept, &NoFamilyError{}
	}
	return kept, nil
}

// fullyKnown reports whether a value and all in it is known.
func fullyKnown(v attr.Value) bool {
	raw, err := v.ToTerraformValue(context.Background())
	return err == nil && raw.IsFullyKnown()
}

// knownButHost reports whether all of a configuration is known, apart from the host.
func knownButHost(config tftypes.Value) bool {
	var attributes map[string]tftypes.Value
	if !config.IsKnown() || config.IsNull() || config.As(&attributes) != nil {
		return false
	}
	for name, v := range attributes {
		if name != "host" && !v.IsFullyKnown() {
			return false
		}
	}
	return true
}
