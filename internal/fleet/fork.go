package fleet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// LimitForks lets the host have so many processes more than it has now: the next fork(2) fails with EAGAIN, as on a host
// without memory. What [Host.Console] runs is not counted. A negative number ends the limit; so does a reboot.
func (h *Host) LimitForks(more int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process == nil {
		return fmt.Errorf("limiting test host %s: %w", h.Name, ErrOff)
	}
	root, err := limits()
	if err != nil {
		return err
	}
	group := filepath.Join(root, h.cgroup())
	maximum := filepath.Join(group, "pids.max")
	if more < 0 {
		return os.WriteFile(maximum, []byte("max"), 0o600)
	}
	if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	// Twice: what is forked by a process that is not in it yet comes in the second time.
	for range 2 {
		if err := h.gather(filepath.Join(group, "cgroup.procs")); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(filepath.Clean(filepath.Join(group, "pids.current")))
	if err != nil {
		return err
	}
	now, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	return os.WriteFile(maximum, []byte(strconv.Itoa(now+more)), 0o600)
}

// gather puts all processes of the host into a control group.
func (h *Host) gather(procs string) error {
	mine, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", h.process.identity.pid))
	if err != nil {
		return err
	}
	spaces, err := filepath.Glob("/proc/[0-9]*/ns/pid")
	if err != nil {
		return err
	}
	for _, space := range spaces {
		if ns, err := os.Readlink(space); err != nil || ns != mine {
			continue
		}
		pid := strings.Split(space, "/")[2]
		if err := os.WriteFile(procs, []byte(pid), 0o600); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}
