package resources

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ModifyPlan plans the rules: the lines that the host will print. It runs for every resource
// in a plan, and for each that changes once more in the apply.
func (r *lines[M, P]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.hosts == nil || req.Plan.Raw.IsNull() {
		return
	}
	var plan M
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	p := planning{act: act{doing: "plan", hosts: r.hosts, model: P(&plan), diags: &resp.Diagnostics}}
	if !req.State.Raw.IsNull() {
		var state M
		resp.Diagnostics.Append(get(ctx, req.State, &state)...)
		p.state = P(&state)
		p.last = endpointOf(p.state.base().Endpoint)
	}
	if resp.Diagnostics.HasError() || !p.locate() {
		return
	}
	if p.replaced {
		resp.RequiresReplace.Append(hostPath)
	}
	switch {
	case p.host != nil && req.Config.Raw.IsFullyKnown():
		if !p.plan(ctx, resp.Private) {
			return
		}
		resp.Diagnostics.Append(set(ctx, resp.Identity, P(&plan).identity())...)
	case !req.Plan.Raw.Equal(req.State.Raw):
		p.open()
		var config M
		resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
		if !p.openPartly(ctx, P(&config)) || !p.outline(ctx, P(&config)) {
			return
		}
	}
	resp.Diagnostics.Append(set(ctx, &resp.Plan, &plan)...)
}

// A planning is a resource that is planned.
type planning struct {
	act
	state    model    // nil for one that is to be created
	last     Endpoint // the state's
	replaced bool     // it moves to another host
}

// locate finds the host, which stays nil while it is not known yet. It reports whether to go on.
func (p *planning) locate() bool {
	m := p.model.base()
	moves := p.state != nil && !m.Host.Equal(p.state.base().Host)
	last := p.last
	if moves {
		last = Endpoint{} // that was the other name's
	}
	var err error
	if !m.Host.IsUnknown() {
		p.host, err = p.hosts.Resolve(m.host(), last)
	}
	var unknown *UnknownError
	switch {
	case p.host != nil:
		p.replaced = moves && p.last != (Endpoint{}) && !p.host.Endpoint.SamePlace(p.last)
	case err == nil || errors.As(err, &unknown):
		p.replaced = moves
	default:
		p.fail(err)
		return false
	}
	switch {
	case p.state != nil && !p.replaced && p.last != (Endpoint{}):
		m.Endpoint = p.state.base().Endpoint // reading keeps it up to date, and no plan shows it
	case p.host != nil:
		m.Endpoint = p.host.Endpoint.value()
	default:
		m.Endpoint = types.StringUnknown()
	}
	return true
}

// open leaves to the apply what depends on values that are not known yet.
func (p *planning) open() {
	m := p.model.base()
	m.ID = types.StringUnknown()
	p.model.unlist()
	if k, ok := p.model.(keeper); ok {
		k.inherit(p.state)
	}
}

// openPartly plans the lines of those parts of the model that are known already. It reports
// whether the plan stands.
func (p *planning) openPartly(ctx context.Context, config model) bool {
	part, ok := p.model.(partial)
	if !ok || p.host == nil {
		return true
	}
	part.hide(config)
	part.settle()
	var err error
	if p.snapshot, err = p.host.Snapshot(ctx); err != nil {
		p.fail(err)
		return false
	}
	if p.around, err = p.host.Planned(ctx); err != nil {
		p.fail(err)
		return false
	}
	wanted, err := p.wanted(ctx)
	if err != nil {
		p.fail(err)
		return false
	}
	p.write(wanted)
	return true
}

// outline lays on the host what is known of a new resource whose own plan is left open, for the
// resources planned after it: what is listed for them follows from it. It reports whether the plan stands.
func (p *planning) outline(ctx context.Context, config model) bool {
	m, ok := config.(outliner)
	if !ok || p.host == nil || p.state != nil {
		return true
	}
	rules, ok := m.outline()
	if !ok {
		return true
	}
	if _, err := p.host.Plan(ctx, firewall.Change{Label: p.model.label(), Edit: p.edit(rules, firewall.PolicyRules{})}); err != nil {
		p.fail(err)
		return false
	}
	return true
}

