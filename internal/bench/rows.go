package main

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// A row is a group of measurements that share their hosts.
type row struct {
	name string
	// What it gives, of which it has one: comparisons, or what is measured by itself.
	compare func(context.Context, *lab) ([]figure, error)
	gauge   func(context.Context, *lab) ([]gauge, error)
	// most is how often a row is run that takes minutes; 0: as often as the others.
	most int
}

// rows are those of the pages, in their order.
var rows = []row{
	{name: "one-host", compare: oneHost},
	{name: "fifty-hosts", compare: fiftyHosts},
	{name: "large", compare: large},
	{name: "logins", gauge: loginsOfAHost},
	{name: "plan-times", gauge: planTimes, most: 3},
	{name: "connections", gauge: connections, most: 1},
	{name: "processor-time", compare: processorTime, most: 3},
	{name: "profiles", gauge: profiles, most: 1},
}

// measure runs all rows whose name matches, and stores what each gave.
func (l *lab) measure(ctx context.Context, wanted *regexp.Regexp, folder string) error {
	rounds := l.rounds
	for _, row := range rows {
		if !wanted.MatchString(row.name) {
			continue
		}
		l.rounds = rounds
		if row.most > 0 {
			l.rounds = min(rounds, row.most)
		}
		began := time.Now()
		var figures []figure
		var gauges []gauge
		var err error
		if row.compare != nil {
			figures, err = row.compare(ctx, l)
		} else {
			gauges, err = row.gauge(ctx, l)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		for _, g := range gauges {
			say("%-60s %s", g.What, g)
		}
		if err := store(folder, row.name, l.rounds, figures, gauges); err != nil {
			return err
		}
		say("%s took %v", row.name, time.Since(began).Round(time.Second))
	}
	return nil
}
