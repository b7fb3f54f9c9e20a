package command

import (
	"bytes"
	"strings"
	"testing"
)

// call runs the program with that command line and standard input.
func call(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestHelp(t *testing.T) {
	status, out, errs := call(t, "", "help")
	if status != 0 || errs != "" {
		t.Errorf("help exits with %d and says %q", status, errs)
	}
	for _, c := range commands() {
		if !strings.Contains(out, " "+c.name+" ") || !strings.Contains(out, c.summary) {
			t.Errorf("help does not list %s:\n%s", c.name, out)
		}
		if c.name == "help" {
			continue
		}
		for _, args := range [][]string{{"help", c.name}, {c.name, "-h"}, {c.name, "--help"}} {
			status, usage, errs := call(t, "", args...)
			if status != 0 || errs != "" || !strings.HasPrefix(usage, "Usage: "+program+" "+c.name) {
				t.Errorf("%q exits with %d and prints %q, %q", args, status, usage, errs)
			}
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"frobnicate"}, "normalize"},
		{[]string{"help", "frobnicate"}, `unknown command "frobnicate"`},
		{[]string{"normalize", "--backnd", "nft"}, "-backnd"},
		{[]string{"normalize", "--backend", "ebtables"}, `"ebtables" is no backend`},
		{[]string{"normalize", "--version", "new"}, `"new" is no version`},
		{[]string{"normalize", "-A", "INPUT"}, "-A"},
		{[]string{"normalize", "rules.txt"}, "rules come on standard input"},
	} {
		status, out, errs := call(t, "-j ACCEPT\n", c.args...)
		if status != misused || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%q exits with %d, prints %q and says %q (want %q)", c.args, status, out, errs, c.says)
		}
	}
}
