package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing/fstest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// The providers that are compared: folders below the lab's.
const (
	product = "product"
	floor   = "floor"
)

// roundTrip is that of the hosts, as between cities of one country.
const roundTrip = 20 * time.Millisecond

// A lab is what measurements are made with.
type lab struct {
	terraform string // the program
	folder    string // with the built providers, and for work
	rounds    int

	fleet *fleet.Fleet // of the present row
	made  int          // workspaces
}

func (l *lab) close() error {
	if l.fleet == nil {
		return nil
	}
	f := l.fleet
	l.fleet = nil
	return f.Close()
}

// hosts starts a new fleet in place of the last one.
func (l *lab) hosts(ctx context.Context, hosts ...fleet.HostOptions) (err error) {
	if err := l.close(); err != nil {
		return err
	}
	l.fleet, err = fleet.Start(ctx, fleet.Options{ID: "bench", Hosts: hosts, RTT: roundTrip})
	return err
}

// clear empties the firewalls of all hosts.
func (l *lab) clear(ctx context.Context) error {
	const flush = `for i in iptables ip6tables; do $i -P INPUT ACCEPT; $i -F; $i -X; done; ipset destroy; rm -rf /etc/iptables/*`
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, h := range l.fleet.Hosts() {
		group.Go(func() error {
			_, err := h.Shell(ctx, flush)
			return err
		})
	}
	return group.Wait()
}

// workspace is a folder with a configuration for one of the providers.
func (l *lab) workspace(provider, configuration string) (*cli.Workspace, error) {
	l.made++
	folder := filepath.Join(l.folder, fmt.Sprintf("work%d", l.made))
	files := fstest.MapFS{"main.tf": {Data: []byte(configuration), Mode: 0o600}}
	return cli.New(l.terraform, filepath.Join(l.folder, provider), folder, files, map[string]any{})
}

// settings are the provider block of every configuration.
func (l *lab) settings() string {
	return fmt.Sprintf(`terraform {
  required_providers {
    iptables = { source = "vpsfirewall/iptables" }
  }
}

provider "iptables" {
  ssh = { private_key_file = %q, known_hosts_files = [%q] }
}

`, l.fleet.Key, l.fleet.KnownHosts)
}

// terraformRun runs Terraform, which must succeed, and returns how long it took.
func terraformRun(ctx context.Context, w *cli.Workspace, args ...string) (time.Duration, error) {
	began := time.Now()
	output, status, err := w.Run(ctx, nil, append(args, "-input=false")...)
	took := time.Since(began)
	if err == nil && status != 0 {
		err = fmt.Errorf("terraform %v: exit status %d\n%s", args, status, output)
	}
	return took, err
}

// forget removes what Terraform knows, so that the next apply is a first one.
func forget(w *cli.Workspace) error {
	var errs []error
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(filepath.Join(w.Folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// login runs a command on a host by OpenSSH, over the slow path.
func (l *lab) login(ctx context.Context, host *fleet.Host, input io.Reader, command ...string) error {
	cmd := exec.CommandContext(ctx, "ssh", append([]string{"-F", l.fleet.SSHConfig, host.Name + "-slow"}, command...)...)
	cmd.Stdin = input
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("ssh %s %v: %w: %s", host.Name, command, err, out.Bytes())
	}
	return nil
}

// logins times so many bare logins of each host, each host's one after the other and ten hosts at a time.
func (l *lab) logins(ctx context.Context, each int, command ...string) (time.Duration, error) {
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(10)
	for _, h := range l.fleet.Hosts() {
		group.Go(func() error {
			for range each {
				if err := l.login(ctx, h, nil, command...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return time.Since(began), err
}

// A side is one of the two that are compared; it returns how long it took. What it prepares is not counted.
type side func(context.Context) (time.Duration, error)

// compare runs both in turns.
func (l *lab) compare(ctx context.Context, f figure, ours, theirs side) (figure, error) {
	for range l.rounds {
		for _, s := range []struct {
			run  side
			into *times
		}{{theirs, &f.theirs}, {ours, &f.ours}} {
			took, err := s.run(ctx)
			if err != nil {
				return f, fmt.Errorf("%s: %w", f.work, err)
			}
			*s.into = append(*s.into, took)
		}
	}
	say("%-60s %s against %s: %.2f", f.work, f.ours, f.theirs, f.ratio())
	return f, nil
}

// sum is a side that runs several, one after the other.
func sum(sides ...side) side {
	return func(ctx context.Context) (total time.Duration, err error) {
		for _, s := range sides {
			took, err := s(ctx)
			if err != nil {
				return 0, err
			}
			total += took
		}
		return total, nil
	}
}

var speaking sync.Mutex

func say(format string, args ...any) {
	speaking.Lock()
	defer speaking.Unlock()
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
