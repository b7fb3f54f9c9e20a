package review

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html
var page string

var htmlTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"headline": headline, "hosts": hostsAtLength, "short": hostsInShort, "shorten": shorten, "lines": diffLines, "picture": pictureOf,
}).Parse(page))

// HTML writes the report as one page that needs no other file, and runs no script. The matrix in it is a picture
// that says by shapes, not colours, who reaches what.
func (r *Report) HTML(w io.Writer) error { return htmlTemplate.Execute(w, r) }

// A diffLine is a line with the name of its style.
type diffLine struct{ Class, Text string }

func diffLines(text string) []diffLine {
	var all []diffLine
	for line := range strings.Lines(text) {
		d := diffLine{Text: strings.TrimRight(line, "\n")}
		switch line[0] {
		case '+':
			d.Class = "added"
		case '-':
			d.Class = "removed"
		case '@':
			d.Class = "place"
		}
		all = append(all, d)
	}
	return all
}
