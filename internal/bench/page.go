package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

//go:embed scaling.md.tmpl
var scalingText string

// writePages writes the guides from what the rows gave when they were last run.
func writePages(root string, results []result) error {
	p := page{root, results}
	guides := filepath.Join(root, "templates", "guides")
	return errors.Join(
		p.write(filepath.Join(guides, "performance.md"), pageText),
		p.write(filepath.Join(guides, "scaling.md"), scalingText),
	)
}

// A page is what its template can ask for.
type page struct {
	root    string
	results []result
}

func (p page) write(path, text string) error {
	parsed, err := template.New(filepath.Base(path)).Option("missingkey=error").Parse(text)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, p); err != nil {
		return err
	}
	return writeFile(path, b.String())
}

// Figures is the table of all comparisons.
func (p page) Figures() string {
	var all []figure
	for _, r := range p.results {
		all = append(all, r.figures()...)
	}
	return table(all)
}

// Gauges is the table of what the rows measured by itself.
func (p page) Gauges(names ...string) (string, error) {
	var all []gauge
	for _, name := range names {
		r, err := p.row(name)
		if err != nil {
			return "", err
		}
		all = append(all, r.gauges()...)
	}
	return gaugeTable(all), nil
}

// Median is that of one gauge, as people write it.
func (p page) Median(key string) (string, error) {
	for _, r := range p.results {
		for _, g := range r.gauges() {
			if g.Key == key {
				return g.Short(), nil
			}
		}
	}
	return "", fmt.Errorf("no row has measured %q yet: run them all", key)
}

// Profile is a table of where the provider's processor time goes, by the number of hosts.
func (p page) Profile() (string, error) {
	r, err := p.row("profiles")
	if err != nil {
		return "", err
	}
	sizes := []string{"1", "50", "500"}
	value := func(key string) string {
		for _, g := range r.gauges() {
			if g.Key == key {
				return g.Short() + " " + g.Unit
			}
		}
		return ""
	}
	var b strings.Builder
	b.WriteString("| where | 1 host | 50 hosts | 500 hosts |\n| --- | --- | --- | --- |\n")
	for _, name := range append(partNames(), otherPart, "") {
		label := name
		if name == "" {
			label = "in all"
		}
		b.WriteString("| " + label)
		for _, n := range sizes {
			b.WriteString(" | " + value(strings.TrimSpace("profile "+n+" "+name)))
		}
		b.WriteString(" |\n")
	}
	return b.String(), nil
}

// File is a file of the source tree: what a guide shows is what a test runs.
func (p page) File(path string) (string, error) {
	text, err := os.ReadFile(filepath.Join(p.root, path))
	return strings.TrimSpace(string(text)), err
}

// Machines says on what was measured, and when.
func (p page) Machines() string {
	var all []string
	for _, r := range p.results {
		text := fmt.Sprintf("%s (%s)", r.Machine, r.Day)
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

func (p page) row(name string) (result, error) {
	for _, r := range p.results {
		if r.Row == name {
			return r, nil
		}
	}
	return result{}, fmt.Errorf("the row %s was never run: run it", name)
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o644) }
