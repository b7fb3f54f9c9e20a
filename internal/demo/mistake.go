package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// mistaken is a configuration that shuts its author out.
//
//go:embed mistake
var mistaken embed.FS

// mistake plays the last two acts: a lock-out that is refused, and one that the host takes back.
func mistake(ctx context.Context, s *story, st stage) error {
	files, err := fs.Sub(mistaken, "mistake")
	if err != nil {
		return err
	}
	work, err := st.workspace("mistake", files, map[string]any{"hosts": st.addresses(), "ssh": st.login()})
	if err != nil {
		return err
	}
	before, err := st.listings(ctx)
	if err != nil {
		return err
	}
	if err := refused(ctx, s, st, work, before); err != nil {
		return err
	}
	return takenBack(ctx, s, st, work, before)
}

// refused shows that a change which would certainly lock out is not made.
func refused(ctx context.Context, s *story, st stage, work *cli.Workspace, before map[string]fleet.Saved) error {
	s.act("A mistake, and the guard")
	s.tell("Now somebody drops everything on web1 and forgets ssh:")
	text, err := readFile(work.Folder, "main.tf")
	if err != nil {
		return err
	}
	s.show("cat main.tf", text)
	output, status, err := work.Run(ctx, nil, "apply", "-input=false", "-auto-approve")
	if err != nil {
		return err
	}
	s.show("terraform apply -auto-approve; echo $?", errorsOf(output)+fmt.Sprint(status))
	why := ""
	if status == 0 || !strings.Contains(unwrapped(output), "would lock this login out") {
		why = "terraform said:\n" + output
	}
	if err := s.check("the change was refused before anything was done, and the error names what would drop the login", why); err != nil {
		return err
	}
	return st.checkUnchanged(ctx, s, "no host was changed", before)
}

// takenBack shows that with the guard switched off the host takes the change back by itself.
func takenBack(ctx context.Context, s *story, st stage, work *cli.Workspace, before map[string]fleet.Saved) error {
	s.act("The same without the guard")
	s.tell("The guard judges rules on paper, and is silent where it cannot be certain. So each change is also bound to a timer on the " +
		"host itself, which only a new login stops. With the guard switched off, this is what happens; the timer is set to five seconds.")
	const command = "IPTABLES_LOCKOUT_PROTECTION=false IPTABLES_ROLLBACK_TIMEOUT=5s"
	host := st.fleet.Host("web1")
	watched, stop := context.WithCancel(ctx)
	seen := make(chan watch, 1)
	go func() { seen <- watchDoor(watched, st.fleet.Client, host) }()
	output, status, err := work.Run(ctx, strings.Fields(command), "apply", "-input=false", "-auto-approve")
	stop()
	door := <-seen
	if err := errors.Join(err, door.err); err != nil {
		return err
	}
	s.show(command+" terraform apply -auto-approve; echo $?", errorsOf(output)+fmt.Sprint(status))

	s.tell("Meanwhile, on the host and at its door:")
	s.printf("\n%s", door.text)
	why := ""
	switch {
	case door.shut == 0:
		why = "it was never seen shut"
	case door.open == 0:
		why = "it was not seen open again"
	}
	claim := fmt.Sprintf("web1 could not be reached, and opened again by itself after %s", (door.open - door.shut).Round(100*time.Millisecond))
	if err := s.check(claim, why); err != nil {
		return err
	}
	why = ""
	if status == 0 || !strings.Contains(unwrapped(output), "The change was rolled back") {
		why = "terraform said:\n" + output
	}
	if err := s.check("the error says that the change was rolled back", why); err != nil {
		return err
	}
	if err := st.checkUnchanged(ctx, s, "the firewall of web1 is what it was before", before); err != nil {
		return err
	}
	plan, status, err := work.Run(ctx, []string{"IPTABLES_LOCKOUT_PROTECTION=false"}, "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	why = ""
	if status != cli.ChangesDue {
		why = "terraform said:\n" + plan
	}
	return s.check("the state claims nothing that is not so: the next plan shows the change still to be made ("+summary(plan, "Plan:")+")", why)
}

// errorsOf is what Terraform prints from its first error on.
func errorsOf(output string) string {
	if i := strings.Index(output, "\nError: "); i >= 0 {
		return "[...]\n" + output[i+1:]
	}
	return output
}

// unwrapped is a text on one line: Terraform breaks the lines of an error.
func unwrapped(output string) string { return strings.Join(strings.Fields(output), " ") }

// A watch is what was seen of a host's door: the moments, since the watch began, when it was found shut and open again.
type watch struct {
	shut, open time.Duration
	text       string
	err        error
}

// watchDoor looks at the policy of INPUT and tries to connect to sshd, again and again, and notes what changes.
func watchDoor(ctx context.Context, from string, host *fleet.Host) watch {
	var w watch
	began := time.Now()
	last := ""
	for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		policy, err := host.Shell(ctx, "iptables -S INPUT | head -n 1")
		if ctx.Err() != nil {
			return w
		}
		if err != nil {
			w.err = err
			return w
		}
		now := time.Since(began)
		policy = strings.TrimSpace(policy)
		if policy == last {
			continue
		}
		got, err := try(ctx, from, host.Address, host.Port)
		if ctx.Err() != nil && err != nil {
			got = "the demo did not wait for an answer"
		}
		w.text += fmt.Sprintf("    %5.1f s   %-20s a new connection to port %d: %s\n", now.Seconds(), policy, host.Port, got)
		switch {
		case got == silent:
			w.shut = now
		case got == opened && w.shut > 0 && w.open == 0:
			w.open = now
		}
		last = policy
	}
	return w
}
