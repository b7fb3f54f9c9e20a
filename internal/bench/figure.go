package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A figure is a work, timed beside what it is compared with.
type figure struct {
	work, against string
	must          string  // as the page says it: "at most 1.3x"; empty where nothing is asked
	most          float64 // ours/theirs; 0 where least counts, or nothing is asked
	least         float64 // theirs/ours
	ours, theirs  times
}

// times are what one side took, run by run.
type times []time.Duration

func (t times) median() time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func (t times) String() string {
	if len(t) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", t.median().Seconds(), slices.Min(t).Seconds(), slices.Max(t).Seconds())
}

// ratio compares the medians, in the direction of what must be.
func (f figure) ratio() float64 {
	if f.most == 0 {
		return float64(f.theirs.median()) / float64(f.ours.median())
	}
	return float64(f.ours.median()) / float64(f.theirs.median())
}

func (f figure) reached() bool {
	if f.least > 0 {
		return f.ratio() >= f.least
	}
	return f.ratio() <= f.most
}

// atMost is a figure whose work may take so many times what it is compared with.
func atMost(limit float64, work, against string) figure {
	return figure{work: work, against: against, must: fmt.Sprintf("at most %.3gx", limit), most: limit}
}

// faster is a figure whose work must be so many times faster.
func faster(limit float64, work, against string) figure {
	return figure{work: work, against: against, must: fmt.Sprintf("%gx faster", limit), least: limit}
}

// possible is how many times faster than others a provider could be at most: what Terraform and the logins alone take.
func possible(work, against string) figure { return figure{work: work, against: against} }

// table is the figures as Markdown: median, and in brackets minimum and maximum, in seconds.
func table(figures []figure) string {
	var b strings.Builder
	b.WriteString("| work | took | against | took | ratio | must be | |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, f := range figures {
		verdict := "yes"
		switch {
		case f.must == "":
			verdict = ""
		case !f.reached():
			verdict = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f | %s | %s |\n", f.work, f.ours, f.against, f.theirs, f.ratio(), f.must, verdict)
	}
	return b.String()
}
