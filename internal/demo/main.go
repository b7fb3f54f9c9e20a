// Command demo shows the provider at work: it starts three hosts, applies examples/fleet to them with a real Terraform,
// looks at what the hosts say, and then tries to lock itself out. It checks everything that it tells; if something is
// not so, it says what and exits with status 1. It runs from anywhere in the source tree, as root.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// providerVariable carries the folder of the built provider into the second run of this program (see fleet.Enter).
const providerVariable = "DEMO_PROVIDER"

// folderPrefix begins the name of that folder, which goes when the demo ends.
const folderPrefix = "iptables-demo-"

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return err
	}
	// Hosts are in a network without a way out, so what the build may fetch is fetched before.
	if os.Getenv(providerVariable) == "" {
		if err := prepare(ctx); err != nil {
			return err
		}
	}
	folder := os.Getenv(providerVariable)
	if !strings.HasPrefix(filepath.Base(folder), folderPrefix) {
		return fmt.Errorf("%s is set to %q, which this program did not make", providerVariable, folder)
	}
	if err := fleet.Enter(); err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	defer func() { _ = os.RemoveAll(folder) }() // in the system's folder for such
	terraform, err := tools.Terraform()
	if err != nil {
		return err
	}
	return play(ctx, newStory(os.Stdout), stage{
		terraform: terraform,
		example:   filepath.Join(root, "examples", "fleet"),
		folder:    folder,
	})
}

// prepare builds the provider and leaves word where it is.
func prepare(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return fleet.ErrNotRoot
	}
	began := time.Now()
	folder, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return err
	}
	if err := cli.Build(ctx, folder); err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	fmt.Printf("The provider is built (%s).\n", time.Since(began).Round(100*time.Millisecond))
	return os.Setenv(providerVariable, folder)
}
