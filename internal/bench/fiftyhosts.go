package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// fiftyHosts is ten services on each of fifty hosts, in one resource a host.
func fiftyHosts(ctx context.Context, l *lab) ([]figure, error) {
	const each = 10
	if err := l.hosts(ctx, fleet.N(50, fleet.HostOptions{})...); err != nil {
		return nil, err
	}
	f, err := l.form("50 iptables_firewall of 10 services, parallelism 50", firewalls(l.fleet.Hosts(), each))
	if err != nil {
		return nil, err
	}
	const parallel = "-parallelism=50"
	var figures []figure
	add := func(f figure, ours, theirs side) error {
		f, err := l.compare(ctx, f, ours, theirs)
		figures = append(figures, f)
		return err
	}
	err = errors.Join(
		add(atMost(1.3, "first apply, "+f.name, "Terraform's floor and three bare logins a host, ten hosts at a time"),
			l.first(f.ours, parallel), sum(l.first(f.floor, parallel), l.bare(3, "true"))),
		l.oneDead(add, f, parallel),
	)
	if err != nil {
		return figures, err
	}
	play, err := l.ansible(ctx, playbook(each), 50)
	if err != nil {
		say("%v", err)
		return figures, nil
	}
	return figures, add(faster(4, "first apply, "+f.name, "ansible.builtin.iptables, forks 50"), l.first(f.ours, parallel),
		func(ctx context.Context) (time.Duration, error) {
			if err := l.clear(ctx); err != nil {
				return 0, err
			}
			return play(ctx)
		})
}

// oneDead compares the apply of a plan where one host has died since with one where all are alive. What the dial of
// the dead one may take is taken off.
func (l *lab) oneDead(add func(figure, side, side) error, f form, options ...string) error {
	const timeout = 5 * time.Second
	dead := l.fleet.Hosts()[len(l.fleet.Hosts())-1]
	apply := func(ctx context.Context, cut bool) (time.Duration, error) {
		if err := errors.Join(l.clear(ctx), forget(f.ours)); err != nil {
			return 0, err
		}
		if _, err := terraformRun(ctx, f.ours, append([]string{"plan", "-out=plan"}, options...)...); err != nil {
			return 0, err
		}
		if cut {
			if err := dead.CutLink(); err != nil {
				return 0, err
			}
		}
		began := time.Now()
		output, status, err := f.ours.Run(ctx, []string{"IPTABLES_SSH_TIMEOUT=" + timeout.String()}, append(append([]string{"apply"}, options...), "plan")...)
		took := time.Since(began)
		if (status != 0) != cut {
			err = errors.Join(err, fmt.Errorf("terraform apply: exit status %d\n%s", status, output))
		}
		return took, errors.Join(err, dead.RestoreLink())
	}
	return add(atMost(1.1, "apply of a plan, one of 50 hosts dead, less its dial timeout", "all alive"),
		func(ctx context.Context) (time.Duration, error) {
			took, err := apply(ctx, true)
			return took - timeout, err
		},
		func(ctx context.Context) (time.Duration, error) { return apply(ctx, false) })
}
