// Command bench measures the provider against what nobody gets below, a bare login and Terraform's own work, and against
// what people use today, on the project's own test hosts. Each row runs both sides in turns and compares medians, so
// that the ratio means the same on another machine. What a row gave is stored beside this file, and the performance and
// scaling guides are made of all that is stored; `make bench` runs it, as root.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// programs is the variable that carries the folder of the built programs into the second run (see fleet.Enter).
const programs = "BENCH_PROGRAMS"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	rounds := flag.Int("rounds", 5, "how often each side of a row is run")
	only := flag.String("rows", "", "run only the rows whose name matches this expression")
	pages := flag.Bool("pages", false, "run no row, only write the pages")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return err
	}
	results := filepath.Join(root, "internal", "bench", "results")
	if !*pages {
		if err := measured(ctx, results, wanted, *rounds); err != nil {
			return err
		}
	}
	all, err := stored(results)
	if err != nil {
		return err
	}
	err = writePages(root, all)
	if err != nil && *only != "" {
		say("the guides stay as they were: %v", err)
		return nil
	}
	return err
}

// measured runs the rows inside the network of a fleet.
func measured(ctx context.Context, results string, wanted *regexp.Regexp, rounds int) error {
	if os.Getenv(programs) == "" {
		if err := build(ctx); err != nil {
			return err
		}
	}
	folder := os.Getenv(programs)
	if err := fleet.Enter(); err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	defer func() { _ = os.RemoveAll(folder) }() // in the system's folder for such
	terraform, err := tools.Terraform()
	if err != nil {
		return err
	}
	l := &lab{terraform: terraform, folder: folder, rounds: rounds}
	defer func() { _ = l.close() }()
	return l.measure(ctx, wanted, results)
}

// build builds the provider, and the one that does nothing.
func build(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return fleet.ErrNotRoot
	}
	folder, err := os.MkdirTemp("", "iptables-bench-")
	if err != nil {
		return err
	}
	err = errors.Join(cli.Build(ctx, filepath.Join(folder, product)), cli.BuildFrom(ctx, filepath.Join(folder, floor), "./internal/bench/floor"))
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	return os.Setenv(programs, folder)
}
