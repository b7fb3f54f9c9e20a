package fleet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// launcher is a thread that lives as long as the process. The kernel sends Pdeathsig when the *thread* that
// started a child ends, and Go ends threads at will: children that must live are started from this one.
var launcher = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// launch starts cmd so that it is killed when this process ends, in whatever way.
func launch(cmd *exec.Cmd) error {
	done := make(chan error)
	launcher() <- func() { done <- cmd.Start() }
	return <-done
}

// An identity tells a process from a later one with the same number: they do not share a network namespace, since
// each host has its own.
type identity struct {
	pid       int
	namespace string // as /proc/PID/ns/net reads, such as "net:[4026532301]"
}

func identify(pid int) (identity, error) {
	ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	return identity{pid: pid, namespace: ns}, err
}

func (i identity) String() string { return fmt.Sprintf("%d %s", i.pid, i.namespace) }

func parseIdentity(text string) (identity, error) {
	number, ns, ok := strings.Cut(strings.TrimSpace(text), " ")
	pid, err := strconv.Atoi(number)
	if err != nil || !ok || pid <= 1 {
		return identity{}, fmt.Errorf("no process identity: %q", text)
	}
	return identity{pid: pid, namespace: ns}, nil
}

// kill ends the process, if it is still the one that was identified, and waits until it is gone. A host's PID 1
// takes every process of the host with it.
func (i identity) kill() error {
	// The descriptor refers to one process for good, so it cannot become another between the look and the signal.
	fd, err := unix.PidfdOpen(i.pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if now, err := identify(i.pid); err != nil || now != i {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
