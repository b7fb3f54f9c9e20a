// Command fleet starts test hosts for a person to play with.
//
//	fleet [-n 3] [-backend nft|legacy] [-suite bookworm] [-init simple|systemd] [-rtt 20ms] [-loss 0.01]
//	fleet -build SUITE...     only makes root filesystems
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run() error {
	n := flag.Int("n", 3, "number of hosts")
	backend := flag.String("backend", string(fleet.NFT), "`backend` of iptables: nft or legacy")
	suite := flag.String("suite", string(fleet.Bookworm), "`suite` of the hosts: bullseye, bookworm, trixie, alpine or rhel")
	system := flag.String("init", string(fleet.Simple), "`init` of the hosts: simple or systemd")
	id := flag.String("id", "play", "`name` of the fleet; two of one name cannot run at a time")
	rtt := flag.Duration("rtt", 0, "round-trip time on the slow path")
	loss := flag.Float64("loss", 0, "share of packets, 0 to 1, that get lost on the slow path")
	build := flag.Bool("build", false, "only make the root filesystems of the suites given as arguments")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *build {
		return buildImages(ctx, flag.Args())
	}
	if err := fleet.Enter(); err != nil {
		return err
	}
	began := time.Now()
	f, err := fleet.Start(ctx, fleet.Options{
		ID:  *id,
		RTT: *rtt, Loss: *loss,
		Hosts: fleet.N(*n, fleet.HostOptions{
			Suite: fleet.Suite(*suite), Backend: fleet.Backend(*backend), Init: fleet.Init(*system),
		}),
	})
	if err != nil {
		return err
	}
	inside, err := f.WriteEnterScript()
	if err != nil {
		return fmt.Errorf("%w (ending the fleet: %w)", err, f.Close())
	}
	fmt.Printf("%d hosts up in %s.\n\n", *n, time.Since(began).Round(time.Millisecond))
	explain(f, inside)
	<-ctx.Done()
	fmt.Println("\ntaking the fleet down")
	return f.Close()
}

func buildImages(ctx context.Context, suites []string) error {
	if os.Geteuid() != 0 {
		return fleet.ErrNotRoot
	}
	for _, suite := range suites {
		root, err := fleet.Build(ctx, fleet.Suite(suite))
		if err != nil {
			return err
		}
		fmt.Println(root)
	}
	return nil
}

func explain(f *fleet.Fleet, inside string) {
	fmt.Println("The hosts are in a network of their own. This program runs others inside it:")
	fmt.Println()
	fmt.Printf("    %s COMMAND...\n\n", inside)
	fmt.Println("so, from another terminal:")
	fmt.Println()
	for _, h := range f.Hosts() {
		fmt.Printf("    %s ssh -F %s %s      # %s, %s; the slow way: %s-slow, %s\n",
			inside, f.SSHConfig, h.Name, h.Address, h.Address6, h.Name, h.SlowAddress)
	}
	fmt.Println()
	terraform, err := tools.Terraform()
	if err != nil {
		terraform = "terraform" // the person's own
	}
	fmt.Printf("    %s %s apply\n    %s      # a shell\n\n", inside, terraform, inside)
	fmt.Printf("Users with the key %s: root; %s (sudo), %s (sudo asks for %q), %s (doas), %s (nothing).\n",
		f.Key, fleet.Deploy, fleet.Ops, fleet.OpsPassword, fleet.Mason, fleet.Guest)
	fmt.Printf("With the password %q: %s (sudo asks for it). Host keys: %s.\n", fleet.AdminPassword, fleet.Admin,
		f.KnownHosts)
	fmt.Printf("As root on a host, behind SSH's back: %s HOST COMMAND...\n\n", filepath.Join(filepath.Dir(inside), "console"))
	fmt.Println("Ctrl-C ends the fleet.")
}
