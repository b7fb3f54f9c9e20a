package review

import (
	"fmt"
	"io"
	"strings"
	"text/template"
)

// maxDiff bounds the lines of a diff that are shown for people. The JSON has all.
const maxDiff = 200

var textTemplate = template.Must(template.New("text").Funcs(template.FuncMap{
	"headline": headline, "hosts": hostsAtLength, "shorten": shorten, "indent": indent,
}).Parse(`{{headline .}}
{{- range .Reachability}}
  {{.Sentence}}.
{{- end}}
{{- if .Warnings}}

Warnings
{{- range .Warnings}}
  {{.Name}}: {{.Message}}
{{- if .Hosts}}
    on {{hosts .Hosts}}
{{- end}}
{{- end}}
{{- end}}
{{- range .Groups}}

{{.Title}}
{{- if gt (len .Hosts) 3}}
  {{hosts .Hosts}}
{{- end}}
{{- if .Incomplete}}
  Not all lines are known before the apply.
{{- end}}
{{- $group := .}}
{{- range .Diffs}}
  {{.Command}}{{if gt (len $group.Hosts) 1}} (on {{$group.Shown}}){{end}}
{{indent (shorten .Text)}}
{{- end}}
{{- end}}
{{- if .Unknown}}

Known after the apply only
{{- range .Unknown}}
  {{.Resource}}{{if .Host}} on {{.Host}}{{end}}: {{.What}}
{{- end}}
{{- end}}
{{range .Notes}}
{{.}}
{{- end}}
`))

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error { return textTemplate.Execute(w, r) }

// headline says how much changes.
func headline(r *Report) string {
	switch {
	case r.Changed == 0 && len(r.Unknown) > 0:
		return "What changes is not known before the apply."
	case r.Changed == 0:
		return "No firewall changes on any of " + plural(r.Hosts, "host") + "."
	case r.Changed < r.Hosts:
		return fmt.Sprintf("The firewall changes on %d of %s.", r.Changed, plural(r.Hosts, "host"))
	case r.Hosts == 1:
		return "The firewall changes on the only host of the plan."
	}
	if r.Hosts == 2 {
		return "The firewall changes on both hosts of the plan."
	}
	return fmt.Sprintf("The firewall changes on all %d hosts of the plan.", r.Hosts)
}

// shorten cuts a diff that nobody would read.
func shorten(diff string) string { return shortenTo(diff, maxDiff) }

func shortenTo(diff string, lines int) string {
	all := strings.SplitAfter(diff, "\n")
	if len(all) <= lines+1 {
		return diff
	}
	return strings.Join(all[:lines], "") + "... and " + plural(len(all)-1-lines, "more line") + "\n"
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
