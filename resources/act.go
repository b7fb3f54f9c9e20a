package resources

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An act is one resource on its host while Terraform asks for something.
type act struct {
	doing    string // "create"
	hosts    *Hosts
	host     *Host
	snapshot *firewall.Snapshot
	// around is the ruleset that the model's lines come into: what the host has, in a plan with
	// the changes planned before.
	around iptables.Ruleset
	model  model
	diags  *diag.Diagnostics
}

// act resolves the resource's host and reads it. It is nil after an error.
func (r *lines[M, P]) act(ctx context.Context, doing string, m P, last Endpoint, diags *diag.Diagnostics) *act {
	if diags.HasError() {
		return nil
	}
	a := &act{doing: doing, hosts: r.hosts, model: m, diags: diags}
	var err error
	if a.host, err = r.hosts.Resolve(m.base().host(), last); err != nil {
		a.fail(err)
		return nil
	}
	read := a.host.Snapshot
	if doing != "read" {
		read = a.host.SnapshotToChange
	}
	if a.snapshot, err = read(ctx); err != nil {
		a.fail(err)
		return nil
	}
	a.around = a.snapshot.Rules
	a.host.warnOnce(diags, a.snapshot.Facts)
	return a
}

func (a *act) fail(err error) {
	fail(a.diags, a.doing+" "+a.model.label(), a.model.base().host(), err)
}

func (a *act) families() []iptables.Family { return a.snapshot.Facts.Families() }

// mine is what the resource has on its host, without the lines that another resource wants
// by now: those have changed hands.
func (a *act) mine(ctx context.Context, state model, private privateState) (firewall.PolicyRules, error) {
	rules, err := owned(state, a.families())
	if err != nil {
		return rules, err
	}
	who := claimant(ctx, private, state.label(), a.diags)
	return a.hosts.claims.Mine(a.host.key(), who, rules), nil
}

// replace makes the host have what the model says in place of the previous rules, and
// writes into the model what it has. state is nil for a new resource. It reports whether the
// change is in force.
func (a *act) replace(ctx context.Context, state model, previous firewall.PolicyRules) bool {
	if k, ok := a.model.(keeper); ok {
		k.inherit(state)
		k.keep(a.snapshot.Rules, a.families())
	}
	wanted, err := a.wanted(ctx)
	if err != nil {
		a.fail(err)
		return false
	}
	if !a.apply(ctx, a.edit(wanted, previous)) {
		return false
	}
	wanted.Unmanaged = wanted.Reported(a.snapshot.Rules)
	a.write(wanted)
	return true
}

// remove takes the rules away. Policies that were found at creation come back with it, which can
// shut out this very login.
func (a *act) remove(ctx context.Context, rules firewall.PolicyRules) {
	k, ok := a.model.(keeper)
	a.apply(ctx, rules.Remove(found(a.model), ok && k.opens()))
}

// apply changes the host and reports whether the change is in force, which it can be even
// after an error.
func (a *act) apply(ctx context.Context, edit firewall.Edit) bool {
	applied, err := a.host.Apply(ctx, firewall.Change{Label: a.model.label(), Edit: edit})
	for _, w := range applied.Warnings {
		a.diags.AddWarning(printable("About host "+a.host.Name()), printable(ended(w)))
	}
	if err == nil {
		return true
	}
	var failed *firewall.Error
	var lockout *firewall.LockoutError
	if a.doing == "destroy" && errors.As(err, &lockout) && errors.As(err, &failed) && len(found(a.model)) > 0 {
		failed.Next = adviceOnRestore
	}
	a.fail(err)
	return a.doing != "create" && errors.As(err, &failed) && failed.State == firewall.Committed
}

const adviceOnRestore = "Destroying restores the policy that was there at creation, see previous_policy. " +
	"To open the chain instead, set on_destroy = \"accept\", apply that, and destroy then."