// plan runs the change on what the host has. It reports whether the plan stands.
func (p *planning) plan(ctx context.Context, private privateState) bool {
	p.model.settle()
	if k, ok := p.model.(keeper); ok {
		k.inherit(p.state)
	}
	var err error
	if p.snapshot, err = p.host.Snapshot(ctx); err != nil {
		p.fail(err)
		return false
	}
	if p.around, err = p.host.Planned(ctx); err != nil {
		p.fail(err)
		return false
	}
	p.host.warnOnce(p.diags, p.snapshot.Facts)
	wanted, err := p.wanted(ctx)
	if err != nil {
		p.fail(err)
		return false
	}
	if p.state != nil {
		p.keepSpelling(ctx, wanted)
	}
	p.write(wanted)
	p.veil(wanted)
	if s, ok := p.model.(surveyor); ok {
		for _, w := range s.survey(p.around, p.state) {
			p.diags.AddWarning(printable("About "+p.model.label()+" on host "+p.host.Name()), printable(ended(w)))
		}
	}
	if p.replaced {
		return true // it is planned once more, as a new one
	}
	return p.claim(ctx, wanted, private) && p.try(ctx, wanted)
}

// veil makes the lines unknown of which not even the host could say how it will list them, and
// which it does not list yet.
func (p *planning) veil(wanted firewall.PolicyRules) {
	lines := wanted.Uncertain()
	lines = lines.Without(firewall.Existing(p.snapshot.Rules, nil, lines))
	if m, ok := p.model.(interface{ veil(lines []string) }); ok && len(lines) > 0 {
		m.veil(lines.Print(p.snapshot.Facts.Dialect))
	}
}

// claim takes the lines for this resource, and refuses those that another one has.
func (p *planning) claim(ctx context.Context, wanted firewall.PolicyRules, private privateState) bool {
	who := claimant(ctx, private, p.model.label(), p.diags)
	if p.state != nil {
		who = namedClaimant(ctx, private, p.model.label(), p.diags)
	}
	if err := p.hosts.claims.Claim(p.host.key(), p.snapshot.Rules, who, wanted); err != nil {
		var twice *firewall.ClaimError
		if errors.As(err, &twice) {
			twice.Host = p.host.Name()
		}
		p.fail(err)
		return false
	}
	return true
}

// try runs the change on the host as it will be after the changes planned before, and tells
// what is there already.
func (p *planning) try(ctx context.Context, wanted firewall.PolicyRules) bool {
	var previous firewall.PolicyRules
	if p.state != nil {
		var err error
		if previous, err = owned(p.state, p.families()); err != nil {
			p.fail(err)
			return false
		}
	}
	if !p.takeOver(previous, wanted) {
		return false
	}
	planned, err := p.host.Plan(ctx, firewall.Change{Label: p.model.label(), Edit: p.edit(wanted, previous)})
	if err != nil {
		p.fail(err)
		return false
	}
	if d, ok := p.model.(differ); ok {
		d.show(iptables.Diff(planned.Before, planned.After), p.state, p.snapshot.Facts.Dialect)
	}
	return true
}

