package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

// guide is the page.
const guide = "templates/guides/safety.md"

// enough is how many runs it takes to write the guide.
const enough = 2000

// writePage writes the guide about what was broken and what became of it.
func (t *tally) writePage(root string) error {
	soak, err := os.ReadFile(filepath.Join(root, soakFile))
	if err != nil {
		return err
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, map[string]any{
		"Runs": t.runs, "Failed": t.failed, "Failures": strings.Join(t.failures, ", "), "Missed": t.missed, "Cells": len(t.cells),
		"Steps": stepList(), "Table": t.table(), "Seed": t.first, "Worlds": t.worlds, "Soak": string(soak),
	}); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, guide), b.Bytes(), 0o644)
}

func stepList() string {
	var b strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, s.when)
	}
	return b.String()
}

// table has a row for each fault and a column for each step, with how many times it ran.
func (t *tally) table() string {
	var b strings.Builder
	b.WriteString("| fault |")
	for i := range steps {
		fmt.Fprintf(&b, " %d |", i+1)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(steps)) + "\n")
	for _, f := range faults {
		fmt.Fprintf(&b, "| %s |", f.what)
		for _, s := range steps {
			fmt.Fprintf(&b, " %d |", t.cells[[2]string{f.name, s.name}])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
