package protocol

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var stepComment = regexp.MustCompile(`#= ([a-z -]+)`)

// stepsOf are the steps that a script names, in its order.
func stepsOf(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "firewall", "scripts", name))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range stepComment.FindAllStringSubmatch(string(text), -1) {
		for step := range strings.FieldsSeq(found[1]) {
			if step == "keep" { // what both who confirm end with
				all = append(all, stepsOf(t, "saving.sh")...)
				continue
			}
			all = append(all, step)
		}
	}
	return all
}

// names are the steps of a role. What is done for one family after the other is a loop in a script, and stands there once;
// that of a login is no part of it.
func (t Table) names(r Role) []string {
	var all []string
	for _, s := range t[r] {
		name := strings.TrimSuffix(strings.TrimSuffix(s.Name, "-4"), "-6")
		if name != "login" && (name == s.Name || !slices.Contains(all, name)) {
			all = append(all, name)
		}
	}
	return all
}

// The table is that of the scripts.
func TestScripts(t *testing.T) {
	for script, role := range map[string]Role{"commit.sh": Script, "settle.sh": Keep, "undo.sh": Timer} {
		want := Steps().names(role)
		if got := stepsOf(t, script); !slices.Equal(got, want) {
			t.Errorf("%s has the steps\n%q, the table\n%q", script, got, want)
		}
	}
}