// takeOver warns of lines that are there already and no resource's, or refuses them: of those
// that the resource wants, and of those that do not belong into chains that it makes its own.
func (p *planning) takeOver(previous, wanted firewall.PolicyRules) bool {
	there := p.hosts.known.foreign(p.host, firewall.Existing(p.snapshot.Rules, previous.All(), wanted.All()))
	gone := p.hosts.known.foreign(p.host, wanted.Displaced(p.snapshot.Rules, previous))
	if p.hosts.RefuseExisting && len(there)+len(gone) > 0 && (len(there) > 0 || len(wanted.Chains) > 0) {
		p.diags.AddError(
			printable(fmt.Sprintf("%s exists already on host %s", p.model.label(), p.host.Name())),
			printable(fmt.Sprintf("The host has already:\n\n%s\n\nImport it instead (on_existing = \"error\" in the provider forbids taking it over):\n\n"+
				"  terraform import %s.NAME '%s %s'", p.text(append(there, gone...)), kind(p.model), p.model.base().host(), p.model.suffix())))
		return false
	}
	if len(there) > 0 {
		p.diags.AddWarning(
			printable(fmt.Sprintf("%s takes over %s on host %s", p.model.label(), count(len(there)), p.host.Name())),
			printable("The host has already, to the letter:\n\n"+p.text(there)+"\n\nThey become this resource's: destroying it removes them. "+
				"on_existing = \"error\" in the provider refuses this instead."))
	}
	if sets := p.hosts.known.foreignSets(p.host, wanted.ExistingSets(p.snapshot.Rules, previous)); len(sets) > 0 && !p.takeOverSets(sets) {
		return false
	}
	if len(gone) > 0 {
		p.diags.AddWarning(
			printable(fmt.Sprintf("%s removes %s of others on host %s", p.model.label(), count(len(gone)), p.host.Name())),
			printable("These do not belong there any more, and go:\n\n"+p.text(gone)+"\n\nWhat should stay is named there (in `rules`, or `services` of an iptables_firewall), or spared by a pattern in `ignore`."))
	}
	if left := wanted.Reported(p.snapshot.Rules); len(left) > 0 {
		p.diags.AddWarning(
			printable(fmt.Sprintf("%s finds %s that should not be there on host %s", p.model.label(), count(len(left)), p.host.Name())),
			printable("Because of mode = \"report\" they stay:\n\n"+p.text(left)))
	}
	return true
}

// takeOverSets warns of ipsets that are there already and no resource's, or refuses them.
func (p *planning) takeOverSets(names []string) bool {
	text := strings.Join(names, ", ")
	if p.hosts.RefuseExisting {
		p.diags.AddError(
			printable(fmt.Sprintf("%s exists already on host %s", p.model.label(), p.host.Name())),
			printable(fmt.Sprintf("The host has an ipset of that name already: %s. Import it instead (on_existing = \"error\" in the provider forbids taking it over):\n\n"+
				"  terraform import %s.NAME '%s %s'", text, kind(p.model), p.model.base().host(), p.model.suffix())))
		return false
	}
	p.diags.AddWarning(
		printable(fmt.Sprintf("%s takes over an ipset on host %s", p.model.label(), p.host.Name())),
		printable(fmt.Sprintf("The host has an ipset of that name already: %s. It becomes this resource's: its entries become those of the configuration, and destroying the "+
			"resource destroys it. on_existing = \"error\" in the provider refuses this instead.", text)))
	return true
}

// text are lines as a warning shows them: what nobody reads to its end is not worth printing.
func (p *planning) text(lines firewall.Lines) string {
	const most = 50
	text := indented(lines[:min(most, len(lines))].Print(p.snapshot.Facts.Dialect))
	if len(lines) > most {
		text += fmt.Sprintf("\n  ... and %d more", len(lines)-most)
	}
	return text
}

// keepSpelling takes over the state's spelling of what the configuration says in another way.
func (p *planning) keepSpelling(ctx context.Context, wanted firewall.PolicyRules) {
	respell(p.model.spellings(p.state), func() bool {
		rules, err := p.wanted(ctx)
		return err == nil && rules.Same(wanted)
	})
}

// kind is the resource's type: "iptables_service".
func kind(m model) string {
	kind, _, _ := strings.Cut(m.label(), " ")
	return kind
}

// count is "1 rule" or "3 rules".
func count(n int) string {
	if n == 1 {
		return "1 rule"
	}
	return fmt.Sprintf("%d rules", n)
}
