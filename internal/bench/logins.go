package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// loginsOfAHost counts what the sshd of a host sees: a plan is one login, an apply one and one for each commit that could
// shut somebody out. A commit is one script on the connection that there is, and such a one a new login, whose one script
// decides.
func loginsOfAHost(ctx context.Context, l *lab) ([]gauge, error) {
	if err := l.hosts(ctx, fleet.N(1, fleet.HostOptions{})...); err != nil {
		return nil, err
	}
	accepting := services(l.fleet.Hosts(), 100)
	var gauges []gauge
	for _, form := range []struct {
		name, configuration string
		decided             int // logins for each commit
	}{
		{"services that accept", accepting, 0},
		{"services that drop", strings.Replace(accepting, "  families = [", "  sources  = [\"192.0.2.0/24\"]\n  action   = \"drop\"\n  families = [", 1), 1},
	} {
		w, err := l.workspace(product, l.settings()+form.configuration)
		if err != nil {
			return gauges, err
		}
		for range l.rounds {
			if err := errors.Join(l.clear(ctx), forget(w)); err != nil {
				return gauges, err
			}
			plan, err := l.counted(ctx, w, "plan", "-input=false", "-out=plan")
			if err != nil {
				return gauges, err
			}
			const outcomes = "/run/terraform-provider-iptables/outcomes"
			host := l.fleet.Hosts()[0]
			if _, err := host.Shell(ctx, "rm -f "+outcomes); err != nil {
				return gauges, err
			}
			apply, err := l.counted(ctx, w, "apply", "-input=false", "plan")
			if err != nil {
				return gauges, err
			}
			recorded, err := host.Shell(ctx, "cat "+outcomes)
			if err != nil {
				return gauges, err
			}
			commits := strings.Count(recorded, "\n")
			record(&gauges, gauge{Key: "plan " + form.name, Most: 1, What: "logins of a plan, 100 " + form.name}, float64(plan.Logins))
			record(&gauges, gauge{Key: "commits " + form.name, Most: 11, What: "commits of the first apply, 100 " + form.name + ", parallelism 10"}, float64(commits))
			record(&gauges, gauge{Key: "apply " + form.name, Most: 1, What: "logins of that apply, beside one for each commit that could shut somebody out"},
				float64(apply.Logins-form.decided*commits))
			record(&gauges, gauge{Key: "sessions " + form.name, What: "sessions of that apply: one to read, one or two for each commit, one for a commit that could have followed"}, float64(apply.Sessions))
		}
	}
	return gauges, nil
}

// counted runs Terraform and counts what the first host's sshd sees of it.
func (l *lab) counted(ctx context.Context, w *cli.Workspace, args ...string) (fleet.SSHCounts, error) {
	host := l.fleet.Hosts()[0]
	if err := host.ResetSSHCounts(); err != nil {
		return fleet.SSHCounts{}, err
	}
	output, status, err := w.Run(ctx, nil, args...)
	if err == nil && status != 0 {
		err = fmt.Errorf("terraform %v: exit status %d\n%s", args, status, output)
	}
	if err != nil {
		return fleet.SSHCounts{}, err
	}
	return host.SSHCounts()
}
