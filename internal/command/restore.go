package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

func restoreUsage() string {
	return `Usage: terraform-provider-iptables restore [flags] HOST
       terraform-provider-iptables restore [flags] HOST --backup NAME

Lists the backups of what the host restores at boot, which every save keeps; with --backup, puts the
firewall back as it was before that save, in both families. That is a change as Terraform makes it: the host
takes it back by itself unless a new login gets through. What belongs to Docker, fail2ban and other software
stays as it is.

Terraform's state is not touched: the next plan shows what differs from the configuration.

  --backup NAME     which one, as the list names it ("2026-11-22T101500Z"), or the name of its file

` + hostUsage() + `
Exit status: 0; 1 if the host could not be read or changed, or has no such backup; 2 if the command line is
wrong.
`
}

func runRestore(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var line provider.CommandLine
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	backup := flags.String("backup", "", "")
	line.Register(flags)
	if status, ok := parse(flags, restoreUsage(), args, stdout, stderr); !ok {
		return status
	}
	hosts := flags.Args()
	if len(hosts) > 1 { // flags may stand behind the host, too
		if status, ok := parse(flags, restoreUsage(), hosts[1:], stdout, stderr); !ok {
			return status
		}
		hosts = append(hosts[:1], flags.Args()...)
	}
	if len(hosts) != 1 {
		fmt.Fprintf(stderr, "%s restore: it takes one host\n\n%s", program, restoreUsage())
		return misused
	}
	if err := restore(ctx, &line, hosts[0], *backup, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "%s restore: %s\n", program, printable(explained(err)))
		return failed
	}
	return succeeded
}

// explained is an error with what state the host is in, and what to do next.
func explained(err error) string {
	text := err.Error()
	var failure *firewall.Error
	if errors.As(err, &failure) {
		text += ". " + failure.State.String()
		if failure.Next != "" {
			text += " " + failure.Next
		}
	}
	return text
}

func restore(ctx context.Context, line *provider.CommandLine, name, backup string, stdout, stderr io.Writer) (err error) {
	host, err := connect(line, name, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	backups, err := host.Backups(ctx)
	if err != nil {
		return err
	}
	if backup == "" {
		list(stdout, name, backups)
		return nil
	}
	_, wanted, found := strings.Cut(backup, ".bak-")
	if !found {
		wanted = backup
	}
	for _, b := range backups {
		if b.Name != wanted {
			continue
		}
		snapshot, err := host.Snapshot(ctx)
		if err != nil {
			return err
		}
		change := firewall.Change{Label: "backup " + b.Name, Edit: firewall.PutBack(b.Rules, snapshot.Facts.Families())}
		applied, err := host.Apply(ctx, change)
		if err != nil {
			return err
		}
		for _, w := range applied.Warnings {
			fmt.Fprintf(stderr, "%s: %s\n", printable(name), printable(w))
		}
		fmt.Fprintf(stdout, "%s has the firewall again that it had before the save of %s.\n", printable(name), b.Name)
		return nil
	}
	list(stderr, name, backups)
	return fmt.Errorf("host %s has no backup %q", name, backup)
}

// list prints the backups, the newest first.
func list(w io.Writer, name string, backups []firewall.Backup) {
	if len(backups) == 0 {
		fmt.Fprintf(w, "%s has no backups.\n", printable(name))
		return
	}
	fmt.Fprintf(w, "%-22s %6s   %s\n", "BACKUP", "RULES", "REPLACED THEN")
	for i := len(backups) - 1; i >= 0; i-- {
		b := backups[i]
		var families []string
		for _, f := range b.Families {
			families = append(families, f.String())
		}
		fmt.Fprintf(w, "%-22s %6d   %s\n", printable(b.Name), b.Rules.Len(), strings.Join(families, ", "))
	}
}
