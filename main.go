// Terraform-provider-iptables manages the iptables firewall of hosts over SSH. Started by Terraform it
// serves the provider; called by a person with the name of a subcommand it runs that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/command"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/frugal"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/profile"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

// version is set by the release.
var version = "dev"

func main() {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(run(os.Args[1:]))
	}
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger; prints what to put into TF_REATTACH_PROVIDERS")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "%s\nFor developers:\n\n", command.List())
		flag.PrintDefaults()
	}
	flag.Parse()
	frugal.Start()
	stop, err := profile.Start()
	if err != nil {
		log.Fatal(err)
	}
	err = providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         provider.Address,
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err := errors.Join(err, stop()); err != nil {
		log.Fatal(err)
	}
}

// run runs a subcommand. An interrupt ends its context, so that it can say what it has done.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command.Run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
}
