package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A usage is what the processes of one command took.
type usage struct {
	terraform, provider time.Duration // of a processor
	memory              int64         // the most that one provider had at a time, in bytes
}

// sampling is how often the processes are looked at; what one does in its last moment is missed.
const sampling = 20 * time.Millisecond

// used runs a side and watches the processes that it starts.
func used(ctx context.Context, run side) (took time.Duration, u usage, err error) {
	w := watch{seen: map[string]usage{}}
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		ticks := time.NewTicker(sampling)
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				w.look(os.Getpid(), 0)
			}
		}
	}()
	took, err = run(ctx)
	close(done)
	<-watched
	for _, one := range w.seen {
		u.terraform += one.terraform
		u.provider += one.provider
		u.memory = max(u.memory, one.memory)
	}
	return took, u, err
}

// A watch remembers of each process what it was last seen to have taken.
type watch struct{ seen map[string]usage }

// look visits a process and its descendants.
func (w watch) look(pid, depth int) {
	if depth > 0 {
		w.note(pid)
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, word := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(word)
			if err == nil && depth < 4 {
				w.look(child, depth+1)
			}
		}
	}
}

func (w watch) note(pid int) {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return
	}
	spent, born := processor(pid)
	key := fmt.Sprint(pid, " ", born)
	switch name := filepath.Base(exe); {
	case strings.HasPrefix(name, "terraform-provider-"):
		w.seen[key] = usage{provider: spent, memory: max(peak(pid), w.seen[key].memory)}
	case name == "terraform":
		w.seen[key] = usage{terraform: spent}
	}
}

// processor is the time that a process has spent on one, and when it was started.
func processor(pid int) (spent time.Duration, born string) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ") // names may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return 0, ""
	}
	const hertz = 100 // USER_HZ, of every Linux that Go runs on
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / hertz, fields[19]
}

// peak is the most memory that a process has had in use.
func peak(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
