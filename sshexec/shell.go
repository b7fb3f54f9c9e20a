package sshexec

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// linger is how long output is waited for after a shell ended in the middle of a script:
	// a child that it left behind may hold the outputs open for ever.
	linger = time.Second
	// mercy is how long a script that was told to stop may take to do so.
	mercy = 2 * time.Second
)

// A shell is a `/bin/sh -s` that was started and waits for its program.
type shell struct {
	stdin          io.WriteCloser
	stdout, stderr io.Reader
	ended          <-chan ending // gets one value
	abandon        func()        // ends all reading and writing
	given          library       // what it has been fed already
}

// An ending is how a shell ended.
type ending struct {
	status int
	signal string // it was killed by this one
	err    error  // it is not known: the connection is gone
}

// notExecuted is the status of a shell that sshd did not start.
const notExecuted = -1

// A run is one frame fed to one shell, and what came of it.
type run struct {
	sent           bool // to the byte without which nothing runs
	whole          bool // the script ran to its end, and its output is complete
	ending         ending
	cause          error // why it was stopped; nil where it was not
	stdout, stderr *capture
}

var errEndless = errors.New("it does not stop printing")

// feed runs f in sh and returns when the script ended, or soon after ctx did: then stop is
// called for the process that runs the script.
func feed(ctx context.Context, sh shell, f frame, stop func(process string)) (r run) {
	endless := make(chan struct{})
	runaway := sync.OnceFunc(func() { close(endless) })
	r.stdout = newCapture("stdout", MaxStdout, f.mark, runaway)
	r.stdout.passes = f.passes
	r.stderr = newCapture("stderr", MaxStderr, f.mark, runaway)
	var sending transfer
	go sending.write(sh.stdin, sh.given, f)
	read := readAll(sh, r.stdout, r.stderr)
	defer func() { r.sent = !sending.halt() }()
	defer r.stdout.tellNobody()
	defer sh.abandon()

	whole := make(chan struct{})
	go func() {
		defer close(whole)
		for _, c := range []*capture{r.stdout, r.stderr} {
			select {
			case <-c.whole:
			case <-read:
			}
		}
	}()
	over := false // how the shell ended is known
	select {
	case <-whole:
	case r.ending = <-sh.ended:
		over = true
	case <-ctx.Done():
		r.cause = context.Cause(ctx)
	case <-endless:
		r.cause = errEndless
	}
	if r.cause != nil && sending.halt() {
		return r
	}
	if !over && !r.complete() {
		r.ending, over = r.await(sh, func() { stop(f.mark.process(r.noise())) })
	}
	if over && !r.complete() {
		r.drain(whole)
	}
	r.complete()
	return r
}

// await waits a little for the shell's end. If the script is to be stopped, stop is called as
// soon as it has begun.
func (r *run) await(sh shell, stop func()) (end ending, known bool) {
	begun := r.stdout.begun
	if r.cause == nil {
		begun = nil
	}
	for patience := time.After(mercy); ; {
		select {
		case end = <-sh.ended:
			return end, true
		case <-begun:
			begun = nil
			stop()
		case <-patience:
			return ending{err: errors.New("its outputs ended, and no exit status came")}, false
		}
	}
}

func (r *run) noise() []byte {
	noise, _ := r.stdout.seen()
	return noise
}

// complete looks whether the script ran to its end, whatever happened then.
func (r *run) complete() bool {
	status, out := r.stdout.ended()
	_, err := r.stderr.ended()
	if out && err {
		r.whole, r.cause, r.ending = true, nil, ending{status: status}
	}
	return r.whole
}

// A transfer is a frame on its way. It is either sent to its last byte or halted before, and
// which of the two is known for certain.
type transfer struct{ state atomic.Int32 }

const (
	underWay int32 = iota
	sentWhole
	halted
)

// write feeds f: first all that cannot run by itself, then the rest.
func (t *transfer) write(stdin io.WriteCloser, given library, f frame) {
	body, last := f.text[:len(f.text)-f.last], f.text[len(f.text)-f.last:]
	if given != f.library {
		body = append([]byte(f.library), body...)
	}
	if _, err := stdin.Write(body); err != nil {
		return // how the shell ended says more
	}
	if !t.state.CompareAndSwap(underWay, sentWhole) {
		return
	}
	if _, err := stdin.Write(last); err == nil {
		_ = stdin.Close()
	}
}

// halt keeps what is not sent yet from being sent, and says whether it came in time.
func (t *transfer) halt() bool {
	return t.state.CompareAndSwap(underWay, halted) || t.state.Load() == halted
}

// readAll copies both outputs; the channel is closed when both are at their end.
func readAll(sh shell, stdout, stderr io.Writer) <-chan struct{} {
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(stdout, sh.stdout) })
	both.Go(func() { _, _ = io.Copy(stderr, sh.stderr) })
	read := make(chan struct{})
	go func() { both.Wait(); close(read) }()
	return read
}

// drain waits for the outputs' ends, as long as something comes and not for long.
func (r *run) drain(whole <-chan struct{}) {
	for range 5 {
		before := r.stdout.received() + r.stderr.received()
		select {
		case <-whole:
			return
		case <-time.After(linger):
		}
		if r.stdout.received()+r.stderr.received() == before {
			return
		}
	}
}
