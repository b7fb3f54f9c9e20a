package tools

import (
	"os"
	"path/filepath"
	"testing"
)

// The CLI of `make test` has every feature, so that nothing is left out there.
func TestPinnedTerraformLacksNothing(t *testing.T) {
	version, err := pinned("TERRAFORM")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Features {
		if reason := (Program{"Terraform", version}).Lacks(f); reason != "" {
			t.Error(reason)
		}
	}
}

func TestLacks(t *testing.T) {
	for _, c := range []struct {
		program Program
		feature Feature
		want    string
	}{
		{Program{"Terraform", "1.7.5"}, Functions, "Terraform 1.7.5 does not have functions of providers (Terraform 1.8, OpenTofu 1.7)"},
		{Program{"Terraform", "1.10.0"}, Functions, ""},
		{Program{"Terraform", "2.0.0"}, Functions, ""},
		{Program{"OpenTofu", "1.7.0"}, Functions, ""},
		{Program{"OpenTofu", "1.6.3"}, Functions, "OpenTofu 1.6.3 does not have functions of providers (Terraform 1.8, OpenTofu 1.7)"},
		{Program{"OpenTofu", "1.99.0"}, Query, "OpenTofu 1.99.0 does not have `terraform query` (Terraform 1.14)"},
	} {
		if got := c.program.Lacks(c.feature); got != c.want {
			t.Errorf("%v: %q, want %q", c.program, got, c.want)
		}
	}
}

func TestProgramAt(t *testing.T) {
	for says, want := range map[string]Program{
		"Terraform v1.5.7\non linux_amd64": {"Terraform", "1.5.7"},
		"OpenTofu v1.12.6":                 {"OpenTofu", "1.12.6"},
		"nothing of the kind":              {},
	} {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+says+"'\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		got, err := ProgramAt(path)
		if got != want || (err == nil) != (want.Product != "") {
			t.Errorf("%q: %v, %v; want %v", says, got, err, want)
		}
	}
}
