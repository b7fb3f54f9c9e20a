package firewall

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// settle is steps 5 to 7: what the host lists is compared with what was wanted, and a new
// login confirms the change or takes it back. It goes on when the caller is cancelled: a
// change that is in must not stay undecided.
func (c *commit) settle(ctx context.Context, answer []section) (Applied, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.patience())
	defer cancel()
	after, err := c.live.with(answer, c.wanted)
	if err != nil {
		return Applied{}, c.revert(ctx, err)
	}
	if differences := c.change.Verify(after.Rules); len(differences) > 0 {
		return Applied{}, c.revert(ctx, &UnverifiedError{Differences: c.describe(differences)})
	}
	return c.confirm(ctx, after)
}

func (c *commit) describe(differences []iptables.Difference) []string {
	text := make([]string, len(differences))
	for i, d := range differences {
		text[i] = d.Describe(c.live.Facts.Dialect(d.Chain.Family))
	}
	return text
}

// patience is how long a commit may take after it was sent: the host's timer and its undo,
// and the logins to learn how it ended.
func (c *commit) patience() time.Duration { return 2*c.host.options.RollbackTimeout + time.Minute }

// confirm is the new login that keeps the change, and saves it.
func (c *commit) confirm(ctx context.Context, after *Snapshot) (Applied, error) {
	// A login that comes later than the timer cannot confirm any more.
	deadline := c.armed.Add(c.host.options.RollbackTimeout)
	early, cancel := context.WithDeadline(ctx, deadline)
	fresh, err := c.login(early)
	cancel()
	if err != nil {
		return Applied{}, c.await(ctx, deadline, &LoginError{Err: err})
	}
	outcome, report, err := c.decide(ctx, fresh, after)
	if err != nil {
		_ = fresh.Close()
		return Applied{}, c.await(ctx, deadline, &LoginError{Err: err})
	}
	c.host.connection.swap(fresh)
	if outcome == "unknown" || outcome == "stuck" {
		// The commit could not be confirmed, and nobody has taken it back: that is done now.
		return Applied{}, c.await(ctx, time.Now(), &OutcomeError{Outcome: outcome, Detail: report})
	}
	if outcome != "confirmed" {
		return Applied{}, c.ended(ctx, &OutcomeError{Outcome: outcome, Detail: report}, outcome)
	}
	return c.kept(after, report), nil
}

// tellOf has a script tell that the host has decided to keep the change, which then is as after.
func (c *commit) tellOf(script *sshexec.Script, mark string, after *Snapshot) {
	if c.tell == nil {
		return
	}
	script.Milestone = mark + " kept"
	script.Reached = func() {
		c.told = after.savedAll() // if it cannot be saved, kept says so
		c.host.keep(c.told)
		c.tell(Applied{Snapshot: c.told})
	}
}

// kept is the end of a commit that the host has confirmed; report is what it could not save.
func (c *commit) kept(after *Snapshot, report string) Applied {
	switch {
	case report != "":
		c.host.keep(after)
	case c.told != nil:
		after = c.told
	default:
		after = after.savedAll()
		c.host.keep(after)
	}
	applied := Applied{Snapshot: after}
	if report != "" {
		applied.Warnings = append(applied.Warnings, fmt.Sprintf("the change is in force on host %s, but saving it for the next boot "+
			"failed (the old files are intact): %s", c.host.Name(), report))
	}
	if text := unsavedSets(after.Facts, after.Rules); text != "" && !c.host.options.NoSave && len(c.change.Sets()) > 0 {
		applied.Warnings = append(applied.Warnings, text)
	}
	return applied
}

