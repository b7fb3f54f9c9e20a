package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/review"
)

const reviewUsage = `Usage: terraform-provider-iptables review [--format FORMAT] [--fail-on WARNING,...] [--many-hosts PERCENT] [FILE]

Says what a plan does to a fleet: which hosts change alike, who will reach what and who no longer, the
lines that come and go, and what deserves a second look.

  terraform plan -out plan.out
  terraform show -json plan.out | terraform-provider-iptables review

The plan comes on standard input or from FILE. Nothing else is needed, and no host is asked: lines that are
on the hosts and no resource's are not part of it.

  --format FORMAT       text (default), markdown (fits a comment on a pull request), html (one file, with a
                        picture of who reaches what), json, or sarif
  --fail-on WARNING,... exit with status 3 if one of these warnings is given; "any" stands for all
  --many-hosts PERCENT  the part of the hosts above which a change is called large (default %d)

Warnings:

%s
Exit status: 0, 1 if the plan cannot be read, 2 if the command line is wrong, 3 by --fail-on.
`

// objectionable is the exit status where a warning was given that --fail-on names.
const objectionable = 3

// formats write a report; the file is the one that the plan came from.
var formats = map[string]func(r *review.Report, w io.Writer, file string) error{
	"text":     func(r *review.Report, w io.Writer, _ string) error { return r.Text(w) },
	"markdown": func(r *review.Report, w io.Writer, _ string) error { return r.Markdown(w) },
	"html":     func(r *review.Report, w io.Writer, _ string) error { return r.HTML(w) },
	"json":     func(r *review.Report, w io.Writer, _ string) error { return r.JSON(w) },
	"sarif":    func(r *review.Report, w io.Writer, file string) error { return r.SARIF(w, file) },
}

func reviewPlan(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var options review.Options
	var failOn []string
	write := formats["text"]
	flags := flag.NewFlagSet("review", flag.ContinueOnError)
	flags.Func("format", "", func(s string) error {
		f, ok := formats[s]
		if !ok {
			return fmt.Errorf("%q is no format; they are text, markdown, html, json and sarif", s)
		}
		write = f
		return nil
	})
	flags.Func("fail-on", "", func(s string) (err error) {
		failOn, err = warningNames(s)
		return err
	})
	flags.Func("many-hosts", "", func(s string) (err error) {
		options.ManyHosts, err = strconv.Atoi(s)
		if err != nil || options.ManyHosts < 1 || options.ManyHosts > 100 {
			return fmt.Errorf("%q is no percentage from 1 to 100", s)
		}
		return nil
	})
	if status, ok := parse(flags, usageOfReview(), args, stdout, stderr); !ok {
		return status
	}
	if flags.NArg() > 1 {
		fmt.Fprintf(stderr, "%s review: one plan at a time: %q is too much\n", program, flags.Arg(1))
		return misused
	}
	plan, file := stdin, "plan.json"
	if flags.NArg() == 1 {
		file = flags.Arg(0)
		f, err := os.Open(file)
		if err != nil {
			fmt.Fprintf(stderr, "%s review: %v\n", program, err)
			return failed
		}
		defer f.Close()
		plan = f
	}
	report, err := review.Read(plan, options)
	if err != nil {
		fmt.Fprintf(stderr, "%s review: %v\n", program, err)
		return failed
	}
	if err := write(report, stdout, file); err != nil {
		fmt.Fprintf(stderr, "%s review: writing: %v\n", program, err)
		return failed
	}
	if found := report.Has(failOn); len(found) > 0 {
		fmt.Fprintf(stderr, "%s review: --fail-on: %s\n", program, strings.Join(found, ", "))
		return objectionable
	}
	return succeeded
}

// warningNames reads the names behind --fail-on.
func warningNames(list string) ([]string, error) {
	var all []string
	for _, k := range review.Kinds() {
		all = append(all, k.Name)
	}
	if list == "any" {
		return all, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("%q is no warning; they are %s, or any", name, strings.Join(all, ", "))
		}
	}
	return names, nil
}

func usageOfReview() string {
	var b strings.Builder
	for _, k := range review.Kinds() {
		fmt.Fprintf(&b, "  %-22s %s\n", k.Name, k.About)
	}
	return fmt.Sprintf(reviewUsage, review.DefaultManyHosts, b.String())
}
