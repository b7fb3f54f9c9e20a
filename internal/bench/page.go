package main

import (
	"bytes"
	_ "embed"
	"os"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

// writePage writes the performance guide.
func writePage(path string, figures []figure, rounds int) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, struct {
		Table  string
		Rounds int
	}{table(figures), rounds}); err != nil {
		return err
	}
	return writeFile(path, b.String())
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o644) }
