package firewall

import (
	"context"
	"errors"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A batch waits for company until nobody has come or was answered for the quiet time, but no longer than the
// gather time. Terraform starts ten creates of a host one after the other, some milliseconds
// apart (more on a busy machine), and the next ten when these are done; a commit that leaves with the
// first of them is one more. It does not wait for more than left together before, which
// are as many as Terraform does at once (-parallelism).
const (
	quietTime  = 25 * time.Millisecond
	gatherTime = 250 * time.Millisecond
	usualCrowd = 10
)

// A request is one caller of Apply.
type request struct {
	ctx    context.Context
	change Change
	done   chan response
}

type response struct {
	result Applied
	err    error
}

// Applied is a change that is in force and confirmed.
type Applied struct {
	*Snapshot // as it was read back
	// Warnings are what did not go well after the change was confirmed, such as saving it.
	Warnings []string
}

// Apply makes a change: it is in force, verified and confirmed by a new login, or an *Error
// says in what state the host is. Changes that arrive while a commit is under way go
// into the next one together.
func (h *Host) Apply(ctx context.Context, change Change) (Applied, error) {
	r := &request{ctx: ctx, change: change, done: make(chan response, 1)}
	h.mu.Lock()
	h.queue = append(h.queue, r)
	h.stirred = time.Now()
	select {
	case h.arrivals <- struct{}{}:
	default: // it has not been heard of the last one yet
	}
	start := !h.working
	h.working = true
	h.mu.Unlock()
	if start {
		go h.work()
	}
	a := <-r.done
	return a.result, a.err
}

// work commits what is queued until nothing is.
func (h *Host) work() {
	for {
		h.gather()
		h.mu.Lock()
		batch := h.queue
		h.queue = nil
		full := len(batch) >= h.fullCrowd() // more are on their way behind it
		h.crowd = max(h.crowd, len(batch))
		if len(batch) == 0 {
			h.working = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		h.alone.Lock()
		h.commitBatch(batch, full)
		h.alone.Unlock()
		h.mu.Lock()
		h.stirred = time.Now()
		h.mu.Unlock()
	}
}

// gather waits for company.
func (h *Host) gather() {
	late := time.After(gatherTime)
	for {
		h.mu.Lock()
		full, rest := len(h.queue) >= h.fullCrowd(), quietTime-time.Since(h.stirred)
		h.mu.Unlock()
		if full || rest <= 0 {
			return
		}
		select {
		case <-h.arrivals:
		case <-time.After(rest):
		case <-late:
			return
		}
	}
}

// fullCrowd is as many as can be expected to come together. It is called with h.mu held.
func (h *Host) fullCrowd() int { return max(usualCrowd, h.crowd) }

// commitBatch commits the edits as one change, which another is likely to follow at once or not. If the host refuses it, the
// halves are tried on their own, so that a bad edit fails alone.
func (h *Host) commitBatch(batch []*request, followed bool) {
	ctx, cancel := whileAnyone(batch)
	defer cancel()
	accepted, result, err := h.commitOnce(ctx, batch, followed)
	if len(accepted) > 1 && blames(err) {
		middle := len(accepted) / 2
		h.commitBatch(accepted[:middle], true)
		h.commitBatch(accepted[middle:], followed)
		return
	}
	for _, r := range accepted {
		r.done <- response{result, err}
		result.Warnings = nil // they are told once
	}
}

// blames reports whether an error may be the fault of one edit of several.
func blames(err error) bool {
	var failure *Error
	if errors.As(err, &failure) && failure.State != Unchanged && failure.State != RolledBack {
		return false // the halves would be tried on a host of which nobody knows what it has
	}
	var rejected *RejectedError
	var unverified *UnverifiedError
	return errors.As(err, &rejected) || errors.As(err, &unverified)
}

// commitOnce lays the edits on what the host has and commits the result. Edits that fail by
// themselves are answered; the others are returned with what became of them. Where others
// were quicker, it reads again and starts over, as long as it would wait for their lock.
func (h *Host) commitOnce(ctx context.Context, batch []*request, followed bool) ([]*request, Applied, error) {
	for start := time.Now(); ; {
		snapshot, err := h.SnapshotToChange(ctx)
		if err != nil {
			return batch, Applied{}, err
		}
		accepted, wanted := h.merge(batch, snapshot)
		if len(accepted) == 0 {
			return nil, Applied{}, nil
		}
		change := iptables.Diff(snapshot.Rules, wanted)
		if change.Empty() {
			return accepted, Applied{Snapshot: snapshot}, nil
		}
		c := newCommit(h, snapshot, wanted, change)
		c.followed = followed
		if last := len(accepted) - 1; last > 0 {
			// The last one waits until the change is saved, and gets the warnings: no apply is over before. Meanwhile Terraform
			// goes on with what follows the others.
			c.tell = func(result Applied) {
				for _, r := range accepted[:last] {
					r.done <- response{result, nil}
				}
				accepted = accepted[last:]
			}
		}
		result, err := c.run(ctx)
		var moved *MovingError
		switch {
		case !errors.As(err, &moved):
			return accepted, result, err
		case time.Since(start) > h.options.LockTimeout:
			return accepted, Applied{}, h.fail(changing, err, Unchanged, "Apply again when the other program is done.")
		}
		batch = accepted
	}
}

// merge lays the edits on the snapshot, one after the other. An edit that fails is answered
// at once. One that would lock this login out, or that leaves sets in a state that the kernel
// refuses, waits for the others, which may open or make what it needs, and is refused only if
// they do not.
func (h *Host) merge(batch []*request, snapshot *Snapshot) ([]*request, iptables.Ruleset) {
	wanted := snapshot.Rules
	watch := newGuard(snapshot.Facts, h.options.NoGuard || !h.connection.remote)
	var accepted, doubtful []*request
	for _, r := range batch {
		next, err := r.change.Edit(wanted)
		switch {
		case r.ctx.Err() != nil:
			h.refuse(r, r.ctx.Err(), "")
		case err != nil:
			h.refuse(r, err, "")
		case watch.lockout(next) != nil, checkSets(snapshot.Facts, snapshot.Rules, next) != nil:
			doubtful = append(doubtful, r)
		default:
			wanted = next
			accepted = append(accepted, r)
		}
	}
	for _, r := range doubtful {
		next, err := r.change.Edit(wanted)
		if err == nil {
			err = checkSets(snapshot.Facts, snapshot.Rules, next)
		}
		if err != nil {
			h.refuse(r, err, "")
			continue
		}
		if lockout := watch.lockout(next); lockout != nil {
			h.refuse(r, lockout, adviceOnLockout)
			continue
		}
		wanted = next
		accepted = append(accepted, r)
	}
	return accepted, wanted
}

const adviceOnLockout = "Allow ssh first: among the services of an iptables_firewall, or by a resource on which " +
	"this one depends (depends_on = [iptables_service.ssh]); and check that its sources hold the address above. " +
	"lockout_protection = false in the provider applies it all the same; the host still takes it back " +
	"unless a new login gets through."

// refuse answers a request without anything having been sent.
func (h *Host) refuse(r *request, err error, next string) {
	r.done <- response{err: h.fail("applying "+r.change.Label, err, Unchanged, next)}
}

// whileAnyone is a context that lives as long as one of the callers still waits.
func whileAnyone(batch []*request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	go func() {
		for _, r := range batch {
			select {
			case <-r.ctx.Done():
			case <-ctx.Done():
				return
			}
		}
		cancel()
	}()
	return ctx, cancel
}
