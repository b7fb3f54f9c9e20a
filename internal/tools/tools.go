// Package tools knows the programs that tests use, which `make tools` puts in the user's cache.
package tools

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed versions
var versions string

// Terraform is the path of the CLI that tests run: the one that TF_ACC_TERRAFORM_PATH names, or else Terraform at the
// version that the provider is proved with. The error says how to get that.
func Terraform() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	return program("TERRAFORM", "terraform", "terraform")
}

// OpenTofu is the path of the newest OpenTofu CLI that the provider is proved with, which `make tools` does not
// build, since that takes many minutes. The error says how to get it.
func OpenTofu() (string, error) {
	return program("OPENTOFU", "opentofu", "tofu")
}

// program is the path that `internal/tools/get NAME` prints, if it has been built.
func program(pin, name, file string) (string, error) {
	version, err := pinned(pin)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "terraform-provider-iptables", "tools", name, version, file)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no %[1]s CLI %[2]s (`internal/tools/get %[1]s` builds it): %[3]w", name, version, err)
	}
	return path, nil
}

// SetAcceptance sets the environment that acceptance tests need, as far as it is not set: that they are meant to
// run, with which CLI, and that the CLI neither asks the network for news nor reads a person's configuration.
func SetAcceptance() error {
	terraform, err := Terraform()
	if err != nil && os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		return err
	}
	for name, value := range map[string]string{
		"TF_ACC":                "1",
		"TF_ACC_TERRAFORM_PATH": terraform,
		"CHECKPOINT_DISABLE":    "1",
		"TF_CLI_CONFIG_FILE":    os.DevNull,
	} {
		if os.Getenv(name) != "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// pinned reads one line of the file that the scripts in this folder source.
func pinned(name string) (string, error) {
	for line := range strings.Lines(versions) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no version of %s in internal/tools/versions", name)
}
