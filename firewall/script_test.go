package firewall

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSections(t *testing.T) {
	type named struct{ Name, Text string }
	tests := []struct {
		name, output string
		want         []named
		fails        bool
	}{
		{"whole", "motd\nM facts\na=1\nM save4\n*filter\nCOMMIT\nM end\n", []named{{"facts", "a=1\n"}, {"save4", "*filter\nCOMMIT\n"}, {"end", ""}}, false},
		{"the end is missing", "M facts\na=1\n", nil, true},
		{"the end is cut", "M facts\na=1\nM en", nil, true},
		{"nothing", "", nil, true},
		{"another mark", "X facts\nX end\n", nil, true},
		{"a rule that looks like an end", "M save4\n-A INPUT -m comment --comment \"M end\" -j ACCEPT\n", nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parts, err := sections(test.output, "M", "end")
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			var got []named
			for _, p := range parts {
				got = append(got, named{p.name(), p.text})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProgram(t *testing.T) {
	const written = "# shellcheck shell=sh\n\nif a; then # stays\n\t# goes\n\techo \"a\tb # c\"\nfi\n"
	const sent = "if a; then # stays\necho \"a\tb # c\"\nfi\n"
	if diff := cmp.Diff(sent, program(written)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := program("a", "b\n"); got != "ab\n" {
		t.Errorf("%q", got)
	}
}