// wanted is what the model stands for on this host, as the host lists it.
func (a *act) wanted(ctx context.Context) (firewall.PolicyRules, error) {
	rules, err := a.model.rules(a.families())
	if err == nil {
		rules, err = rules.Applicable(a.around)
	}
	if err != nil {
		return rules, err
	}
	if err := lacking(rules, a.families()); err != nil {
		return rules, err
	}
	for _, l := range rules.All() {
		f := l.Chain.Family
		if err := l.Chain.CheckBackend(l.Rule, a.snapshot.Facts.Dialect(f).Backend); err != nil {
			return rules, &firewall.SpecError{Family: f, Err: err}
		}
	}
	if len(rules.Uncertain()) == 0 {
		return rules, nil
	}
	return a.host.Spell(ctx, rules)
}

// write puts the rules into the model, as the host prints them.
func (a *act) write(rules firewall.PolicyRules) {
	m := a.model.base()
	m.ID = types.StringValue(m.host() + " " + a.model.suffix())
	a.model.list(rules, a.snapshot.Facts.Dialect)
	if m.Endpoint.IsNull() || m.Endpoint.IsUnknown() {
		m.Endpoint = a.host.Endpoint.value()
	}
}

// refresh writes into the model what the host has of it, and reports whether it has anything.
func (a *act) refresh() (there bool, err error) {
	rules, err := owned(a.model, a.families())
	if err != nil {
		return false, err
	}
	a.hosts.known.add(a.host, rules)
	if _, lasts := a.model.(interface{ lasts() }); !lasts && !rules.There(a.snapshot.Rules) {
		return false, nil
	}
	if k, ok := a.model.(keeper); ok {
		k.see(a.snapshot.Rules)
	}
	a.model.base().Endpoint = a.host.Endpoint.value()
	a.write(rules.Present(a.snapshot.Rules))
	return true, nil
}

// waits reports whether the host cannot be read yet, since the provider's configuration is
// known only after apply. The state then stays as it is.
func (r *lines[M, P]) waits(state P, last Endpoint, deferral bool, resp *resource.ReadResponse) bool {
	_, err := r.hosts.Resolve(state.base().host(), last)
	var unknown *UnknownError
	if !errors.As(err, &unknown) {
		return false
	}
	if deferral {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonProviderConfigUnknown}
		return true
	}
	r.hosts.skipped(unknown, &resp.Diagnostics)
	return true
}

var hostPath = path.Root("host")

// A forcer is a model that may insist on writing into chains of other software.
type forcer interface {
	// unforced are those of its lines for which it does not.
	unforced(lines firewall.Lines) firewall.Lines
}

// edit is the change from the previous rules to the wanted ones. It refuses to put lines into
// chains of other software, unless the model insists; lines that are there already are no matter.
func (a *act) edit(wanted, previous firewall.PolicyRules) firewall.Edit {
	edit := wanted.Replace(previous, found(a.model))
	lines := wanted.Lines
	if f, ok := a.model.(forcer); ok {
		lines = f.unforced(lines)
	}
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		if err := firewall.RefuseForeign(rs, lines.Without(firewall.Present(rs, lines))); err != nil {
			return rs, err
		}
		return edit(rs)
	}
}

// lacking is an error where rules are for a family that the host cannot manage.
func lacking(rules firewall.PolicyRules, families []iptables.Family) error {
	for _, f := range rules.Families() {
		if !slices.Contains(families, f) {
			return &NoFamilyError{f}
		}
	}
	return nil
}

// A NoFamilyError says that a host cannot manage a family, or with 0 none of those wanted.
type NoFamilyError struct{ Family iptables.Family }

func (e *NoFamilyError) Error() string {
	if e.Family == 0 {
		return "the host has no program for any family that these rules are for (iptables is for IPv4, ip6tables for IPv6)"
	}
	return fmt.Sprintf("the host has no %s, or its kernel no %s: leave %q out of families", e.Family.Command(), e.Family, e.Family)
}
