package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// loginsOfAHost counts what the sshd of a host sees: a plan is one login, an apply one and one for each commit. A commit
// is one script on the connection that there is, and a new login, whose one script decides.
func loginsOfAHost(ctx context.Context, l *lab) ([]gauge, error) {
	if err := l.hosts(ctx, fleet.N(1, fleet.HostOptions{})...); err != nil {
		return nil, err
	}
	host := l.fleet.Hosts()[0]
	w, err := l.workspace(product, l.settings()+services(l.fleet.Hosts(), 100))
	if err != nil {
		return nil, err
	}
	var gauges []gauge
	count := func(run side) (fleet.SSHCounts, error) {
		if err := host.ResetSSHCounts(); err != nil {
			return fleet.SSHCounts{}, err
		}
		if _, err := run(ctx); err != nil {
			return fleet.SSHCounts{}, err
		}
		return host.SSHCounts()
	}
	for range l.rounds {
		if _, err := l.first(w)(ctx); err != nil {
			return gauges, err
		}
		plan, err := count(l.again(w))
		if err != nil {
			return gauges, err
		}
		// A first apply whose plan is made before, to count each of them.
		if err := errors.Join(l.clear(ctx), forget(w)); err != nil {
			return gauges, err
		}
		if _, err := terraformRun(ctx, w, "plan", "-out=plan"); err != nil {
			return gauges, err
		}
		apply, err := count(func(ctx context.Context) (time.Duration, error) {
			output, status, err := w.Run(ctx, nil, "apply", "-input=false", "plan")
			if err == nil && status != 0 {
				err = fmt.Errorf("terraform apply: exit status %d\n%s", status, output)
			}
			return 0, err
		})
		if err != nil {
			return gauges, err
		}
		commits := (apply.Sessions - 1) / 2
		record(&gauges, gauge{Key: "logins plan", Most: 1, What: "logins of a plan without changes, 100 iptables_service of a host"}, float64(plan.Logins))
		record(&gauges, gauge{Key: "commits apply", Most: 11, What: "commits of the first apply of them, parallelism 10"}, float64(commits))
		record(&gauges, gauge{Key: "logins apply", Most: 1, What: "logins of that apply, beside one for each commit"}, float64(apply.Logins-commits))
	}
	for _, g := range gauges {
		say("%-60s %s", g.What, g)
	}
	return gauges, nil
}
