package firewall

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// Options say how a host's firewall is changed. The zero Options are the defaults.
type Options struct {
	// RollbackTimeout is how long the host waits for the confirming login before it takes a
	// change back. Default 30 s.
	RollbackTimeout time.Duration
	// LockTimeout is how long a commit waits for another one of the same host. Default 60 s.
	LockTimeout time.Duration
	// AnswerTimeout is how long one script may take on the host, beside waiting for its lock. Default 5 min.
	AnswerTimeout time.Duration
	// NoGuard applies what would drop this very login. The timer takes it back all the same.
	NoGuard bool
	// Backend is "auto" (whatever `iptables` is there), "nft" or "legacy".
	Backend string
	// NoSave leaves the files alone from which the host restores its firewall at boot.
	NoSave bool
}

// Defaults of Options.
const (
	DefaultRollbackTimeout = 30 * time.Second
	DefaultLockTimeout     = 60 * time.Second
)

// An Edit is a change as a function from a ruleset to a ruleset. It must be pure: it runs
// when a change is planned, and again on what the host has when it is applied.
type Edit func(iptables.Ruleset) (iptables.Ruleset, error)

// A Change is one resource's edit.
type Change struct {
	Label string // what messages call it: `iptables_service "https"`
	Edit  Edit
}

// A Host is one host's firewall. Its methods may be called concurrently.
type Host struct {
	options Options

	connection connection
	alone      sync.Mutex // held by whoever changes something there

	mu      sync.Mutex
	current *reading                 // what was read last, or is being read; nil: read anew
	planned *iptables.Ruleset        // the edits planned so far, laid on the snapshot
	spelled map[string]iptables.Rule // what it was asked to spell, by spellingKey
	queue   []*request
	stirred time.Time // when the last of them came, or was answered: another one often follows
	crowd   int       // the most that left together
	working bool

	arrivals chan struct{} // tells who waits for company that somebody came

	released bool // Unpersist gave back what is restored at boot
}

// NewHost returns the firewall of the host that runner reaches. It does no I/O.
func NewHost(runner sshexec.Runner, options Options) *Host {
	if options.RollbackTimeout <= 0 {
		options.RollbackTimeout = DefaultRollbackTimeout
	}
	if options.LockTimeout <= 0 {
		options.LockTimeout = DefaultLockTimeout
	}
	if options.AnswerTimeout <= 0 {
		options.AnswerTimeout = DefaultAnswerTimeout
	}
	if options.Backend == "" {
		options.Backend = "auto"
	}
	h := &Host{options: options, arrivals: make(chan struct{}, 1)}
	h.connection.swap(patient{runner, options.LockTimeout + options.AnswerTimeout})
	return h
}

// releasedBoot reports whether what the host restores at boot is no more this Host's to save.
func (h *Host) releasedBoot() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.released
}

func (h *Host) setReleased(released bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released = released
}

// Name is what messages call the host.
func (h *Host) Name() string { return h.connection.name }

// Warnings are what a person should know before trusting the firewall of the host, as it was read.
func (h *Host) Warnings(facts Facts) []string {
	warnings := facts.Warnings()
	if text := facts.Boot.unsaved(); text != "" && !h.options.NoSave {
		warnings = append(warnings, text)
	}
	return warnings
}

// Close ends the connection to the host.
func (h *Host) Close() error { return h.connection.close() }

// A reading is a snapshot that is shared by all who ask while it is made, and after.
type reading struct {
	done     chan struct{}
	snapshot *Snapshot
	err      error
}

func finished(s *Snapshot) *reading {
	done := make(chan struct{})
	close(done)
	return &reading{done: done, snapshot: s}
}

// Snapshot is the host as it was read, at most once for all callers until a write. The error
// is an *Error.
func (h *Host) Snapshot(ctx context.Context) (*Snapshot, error) { return h.snapshot(ctx, false) }

// SnapshotToChange is Snapshot for who is sure to change the host right after it: what that takes is prepared while the host
// is read.
func (h *Host) SnapshotToChange(ctx context.Context) (*Snapshot, error) { return h.snapshot(ctx, true) }

func (h *Host) snapshot(ctx context.Context, followed bool) (*Snapshot, error) {
	for {
		r, mine := h.reading()
		if mine {
			h.read(ctx, r, followed)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, h.fail("reading the firewall", ctx.Err(), Unchanged, "")
		}
		// Whoever read may have been cancelled; that is no answer for the others.
		if errors.Is(r.err, context.Canceled) && ctx.Err() == nil {
			continue
		}
		return r.snapshot, r.err
	}
}

func (h *Host) reading() (r *reading, mine bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current == nil {
		h.current, mine = &reading{done: make(chan struct{})}, true
	}
	return h.current, mine
}

func (h *Host) read(ctx context.Context, r *reading, followed bool) {
	runner, release := h.connection.use()
	defer release()
	snapshot, err := read(ctx, runner, h.options, followed)
	if err != nil {
		r.err = h.fail("reading the firewall", err, Unchanged, "")
		h.forget(r)
	}
	r.snapshot = snapshot
	close(r.done)
}

// forget drops a reading, so that the next caller reads anew; nil drops whatever is there.
func (h *Host) forget(r *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r == nil || h.current == r {
		h.current, h.planned = nil, nil
	}
}

// A Planned change is what a host would be like.
type Planned struct {
	Facts Facts
	// Before holds the host's rules with the edits planned earlier, After with this one too.
	Before, After iptables.Ruleset
}

// Plan runs a change on the snapshot with the changes planned before it laid on top. It
// changes nothing on the host. The error is an *Error.
func (h *Host) Plan(ctx context.Context, change Change) (Planned, error) {
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		return Planned{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	before := snapshot.Rules
	if h.planned != nil {
		before = *h.planned
	}
	after, err := change.Edit(before)
	if err == nil && !after.Is(before) {
		err = checkSets(snapshot.Facts, before, after)
	}
	if err != nil {
		return Planned{}, h.fail("planning "+change.Label, err, Unchanged, "")
	}
	h.planned = &after
	return Planned{Facts: snapshot.Facts, Before: before, After: after}, nil
}

// Planned is the host's ruleset with the changes planned so far laid on top. The error is an *Error.
func (h *Host) Planned(ctx context.Context) (iptables.Ruleset, error) {
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		return iptables.Ruleset{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.planned != nil {
		return *h.planned, nil
	}
	return snapshot.Rules, nil
}

func (h *Host) fail(doing string, err error, state State, next string) error {
	return &Error{Host: h.Name(), Doing: doing, Err: err, State: state, Next: next}
}