// login opens the connection that proves that the host can still be reached. A network that
// loses packets gets more than one try, wrong credentials do not.
func (c *commit) login(ctx context.Context) (sshexec.Runner, error) {
	runner, release := c.host.connection.use()
	defer release()
	for {
		fresh, err := runner.Login(ctx)
		var dial *sshexec.DialError
		if err == nil || !errors.As(err, &dial) {
			return fresh, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// decide asks the host to keep the commit, and to save what it then is, or to take it back where after is nil. It
// returns how the commit ended.
func (c *commit) decide(ctx context.Context, runner sshexec.Runner, after *Snapshot) (outcome, report string, err error) {
	mark := rand.Text()
	files := &parts{mark: mark}
	script := sshexec.Script{
		Body: program(baseScript, mechanismScript, savingScript, settleScript),
		Vars: map[string]string{"mark": mark, "id": c.id, "keep": "no"},
	}
	if after != nil {
		script.Vars["keep"] = "yes"
		script.Next = c.next()
		c.tellOf(&script, mark, after)
		c.addFiles(files, after)
		files.add("saves", "end")
	}
	script.Input = []byte(files.text.String())
	result, err := runner.Run(ctx, c.live.Facts.packed(script))
	if err != nil {
		return "", "", err
	}
	answer, err := sections(string(result.Stdout), mark, "result")
	if err != nil {
		return "", "", fmt.Errorf("%w; it printed on standard error: %s", err, firstLines(result.Stderr))
	}
	return strings.Join(answer[len(answer)-1].words[1:], " "), unsaved(answer), nil
}

// unsaved says which files could not be saved, and why; "" where all could.
func unsaved(answer []section) string {
	var failed []string
	for _, part := range answer {
		if part.name() == "unsaved" {
			failed = append(failed, part.subject()+": "+reasonOf(answer))
		}
	}
	return strings.Join(failed, " ")
}

// revert takes the change back at once, over a new login; where none gets through, the timer
// does it.
func (c *commit) revert(ctx context.Context, cause error) error {
	return c.await(ctx, time.Now(), cause)
}

// lost is a commit whose answer did not come, or which could not be taken back. It may be anything from not begun to armed.
func (c *commit) lost(ctx context.Context, cause error) error {
	c.host.forget(nil)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.patience())
	defer cancel()
	return c.await(ctx, time.Now(), cause)
}

// await learns how the commit ended, from a given moment on and until its patience is at an
// end, and takes it back if it is still armed.
func (c *commit) await(ctx context.Context, from time.Time, cause error) error {
	wait := time.Until(from) + time.Second
	if wait < time.Second {
		wait = 0
	}
	for {
		select {
		case <-ctx.Done():
			return c.host.fail(changing, cause, Uncertain, fmt.Sprintf(
				"The host could not be asked. If the change was in, its own timer takes it back %d seconds after it was made, or as soon as it can; "+
					"the next plan shows what is there.", int(c.host.options.RollbackTimeout.Seconds())))
		case <-time.After(wait):
		}
		wait = 2 * time.Second
		fresh, err := c.login(ctx)
		if err != nil {
			continue
		}
		outcome, _, err := c.decide(ctx, fresh, nil)
		if err != nil {
			_ = fresh.Close()
			continue
		}
		c.host.connection.swap(fresh)
		if outcome != "busy" {
			return c.ended(ctx, cause, outcome)
		}
	}
}

// ended turns the outcome that the host recorded into the error for the caller.
func (c *commit) ended(ctx context.Context, cause error, outcome string) error {
	c.host.forget(nil)
	switch {
	case outcome == "confirmed":
		return c.inForce(cause)
	case outcome == "cancelled", outcome == "unknown":
		return c.unrecorded(ctx, cause)
	case outcome == "stuck", strings.HasPrefix(outcome, "failed"):
		return c.uncertain(errors.Join(cause, &OutcomeError{Outcome: outcome}))
	}
	return c.host.fail(changing, cause, RolledBack, "")
}

// unrecorded is the end of a commit of which the host has no record (any more): it was not begun, or the host
// was restarted since. What is there tells which.
func (c *commit) unrecorded(ctx context.Context, cause error) error {
	now, err := c.host.Snapshot(ctx)
	for err != nil { // a host that has no memory just now has some in a moment
		select {
		case <-ctx.Done():
			return c.uncertain(errors.Join(cause, err))
		case <-time.After(2 * time.Second):
			now, err = c.host.Snapshot(ctx)
		}
	}
	switch {
	case len(c.change.Undo().Verify(now.Rules)) == 0:
		return c.host.fail(changing, cause, Unchanged, "")
	case len(c.change.Verify(now.Rules)) == 0:
		return c.inForce(cause)
	}
	return c.uncertain(cause)
}

func (c *commit) inForce(cause error) error {
	return c.host.fail(changing, cause, Committed, "Apply again: the change is found in place and taken over.")
}

func (c *commit) uncertain(cause error) error {
	return c.host.fail(changing, cause, Uncertain, "Look at the host's rules (iptables -S) before you apply again.")
}

// keep makes the snapshot of a confirmed commit the one that all share.
func (h *Host) keep(after *Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current, h.planned = finished(after), nil
}

// addFiles adds what is saved for the next boot; nothing where the host keeps nothing.
func (c *commit) addFiles(p *parts, after *Snapshot) {
	boot := after.Facts.Boot
	if c.host.options.NoSave || c.host.releasedBoot() || !boot.saves() {
		return
	}
	// Rules that name sets do not load before these are there.
	if sets := lastingSets(after.Rules); boot.Sets != "" && (sets != "" || lastingSets(c.live.Rules) != "") {
		p.add("save "+boot.Sets, sets)
	}
	for _, family := range after.Facts.Families() {
		if path := boot.Paths[family]; path != "" {
			p.add("save "+path, after.lasting(family))
		}
	}
}
