package cli

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// SourceTree is the root of the module that the working directory is in.
func SourceTree(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the source tree: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Build builds the provider into a folder. Where the network is out of reach, the modules that it is made of must have
// been fetched before.
func Build(ctx context.Context, folder string) error { return BuildFrom(ctx, folder, ".") }

// BuildFrom builds a package of the source tree ("./internal/bench/floor") that serves as the provider.
func BuildFrom(ctx context.Context, folder, pkg string) error {
	root, err := SourceTree(ctx)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(folder, "terraform-provider-iptables"), pkg)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	return nil
}
