package main

import (
	"fmt"
	"slices"
	"strings"
)

// A gauge is something that is measured by itself, run by run.
type gauge struct {
	Key    string    `json:"key"` // what pages call it
	What   string    `json:"what"`
	Unit   string    `json:"unit"`
	Most   float64   `json:"most,omitempty"` // 0 where nothing is promised
	Values []float64 `json:"values"`
}

func (g gauge) median() float64 {
	if len(g.Values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(g.Values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func (g gauge) reached() bool { return g.Most == 0 || g.median() <= g.Most }

// Short is the median as people write it.
func (g gauge) Short() string {
	switch m := g.median(); {
	case m == float64(int64(m)), m >= 100:
		return fmt.Sprintf("%.0f", m)
	case m >= 10:
		return fmt.Sprintf("%.1f", m)
	default:
		return fmt.Sprintf("%.2f", m)
	}
}

func (g gauge) String() string {
	if len(g.Values) == 0 {
		return "-"
	}
	if slices.Min(g.Values) == slices.Max(g.Values) {
		return strings.TrimSpace(g.Short() + " " + g.Unit)
	}
	return fmt.Sprintf("%s (%.4g to %.4g)", strings.TrimSpace(g.Short()+" "+g.Unit), slices.Min(g.Values), slices.Max(g.Values))
}

// gaugeTable is the gauges as Markdown.
func gaugeTable(gauges []gauge) string {
	var b strings.Builder
	b.WriteString("| what | measured | must be | |\n| --- | --- | --- | --- |\n")
	for _, g := range gauges {
		must, verdict := "", ""
		if g.Most > 0 {
			must, verdict = strings.TrimSpace(fmt.Sprintf("at most %.4g %s", g.Most, g.Unit)), "yes"
		}
		if !g.reached() {
			verdict = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.What, g, must, verdict)
	}
	return b.String()
}
