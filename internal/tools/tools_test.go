package tools

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissingProgramNamesItsRemedy(t *testing.T) {
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if _, err := Terraform(); err == nil || !strings.Contains(err.Error(), "internal/tools/get terraform") {
		t.Errorf("without a CLI: %v", err)
	}
	if _, err := OpenTofu(); err == nil || !strings.Contains(err.Error(), "internal/tools/get opentofu") {
		t.Errorf("without a CLI: %v", err)
	}
	if err := SetAcceptance(); err == nil {
		t.Error("acceptance tests without a CLI were set up")
	}
}

func TestSetAcceptanceKeepsWhatIsSet(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	version, err := pinned("TERRAFORM")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "terraform-provider-iptables/tools/terraform", version)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "terraform")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TF_ACC", "")
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("TF_CLI_CONFIG_FILE", "/etc/mine")
	if err := SetAcceptance(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"TF_ACC": "1", "TF_ACC_TERRAFORM_PATH": program, "TF_CLI_CONFIG_FILE": "/etc/mine",
	} {
		if got := os.Getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := pinned("ANSIBLE"); err == nil {
		t.Error("a version that is not pinned was found")
	}
}
