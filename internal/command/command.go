// Package command holds what the binary does besides serving Terraform: its subcommands, one
// file each. They are for people, and for scripts of people; Terraform never calls them.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A command is one subcommand of the binary. To add one: a file with its run function, beside
// its tests, and a line in commands.
type command struct {
	name    string
	summary string // one line for the list
	run     func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

// commands are listed by help in this order. (A function, since help is one of them.)
func commands() []command {
	return []command{
		{"adopt", "write the configuration for firewalls that are there", runAdopt},
		{"normalize", "print rules as iptables would list them", normalize},
		{"review", "say what a plan does to the fleet", reviewPlan},
		{"restore", "list a host's backups, and put one back", runRestore},
		{"help", "list the commands, or explain one", help},
	}
}

// Exit statuses of every command.
const (
	succeeded = 0
	failed    = 1 // what was asked for could not be done
	misused   = 2 // the command line is wrong
)

const program = "terraform-provider-iptables"

// Run runs the subcommand that args[0] names and returns the status to exit with.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(stderr, "%s: unknown command %q\n\n%s", program, args[0], List())
		return misused
	}
	return all[i].run(ctx, args[1:], stdin, stdout, stderr)
}

func help(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] != "help" {
		return Run(ctx, []string{args[0], "-help"}, stdin, stdout, stderr)
	}
	fmt.Fprint(stdout, List())
	return succeeded
}

// List says which commands there are.
func List() string {
	var b strings.Builder
	b.WriteString("Terraform starts this program by itself. People may call:\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %s %-12s %s\n", program, c.name, c.summary)
	}
	fmt.Fprintf(&b, "\n%s help COMMAND says more about one of them.\n", program)
	return b.String()
}

// parse reads a command's flags. Where it returns false the command has nothing left to do but
// to return the status: its help was asked for, or its flags are wrong.
func parse(flags *flag.FlagSet, usage string, args []string, stdout, stderr io.Writer) (status int, ok bool) {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return succeeded, false
	case err != nil:
		fmt.Fprintf(stderr, "%s %s: %v\n\n%s", program, flags.Name(), err, usage)
		return misused, false
	}
	return succeeded, true
}
