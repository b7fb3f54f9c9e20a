package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

func adoptUsage() string {
	return `Usage: terraform-provider-iptables adopt [flags] HOST...
       terraform-provider-iptables adopt [flags] --from FILE...

Writes the Terraform configuration for the firewalls that hosts have, with import blocks, so that the next
plan has everything to import and nothing to change. Hosts are read, over one login each, and not changed.

Hosts that share rules share configuration. What belongs to Docker, fail2ban and other software is left to
it; it is listed, with whatever else was left out and why, in left_out.tf.

  --from FILE       read the output of iptables-save or ip6tables-save instead of a host; may be repeated. The
                    host is called as the file is; NAME.v4 and NAME.v6 are one host
  --out DIR         write the files there (default: print them)
  --force           replace files of an earlier run in DIR
  --check           prove the outcome: plan it in a scratch folder, where a terraform or tofu is at hand, and see
                    nothing but imports; else, and for files, run the imports and edits on what was read
  --terraform PATH  the program for --check (default: terraform or tofu on PATH)
  --plain-imports   one import block for each resource on each host, for Terraform before 1.7
  --parallel N      read so many hosts at a time (default 20)

` + hostUsage() + `
Progress goes to standard error; its last line says what was adopted and what is missing.

Exit status: 0; 1 if a host could not be read, files could not be written or the check failed; 2 if the command
line is wrong; 3 if all was read, but lines that nobody owns had to be left out.
`
}

// left is the exit status where not all could be adopted.
const left = 3

// An adoption is what the command line of adopt asks for.
type adoption struct {
	line          provider.CommandLine
	from, hosts   []string
	out           string
	force, check  bool
	terraform     string
	plain         bool
	parallel      int
	stdout, about io.Writer
}

func runAdopt(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	a := adoption{stdout: stdout, about: stderr}
	flags := flag.NewFlagSet("adopt", flag.ContinueOnError)
	flags.Func("from", "", func(s string) error { a.from = append(a.from, s); return nil })
	flags.StringVar(&a.out, "out", "", "")
	flags.BoolVar(&a.force, "force", false, "")
	flags.BoolVar(&a.check, "check", false, "")
	flags.StringVar(&a.terraform, "terraform", "", "")
	flags.BoolVar(&a.plain, "plain-imports", false, "")
	flags.IntVar(&a.parallel, "parallel", 20, "")
	a.line.Register(flags)
	if status, ok := parse(flags, adoptUsage(), args, stdout, stderr); !ok {
		return status
	}
	a.hosts = flags.Args()
	if wrong := a.misuse(); wrong != "" {
		fmt.Fprintf(stderr, "%s adopt: %s\n\n%s", program, wrong, adoptUsage())
		return misused
	}
	return a.run(ctx)
}

// misuse says what is wrong with the command line, "" where nothing is.
func (a *adoption) misuse() string {
	seen := map[string]bool{}
	for _, h := range a.hosts {
		if seen[h] {
			return fmt.Sprintf("host %q is named twice", h)
		}
		seen[h] = true
		if strings.ContainsAny(h, " \t\n") {
			return fmt.Sprintf("%q is no host", h)
		}
	}
	switch {
	case len(a.hosts)+len(a.from) == 0:
		return "no host and no file"
	case a.parallel < 1:
		return "--parallel is at least 1"
	case a.force && a.out == "":
		return "--force goes with --out"
	case a.terraform != "" && !a.check:
		return "--terraform goes with --check"
	}
	return ""
}

func (a *adoption) run(ctx context.Context) int {
	if err := a.mayWrite(); err != nil {
		return a.fail(err)
	}
	dumps, err := a.dumps()
	if err != nil {
		return a.fail(err)
	}
	hosts, missing := a.read(ctx)
	hosts = append(dumps, hosts...)
	if len(hosts) == 0 {
		return a.fail(fmt.Errorf("nothing could be read; missing: %s", printable(strings.Join(missing, ", "))))
	}
	adoptions := make([]adopt.Adoption, len(hosts))
	for i, h := range hosts {
		adoptions[i] = adopt.Adopt(h)
		if ctx.Err() != nil {
			return a.fail(ctx.Err())
		}
	}
	fleet := adopt.Join(adoptions)
	files := fleet.Files(adopt.Options{SSH: a.line.SSH(), Settings: a.line.Settings(), PlainImports: a.plain})
	if err := a.write(files); err != nil {
		return a.fail(err)
	}
	proof := ""
	if a.check {
		if proof, err = a.prove(ctx, hosts, fleet, files); err != nil {
			return a.fail(fmt.Errorf("the check failed: %w", err))
		}
	}
	others, rest := fleet.Left()
	text := fmt.Sprintf("adopted %d of %s of %s as %s", fleet.Lines()-others-rest, counted(fleet.Lines(), "line"),
		counted(len(hosts), "host"), counted(len(fleet.Groups), "resource"))
	if others > 0 {
		text += fmt.Sprintf("; %d belong to other software", others)
	}
	status := succeeded
	if rest > 0 {
		text += fmt.Sprintf("; %d left out (see left_out.tf)", rest)
		status = left
	}
	if proof != "" {
		text += "; " + proof
	}
	if len(missing) > 0 {
		text += "; MISSING, not read: " + strings.Join(missing, ", ")
		status = failed
	}
	fmt.Fprintln(a.about, printable(text))
	return status
}

func (a *adoption) fail(err error) int {
	fmt.Fprintf(a.about, "%s adopt: %s\n", program, printable(err.Error()))
	return failed
}

// dumps reads the files of iptables-save.
func (a *adoption) dumps() ([]adopt.Host, error) {
	var dumps []adopt.Dump
	for _, path := range a.from {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		dumps = append(dumps, adopt.Dump{Path: path, Text: string(text)})
	}
	return adopt.Hosts(dumps)
}
