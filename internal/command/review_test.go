package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const recordedPlans = "../review/testdata/plans/"

func TestReview(t *testing.T) {
	plan, err := os.ReadFile(recordedPlans + "fleet-open-ssh.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		out    string // what it begins with
		errs   string
	}{
		{"text", nil, 0, "The firewall changes on all 3 hosts", ""},
		{"markdown", []string{"--format", "markdown"}, 0, "## Firewall review", ""},
		{"html", []string{"--format=html"}, 0, "<!DOCTYPE html>", ""},
		{"json", []string{"--format", "json"}, 0, "{\n  \"format_version\": \"1.0\"", ""},
		{"sarif", []string{"--format", "sarif"}, 0, "{\n  \"$schema\": ", ""},
		{"a warning that is there", []string{"--fail-on", "rule-never-matches,ssh-open-to-world"}, objectionable, "The firewall changes", "--fail-on: ssh-open-to-world"},
		{"one that is not", []string{"--fail-on", "rule-never-matches"}, 0, "The firewall changes", ""},
		{"any", []string{"--fail-on", "any"}, objectionable, "The firewall changes", "--fail-on: ssh-open-to-world, wider-than-before, families-differ, many-hosts"},
		{"a bound that is not reached", []string{"--many-hosts", "100", "--fail-on", "many-hosts"}, 0, "The firewall changes", ""},
		{"an unknown format", []string{"--format", "pdf"}, misused, "", `"pdf" is no format`},
		{"an unknown warning", []string{"--fail-on", "ssh"}, misused, "", `"ssh" is no warning; they are default-policy-opened, `},
		{"no percentage", []string{"--many-hosts", "0"}, misused, "", `"0" is no percentage`},
		{"two plans", []string{"a", "b"}, misused, "", `"b" is too much`},
		{"no such file", []string{filepath.Join(t.TempDir(), "plan.json")}, failed, "", "no such file"},
		{"a file", []string{recordedPlans + "fleet-nothing.json"}, 0, "No firewall changes", ""},
		{"not a plan", []string{"review_test.go"}, failed, "", "reading the plan: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := call(t, string(plan), append([]string{"review"}, c.args...)...)
			if status != c.status || !strings.HasPrefix(out, c.out) || !strings.Contains(errs, c.errs) || (c.errs == "") != (errs == "") {
				t.Errorf("exit status %d, stderr %q, stdout %.200q; want %d, %q, %q", status, errs, out, c.status, c.errs, c.out)
			}
		})
	}
}
