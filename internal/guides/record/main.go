// Command record walks the guides that migrate from another tool with that tool itself, and holds what it leaves on a
// host against what was recorded, with which the tests walk them (package walk):
//
//	record -packages FOLDER [-update] [GUIDE...]
//
// FOLDER is what the script fetch has filled. It needs root.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/guides/walk"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// guides are those that need a tool.
var guides = []string{"migrating-from-ansible", "migrating-from-puppet", "migrating-from-ufw"}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run() error {
	packages := flag.String("packages", "", "`folder` with the packages of the tools")
	update := flag.Bool("update", false, "write what the tools leave as the recording")
	flag.Parse()
	if flag.NArg() > 0 {
		guides = flag.Args()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := fleet.Enter(); err != nil {
		return err
	}
	terraform, err := tools.Terraform()
	if err != nil {
		return err
	}
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "guides-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	var hosts []fleet.HostOptions
	for _, g := range guides {
		hosts = append(hosts, fleet.HostOptions{Name: g + ".example.com"})
	}
	f, err := fleet.Start(ctx, fleet.Options{ID: "record", Hosts: hosts})
	if err != nil {
		return err
	}
	r := recorder{root: root, fleet: f, packages: *packages, scratch: scratch, update: *update}
	return errors.Join(r.all(ctx, terraform), f.Close())
}

// A recorder walks the guides one after the other.
type recorder struct {
	root, packages, scratch string
	fleet                   *fleet.Fleet
	update                  bool
}

func (r *recorder) all(ctx context.Context, terraform string) error {
	home, err := walk.NewHome(ctx, filepath.Join(r.scratch, "home"), terraform, r.fleet)
	if err != nil {
		return err
	}
	var failed error
	for _, g := range guides {
		if err := r.one(ctx, home, g); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", g, err))
		}
	}
	return failed
}

func (r *recorder) one(ctx context.Context, home *walk.Home, guide string) error {
	host := r.fleet.Host(guide + ".example.com")
	if err := r.install(ctx, host, strings.TrimPrefix(guide, "migrating-from-")); err != nil {
		return err
	}
	steps, err := walk.Read(r.root, guide)
	if err != nil {
		return err
	}
	folder := filepath.Join(r.scratch, guide)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	w := &walk.Walker{Home: home, Fleet: r.fleet, Host: host, Folder: folder}
	w.Tool = func(ctx context.Context, name string, nth int, truly func() error) error {
		if err := truly(); err != nil {
			return err
		}
		now, err := walk.Record(ctx, r.fleet, host, fmt.Sprintf("What %s leaves on a host (step %d of the guide; make test-guides).", name, nth))
		if err != nil {
			return err
		}
		file := walk.Recording(r.root, name, nth)
		if r.update {
			return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, now, 0o600))
		}
		then, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !bytes.Equal(then, now) {
			return fmt.Errorf("%s leaves something else than %s:\n%s", name, file, now)
		}
		return nil
	}
	fmt.Println("walking", guide)
	return w.Walk(ctx, steps)
}

// install installs a tool on a host, which has no way to fetch it.
func (r *recorder) install(ctx context.Context, host *fleet.Host, tool string) error {
	pack := exec.CommandContext(ctx, "tar", "-C", filepath.Join(r.packages, tool), "--exclude=partial", "--exclude=lock", "-c", ".")
	archive, err := pack.Output()
	if err != nil {
		return fmt.Errorf("packing the packages in %q: %w", r.packages, err)
	}
	cmd, err := host.ConsoleCommand(ctx, "sh", "-euc",
		"mkdir /root/debs; cd /root/debs; tar -x; DEBIAN_FRONTEND=noninteractive apt-get install -y ./*.deb; rm -r /root/debs")
	if err != nil {
		return err
	}
	cmd.Stdin = bytes.NewReader(archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("installing packages on %s: %w\n%s", host.Name, err, out)
	}
	return nil
}
