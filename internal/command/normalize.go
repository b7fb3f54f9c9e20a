package command

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

const normalizeUsage = `Usage: terraform-provider-iptables normalize [-6] [--version 1.8.9] [--backend nft|legacy] < RULES

Prints for each rule on standard input, in order, what iptables would list. No host is asked.

A line is a rule as one types it, in any spelling that iptables takes: "-p tcp --dport ssh -j ACCEPT",
which gives the same without a chain, or with its chain, "[-t TABLE] -A CHAIN ...", which gives the
line that "iptables -t TABLE -S" prints and is checked against the table and the chain too. The
command may stand in front; ip6tables then makes the line one of IPv6, iptables one of IPv4.

A rule that stands for several (-s A,B) gives a line for each, and one that is marked for the other
family (-4, -6) none, as in iptables-restore. One that iptables would refuse gives
"error: ", the position, the word, what was expected, and what is near. Blank lines, and lines that
begin with #, are printed as they are.

Quotes are those of iptables-restore: only double quotes group words, and a backslash escapes inside
them. A line in which a word begins with a single quote is read as a shell reads it, unexpanded.

  -6                  rules of ip6tables, where no command says otherwise
  --version VERSION   the version of iptables whose spelling is wanted (default 1.8.9)
  --backend BACKEND   nft or legacy (default nft)

Exit status: 0, 1 if a rule was refused, 2 if the command line is wrong.
`

func normalize(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("normalize", flag.ContinueOnError)
	family, dialect := iptables.IPv4, iptables.Reference
	flags.BoolFunc("6", "", func(string) error { family = iptables.IPv6; return nil })
	flags.Func("version", "", func(s string) (err error) {
		dialect.Version, err = iptables.ParseVersion(s)
		return err
	})
	flags.Func("backend", "", func(s string) (err error) {
		dialect.Backend, err = iptables.ParseBackend(s)
		return err
	})
	if status, ok := parse(flags, normalizeUsage, args, stdout, stderr); !ok {
		return status
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "%s normalize: rules come on standard input, not as arguments: %q\n", program, flags.Arg(0))
		return misused
	}

	in, out := bufio.NewReader(stdin), bufio.NewWriter(stdout)
	status := succeeded
	for {
		line, err := in.ReadString('\n')
		if line != "" && !normalizeLine(out, family, dialect, strings.TrimSuffix(line, "\n")) {
			status = failed
		}
		if err != nil {
			if err != io.EOF {
				fmt.Fprintf(stderr, "%s normalize: reading standard input: %v\n", program, err)
				status = failed
			}
			break
		}
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintf(stderr, "%s normalize: writing: %v\n", program, err)
		return failed
	}
	return status
}

// normalizeLine writes what comes of one line, and reports whether it is a rule.
func normalizeLine(out *bufio.Writer, family iptables.Family, d iptables.Dialect, line string) bool {
	if strings.TrimSpace(line) == "" || line[0] == '#' {
		fmt.Fprintln(out, line)
		return true
	}
	id, rules, err := iptables.ParseTyped(family, line)
	if err != nil {
		fmt.Fprintln(out, "error:", err)
		return false
	}
	for _, r := range rules {
		if err := id.CheckBackend(r, d.Backend); err != nil {
			fmt.Fprintln(out, "error:", err)
			return false
		}
	}
	for _, r := range rules {
		if id.Name == "" {
			fmt.Fprintln(out, r.Spec(d))
		} else {
			fmt.Fprintln(out, id.ListLine(r, d))
		}
	}
	return true
}
