package main

import (
	"context"
	"errors"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A form is one way to write the same rules.
type form struct {
	name   string
	ours   *cli.Workspace
	floor  *cli.Workspace
	faster [2]float64 // than Ansible: first apply, plan without changes
}

// leastApply is what nobody gets below who reads a host for the plan and again for the apply.
func (f form) leastApply() string { return "Terraform's floor of " + f.name + " and 2 bare logins" }

// leastPlan is the same for a plan.
func (f form) leastPlan() string {
	return "Terraform's floor of a plan of " + f.name + " and a bare login"
}

// oneHost is 100 rules on a host that is 20 ms away.
func oneHost(ctx context.Context, l *lab) ([]figure, error) {
	const rules = 100
	if err := l.hosts(ctx, fleet.N(1, fleet.HostOptions{})...); err != nil {
		return nil, err
	}
	hosts := l.fleet.Hosts()
	small, err := l.form("100 iptables_service", services(hosts, rules))
	if err != nil {
		return nil, err
	}
	whole, err := l.form("one iptables_firewall", firewalls(hosts, rules))
	if err != nil {
		return nil, err
	}
	small.faster, whole.faster = [2]float64{10, 15}, [2]float64{20, 25}

	var figures []figure
	add := func(f figure, ours, theirs side) error {
		f, err := l.compare(ctx, f, ours, theirs)
		figures = append(figures, f)
		return err
	}
	for _, form := range []form{small, whole} {
		err := errors.Join(
			add(atMost(1.3, "first apply, "+form.name, "Terraform's floor and 12 bare logins"),
				l.first(form.ours), sum(l.first(form.floor), l.bare(12, "true"))),
			add(atMost(1.3, "plan without changes, "+form.name, "Terraform's floor and a bare login with iptables-save"),
				l.again(form.ours), sum(l.again(form.floor), l.bare(1, "iptables-save"))),
		)
		if err != nil {
			return figures, err
		}
	}
	exec, err := l.workspace(product, remoteExec(l.fleet.Key, hosts, rules))
	if err != nil {
		return figures, err
	}
	const execs = "remote-exec, one a rule"
	err = errors.Join(
		add(faster(3, "first apply, 100 iptables_service", execs), l.first(small.ours), l.first(exec)),
		add(possible(small.leastApply(), execs), sum(l.first(small.floor), l.bare(2, "true")), l.first(exec)),
	)
	if err != nil {
		return figures, err
	}
	return figures, l.besideAnsible(ctx, add, playbook(rules), 5, small, whole)
}

// form makes both workspaces of a configuration.
func (l *lab) form(name, configuration string) (f form, err error) {
	f.name = name
	if f.ours, err = l.workspace(product, l.settings()+configuration); err != nil {
		return f, err
	}
	f.floor, err = l.workspace(floor, l.settings()+configuration)
	return f, err
}

// besideAnsible compares forms with a playbook that does the same. Ansible is run once a round for all of them.
func (l *lab) besideAnsible(ctx context.Context, add func(figure, side, side) error, text string, forks int, forms ...form) error {
	play, err := l.ansible(ctx, text, forks)
	if err != nil {
		say("%v", err)
		return nil
	}
	var firsts, seconds times
	for range l.rounds {
		if err := l.clear(ctx); err != nil {
			return err
		}
		for _, into := range []*times{&firsts, &seconds} {
			took, err := play(ctx)
			if err != nil {
				return err
			}
			*into = append(*into, took)
		}
	}
	const once, again = "ansible.builtin.iptables, pipelining", "the playbook once more"
	for _, form := range forms {
		err := errors.Join(
			add(faster(form.faster[0], "first apply, "+form.name, once), l.first(form.ours), replay(firsts)),
			add(faster(form.faster[1], "plan without changes, "+form.name, again), l.again(form.ours), replay(seconds)),
			add(possible(form.leastApply(), once), sum(l.first(form.floor), l.bare(2, "true")), replay(firsts)),
			add(possible(form.leastPlan(), again), sum(l.again(form.floor), l.bare(1, "iptables-save")), replay(seconds)),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// replay is a side that was timed before.
func replay(t times) side {
	next := 0
	return func(context.Context) (time.Duration, error) {
		next++
		return t[(next-1)%len(t)], nil
	}
}

// first applies a configuration to hosts without rules, of which Terraform knows nothing.
func (l *lab) first(w *cli.Workspace, options ...string) side {
	return func(ctx context.Context) (time.Duration, error) {
		if err := errors.Join(l.clear(ctx), forget(w)); err != nil {
			return 0, err
		}
		return terraformRun(ctx, w, append([]string{"apply", "-auto-approve"}, options...)...)
	}
}

// again plans what was applied before; the plan must be empty.
func (l *lab) again(w *cli.Workspace, options ...string) side {
	return func(ctx context.Context) (time.Duration, error) {
		return terraformRun(ctx, w, append([]string{"plan", "-detailed-exitcode"}, options...)...)
	}
}

// bare is so many bare logins of each host.
func (l *lab) bare(each int, command ...string) side {
	return func(ctx context.Context) (time.Duration, error) { return l.logins(ctx, each, command...) }
}
