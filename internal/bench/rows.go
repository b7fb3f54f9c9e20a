package main

import (
	"context"
	"fmt"
	"regexp"
)

// A row is a group of comparisons that share their hosts.
type row struct {
	name    string
	compare func(context.Context, *lab) ([]figure, error)
}

// rows are those of the page, in its order.
var rows = []row{
	{"one-host", oneHost},
	{"fifty-hosts", fiftyHosts},
	{"large", large},
}

// measure makes the figures of all rows whose name matches.
func (l *lab) measure(ctx context.Context, wanted *regexp.Regexp) ([]figure, error) {
	var all []figure
	for _, row := range rows {
		if !wanted.MatchString(row.name) {
			continue
		}
		figures, err := row.compare(ctx, l)
		all = append(all, figures...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", row.name, err)
		}
	}
	return all, nil
}
