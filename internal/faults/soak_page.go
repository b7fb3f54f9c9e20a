package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// soakFile has what the last long soak gave, as the guide shows it.
const soakFile = "internal/faults/soak.md"

// thirds are the medians of the first and of the last third of the samples, without the first one, at which the process
// is still growing.
func (s *soak) thirds(what func(sample) float64) (first, last float64, err error) {
	samples := s.samples[min(1, len(s.samples)):]
	if len(samples) < 3 {
		return 0, 0, errors.New("a soak takes minutes: there are too few samples")
	}
	third := len(samples) / 3
	median := func(some []sample) float64 {
		var all []float64
		for _, one := range some {
			all = append(all, what(one))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return median(samples[:third]), median(samples[len(samples)-third:]), nil
}

// soakRows are what must be flat, and by how much the last third may lie above the first.
var soakRows = []struct {
	what  string
	of    func(sample) float64
	share float64
	more  float64
}{
	{"memory in use, MB", func(one sample) float64 { return float64(one.heap) / 1e6 }, 0.1, 2},
	{"goroutines", func(one sample) float64 { return float64(one.goroutines) }, 0, 3},
	{"file descriptors", func(one sample) float64 { return float64(one.descriptors) }, 0, 3},
	{"files of changes on all hosts", func(one sample) float64 { return float64(one.left) }, 0, 3},
}

// report is the result as the guide shows it; the error is what grew, or went wrong.
func (s *soak) report() (string, error) {
	var b strings.Builder
	var errs []error
	if len(s.samples) == 0 {
		return "", errors.New("a soak takes minutes: there are no samples")
	}
	last := s.samples[len(s.samples)-1]
	fmt.Fprintf(&b, "Ten hosts, %.0f minutes, %d changes, of which %d were applied at once; %d times a host was neither as before nor as after. Seed %d.\n\n",
		last.at.Minutes(), s.rounds, s.applied, len(s.failures), s.seed)
	b.WriteString("| counted once a minute, median | first third | last third |\n| --- | ---: | ---: |\n")
	for _, row := range soakRows {
		before, after, err := s.thirds(row.of)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "| %s | %.3g | %.3g |\n", row.what, before, after)
		if after > before*(1+row.share)+row.more {
			errs = append(errs, fmt.Errorf("%s grew from %.3g to %.3g", row.what, before, after))
		}
	}
	if len(s.failures) > 0 {
		errs = append(errs, fmt.Errorf("%d hosts failed: %s", len(s.failures), strings.Join(s.failures, "; ")))
	}
	return b.String(), errors.Join(errs...)
}

// longSoak is how long one has to last to be shown in the guide.
const longSoak = 30 * time.Minute

// Where the guide has it.
const soakBegins, soakEnds = "<!-- soak: made by make soak -->\n", "<!-- end of soak -->\n"

// publishSoak puts what a soak gave into the guide, and keeps it for the next one.
func publishSoak(root, report string) error {
	if err := os.WriteFile(filepath.Join(root, soakFile), []byte(report), 0o644); err != nil {
		return err
	}
	path := filepath.Join(root, guide)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), soakBegins)
	_, after, ends := strings.Cut(rest, soakEnds)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for it", guide)
	}
	return os.WriteFile(path, []byte(before+soakBegins+report+soakEnds+after), 0o644)
}
