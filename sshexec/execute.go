package sshexec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// A host is what the scripts of one connection have in common.
type host struct {
	name string
	elevation
	known atomic.Value // way
}

func (h *host) way() way {
	known, _ := h.known.Load().(way)
	return known
}

// execute runs script in a shell that start starts.
func (h *host) execute(ctx context.Context, script Script, start func(context.Context) (shell, error)) (Result, error) {
	if err := script.check(h.name); err != nil {
		return Result{}, err
	}
	result, err := h.once(ctx, script, start)
	if errors.Is(err, errNotRoot) {
		// The frame for root ran nothing; the one for other users is next.
		h.known.Store(wayNotRoot)
		result, err = h.once(ctx, script, start)
	}
	return result, err
}

var errNotRoot = errors.New("the login is not root")

func (h *host) once(ctx context.Context, script Script, start func(context.Context) (shell, error)) (Result, error) {
	known := h.way()
	f := h.frame(script, known)
	f.passes = newMilestone(script)
	sh, err := start(ctx)
	if err != nil {
		return Result{}, err
	}
	r := feed(ctx, sh, f, func(process string) {
		go h.stop(context.WithoutCancel(ctx), process, start)
	})
	noise, began := r.stdout.seen()
	words := f.mark.words(noise)
	if began {
		h.learn(known, words)
	}
	if err := r.trouble(h, f.mark, words, began); err != nil {
		return r.output(), err
	}
	return r.output(), nil
}

// stop ends the process group of a script, in a shell of its own: the end of a session or of
// a connection ends no script, and sshd passes no signals to the sessions of root ("session
// signalling requires privilege separation", OpenSSH 9.2).
func (h *host) stop(ctx context.Context, process string, start func(context.Context) (shell, error)) {
	ctx, cancel := context.WithTimeout(ctx, 2*mercy)
	defer cancel()
	// Under sudo the process leads no group: the group is that of the session.
	const body = `read -r _ _ _ _ group _ </proc/$process/stat && kill -TERM "-$group"`
	script := Script{Body: body, Vars: map[string]string{"process": process}}
	if sh, err := start(ctx); err == nil {
		_ = feed(ctx, sh, h.frame(script, h.way()), func(string) {})
	}
}

// learn keeps how a script that began became root.
func (h *host) learn(known way, words []string) {
	switch {
	case h.privilege == None:
	case len(words) > 0:
		h.known.Store(way(words[len(words)-1]))
	case known == wayUnknown:
		h.known.Store(wayRoot)
	}
}

func (r run) output() Result {
	result := Result{Exit: r.ending.status}
	var cutOut, cutErr bool
	result.Stdout, cutOut = r.stdout.content()
	result.Stderr, cutErr = r.stderr.content()
	result.Truncated = cutOut || cutErr
	return result
}

// trouble returns why there is more to say than the script's Result, or nil.
func (r run) trouble(h *host, m mark, words []string, began bool) error {
	lost := r.cause
	if lost == nil {
		lost = r.ending.err
	}
	switch {
	case r.whole:
		return r.tooMuch(h.name, nil)
	case lost != nil && !r.sent:
		return &NotSentError{Host: h.name, Err: lost}
	case errors.Is(lost, errEndless):
		return r.tooMuch(h.name, fmt.Errorf("%w; %w", lost, ErrOutcomeUnknown))
	case lost != nil:
		return outcomeUnknown(h.name, lost)
	case !began:
		return r.notBegun(h, m, words)
	case r.ending.signal != "":
		return outcomeUnknown(h.name, fmt.Errorf("its shell was killed by signal %s", r.ending.signal))
	}
	return outcomeUnknown(h.name, fmt.Errorf("its shell ended before it did (exit status %d)", r.ending.status))
}

// notBegun tells why a shell that ended did not begin the script.
func (r run) notBegun(h *host, m mark, words []string) error {
	if slices.Contains(words, string(wayNotRoot)) {
		return errNotRoot
	}
	noise, _ := r.stderr.seen()
	if err := h.refused(h.name, words, printable(m.after(noise, "try"))); err != nil {
		return err
	}
	out, _ := r.stdout.seen()
	return &StartError{Host: h.name, User: h.user, Exit: r.ending.status, Said: printable(append(out, noise...))}
}

// tooMuch returns the error of an output that was cut, or nil where none was.
func (r run) tooMuch(host string, cause error) error {
	for _, c := range []*capture{r.stdout, r.stderr} {
		if _, cut := c.content(); cut {
			return &OutputError{Host: host, Stream: c.stream, Limit: c.limit, Err: cause}
		}
	}
	return cause
}
