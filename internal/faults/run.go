package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A cell is a fault at a step.
type cell struct {
	fault fault
	step  step
}

// A run is one commit to which a fault happens at a step, on a host that is given a state before, and is looked at after.
// All that is left to chance comes from its seed.
type run struct {
	*stand
	cell   cell
	seed   uint64
	random *rand.Rand
	story  story
	detail string // which variant of the fault

	proxy    *proxy
	driver   *process
	other    *process // the second client, where there is one
	start    listing
	at, goes *os.File // pipes: a wrapper says where it stopped, and is let go
	ends     []func(context.Context) error
	loop     *background
	struck   time.Time
	stuck    bool // the host could decide nothing before the fault was over
}

// errMissed is a run in which the commit never came to the step: on a machine under load, the timer may be first.
var errMissed = errors.New("the commit did not come to the step")

// newRun draws a run.
func newRun(seed uint64, s *stand, c cell) *run {
	r := &run{stand: s, cell: c, seed: seed, random: rand.New(rand.NewPCG(seed, 0))}
	r.story = newStory(r.random, c.fault.policies)
	// Behind a change that locks out no new login comes, and none behind one that takes nothing away.
	for r.story.locksOut && !c.step.before("entered") && c.step.name != "answered" ||
		r.story.widens && (c.step.name == "login" || c.step.name == "entered") {
		r.story = newStory(r.random, c.fault.policies)
	}
	return r
}

// play runs it. The error says what was found wrong, or why it could not be run.
func (r *run) play(ctx context.Context) (err error) {
	if err := r.reset(ctx, r.story.before); err != nil {
		return err
	}
	if r.start, err = r.list(ctx); err != nil {
		return err
	}
	if !r.start.is(r.story.before) {
		return fmt.Errorf("the host could not be given its state:\n%v", r.start)
	}
	if err := r.open(); err != nil {
		return err
	}
	defer r.shut()
	reached, err := r.commit(ctx)
	err = errors.Join(err, r.endFaults(ctx))
	if err != nil {
		return err
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	if !reached {
		return errMissed
	}
	return nil
}

// open makes what a run needs beside the host.
func (r *run) open() error {
	address := r.host.Address
	if r.cell.fault.slow {
		address = r.host.SlowAddress
	}
	var err error
	if r.proxy, err = newProxy(net.JoinHostPort(address, strconv.Itoa(r.host.Port))); err != nil {
		return err
	}
	for _, pipe := range []struct {
		name string
		file **os.File
	}{{"at", &r.at}, {"go", &r.goes}} {
		path, err := r.path(pipe.name)
		if err != nil {
			return err
		}
		// For reading and writing, so that neither side waits for the other to open it.
		if *pipe.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	known, err := r.knownAs(r.proxy.port())
	if err != nil {
		return err
	}
	r.driver, err = startDriver(order{
		Address: "127.0.0.1", Port: r.proxy.port(), Key: r.fleet.Key, KnownHosts: known,
		Timeout: 10 * time.Second, Rollback: r.cell.fault.timeout(), Lock: 15 * time.Second,
		Previous: r.story.before, Wanted: r.story.after, State: filepath.Join(r.folder, "belief"),
	})
	return err
}

func (r *run) shut() {
	if r.driver != nil {
		_ = r.driver.signal(kill) // it has ended, unless the run failed
	}
	if r.other != nil {
		_ = r.other.signal(kill)
	}
	for _, f := range []*os.File{r.at, r.goes} {
		if f != nil {
			_ = f.Close()
		}
	}
	r.proxy.close()
}

// commit lets the driver make its change, and the fault strike when it comes to the step. It returns when the driver has
// ended.
func (r *run) commit(ctx context.Context) (reached bool, err error) {
	if word, err := r.word(ctx, time.Minute); word != saysRead {
		return false, fmt.Errorf("the driver did not read the host: %q, %w: %s", word, err, r.driver.stderr.Bytes())
	}
	if err := r.arm(); err != nil {
		return false, err
	}
	if err := r.driver.proceed(); err != nil {
		return false, err
	}
	stopped := make(chan string, 1)
	go func() {
		buffer := make([]byte, 100)
		if n, err := r.at.Read(buffer); err == nil {
			stopped <- string(buffer[:n])
		}
	}()
	patience := time.After(2*r.cell.fault.timeout() + 2*time.Minute + r.cell.fault.patient)
	for {
		select {
		case <-stopped:
			reached = true
			err = r.strike(ctx)
			// After a reboot nobody waits.
			_, _ = r.goes.WriteString("go\n")
		case <-r.proxy.at:
			reached = true
			err = r.strike(ctx)
			close(r.proxy.gone)
		case word, more := <-r.driver.words:
			if !more {
				return reached, err
			}
			if word != saysAnswered {
				return reached, fmt.Errorf("the driver says %q", word)
			}
			if r.cell.step.name == "answered" {
				reached = true
				err = r.strike(ctx)
			}
			_ = r.driver.proceed() // it may have been killed just now
		case <-patience:
			return reached, errors.New("the driver does not end")
		}
		if err != nil {
			return reached, err
		}
	}
}

// word waits for the driver to say something.
func (r *run) word(ctx context.Context, patience time.Duration) (string, error) {
	select {
	case word := <-r.driver.words:
		return word, nil
	case <-time.After(patience):
		return "", errors.New("it says nothing")
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// arm asks for the step.
func (r *run) arm() error {
	switch {
	case r.cell.step.seen == onHost:
		if err := r.write("stop", r.cell.step.name+"\n"); err != nil {
			return err
		}
		return r.write("told", "")
	case r.cell.step.name == "sending":
		// A commit is tens of thousands of bytes; compressed or not, this is amid it.
		r.proxy.half.Store(2000 + r.random.Int64N(20000))
	case r.cell.step.name == "login":
		r.proxy.login.Store(true)
	}
	return nil
}

func (r *run) strike(ctx context.Context) error {
	if r.cell.step.seen == onHost {
		if err := r.asModelled(ctx); err != nil {
			return fmt.Errorf("the commit is not where it should be: %w", err)
		}
	}
	r.struck = time.Now()
	if err := r.cell.fault.strike(ctx, r); err != nil {
		return fmt.Errorf("letting %s happen: %w", r.cell.fault.name, err)
	}
	return nil
}

// tell has the wrappers do something from now on.
func (r *run) tell(name, text string) error {
	if err := r.write(name, text); err != nil {
		return err
	}
	return r.write("told", "")
}

// afterwards registers what ends the fault.
func (r *run) afterwards(end func(context.Context) error) { r.ends = append(r.ends, end) }
