package main

import (
	"context"
	"fmt"
)

// wide is Terraform's parallelism for many hosts: what a guide recommends, and what waits for hosts wants.
const wide = "-parallelism=50"

// planTimes is how long plans without changes of so many hosts take, what Terraform alone takes for them, and how much
// memory the provider needs.
func planTimes(ctx context.Context, l *lab) ([]gauge, error) {
	if err := l.manyHosts(ctx); err != nil {
		return nil, err
	}
	const each = 20
	var gauges []gauge
	for _, hosts := range []int{10, 100, 250, 500} {
		f, err := l.inForce(ctx, hosts, each)
		if err != nil {
			return gauges, err
		}
		most := 0.0
		if hosts == 500 {
			most = 300
		}
		for range l.rounds {
			took, u, err := used(ctx, l.again(f.ours, wide))
			if err != nil {
				return gauges, err
			}
			alone, err := l.again(f.floor, wide)(ctx)
			if err != nil {
				return gauges, err
			}
			record(&gauges, gauge{Key: fmt.Sprintf("plan %d", hosts), Unit: "s",
				What: fmt.Sprintf("plan without changes, %d hosts of %d rules, one iptables_firewall each, parallelism 50", hosts, each)}, took.Seconds())
			record(&gauges, gauge{Key: fmt.Sprintf("floor %d", hosts), Unit: "s", What: fmt.Sprintf("of which Terraform's floor, %d hosts", hosts)}, alone.Seconds())
			record(&gauges, gauge{Key: fmt.Sprintf("memory %d", hosts), Unit: "MB", Most: most,
				What: fmt.Sprintf("memory of the provider, %d hosts of %d rules", hosts, each)}, megabytes(u.memory))
		}
	}
	return gauges, nil
}

// connections is what the bound of connections costs or gives: a plan of 500 hosts within different ones.
func connections(ctx context.Context, l *lab) ([]gauge, error) {
	if err := l.manyHosts(ctx); err != nil {
		return nil, err
	}
	f, err := l.inForce(ctx, 500, 20)
	if err != nil {
		return nil, err
	}
	var gauges []gauge
	for range l.rounds {
		for _, most := range []int{16, 64, 256, 1000} {
			took, u, err := used(ctx, l.withEnvironment(f.ours, fmt.Sprintf("IPTABLES_MAX_CONNECTIONS=%d", most)))
			if err != nil {
				return gauges, err
			}
			record(&gauges, gauge{Key: fmt.Sprintf("connections %d", most), Unit: "s", What: fmt.Sprintf("plan of 500 hosts, max_connections = %d", most)}, took.Seconds())
			record(&gauges, gauge{Key: fmt.Sprintf("connections memory %d", most), Unit: "MB", What: fmt.Sprintf("memory of the provider, max_connections = %d", most)}, megabytes(u.memory))
		}
	}
	return gauges, nil
}

// processorTime is what 10,000 rules on 100 hosts that did not change cost the provider and Terraform, in both forms.
func processorTime(ctx context.Context, l *lab) ([]figure, error) {
	if err := l.manyHosts(ctx); err != nil {
		return nil, err
	}
	const hosts, each = 100, 100
	f, err := l.inForce(ctx, hosts, each)
	if err != nil {
		return nil, err
	}
	small, err := l.multiplied(ctx, hosts, l.manyServices(each))
	if err != nil {
		return nil, err
	}
	whole := atMost(1.0/3, "processor time of the provider, 10,000 rules on 100 hosts, 100 iptables_firewall", "Terraform's own for them")
	single := atMost(1.0/3, "processor time of the provider, 10,000 rules on 100 hosts, 10,000 iptables_service", "Terraform's own for them")
	for round := range l.rounds {
		if err := l.spent(ctx, &whole, l.again(f.ours, wide)); err != nil {
			return nil, err
		}
		if round > 0 {
			continue // a plan of ten thousand resources takes minutes, and nearly all of it is Terraform's
		}
		if err := l.spent(ctx, &single, l.again(small, wide)); err != nil {
			return nil, err
		}
	}
	for _, f := range []figure{whole, single} {
		say("%-60s %s against %s: %.2f", f.work, f.ours, f.theirs, f.ratio())
	}
	return []figure{whole, single}, nil
}

// spent adds to a figure what the processes of a run spent.
func (l *lab) spent(ctx context.Context, f *figure, run side) error {
	_, u, err := used(ctx, run)
	f.ours, f.theirs = append(f.ours, u.provider), append(f.theirs, u.terraform)
	return err
}
