package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A Host is one test host. Its methods can be called from several goroutines.
type Host struct {
	Name    string
	Options HostOptions // with the defaults filled in
	Port    int         // where sshd listens

	// How the host is reached without delay, and through the fleet's delay. The first of each pair is "" if
	// the host has no IPv4 address.
	Address, Address6         string
	SlowAddress, SlowAddress6 string

	fleet  *Fleet
	number int    // in the fleet, from 1
	disk   string // folder with what the host wrote (upper), in the fleet's memory
	image  *image

	mu      sync.Mutex
	process *hostProcess // nil while the host is off
	cut     bool

	logMu   sync.Mutex
	logMark int64 // where in the log of sshd counting starts
}

// A hostProcess is one run of a host, from boot to end.
type hostProcess struct {
	identity identity
	gone     chan struct{} // closed when PID 1, and so every process of the host, has ended
}

// bootTimeout bounds a boot. A simple host takes a third of a second, systemd about two; a machine under load
// takes many times that.
const bootTimeout = 2 * time.Minute

// ErrOff says that a host is not running.
var ErrOff = errors.New("the host is off")

// port is the name of the host's link at the router.
func (h *Host) port() string { return fmt.Sprintf("h%d", h.number) }

// mac is the hardware address of one end of the host's link.
func (h *Host) mac(end int) string {
	return fmt.Sprintf("02:77:%02x:%02x:%02x:01", end, h.number/256, h.number%256)
}

// addresses are all that the host has.
func (h *Host) addresses() []string {
	if h.Options.IPv6Only {
		return []string{h.Address6, h.SlowAddress6}
	}
	return []string{h.Address, h.SlowAddress, h.Address6, h.SlowAddress6}
}

// Start boots the host and returns when it accepts logins (when sshd listens, even behind a shut firewall). A host
// that runs already is left as it is.
func (h *Host) Start(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process != nil {
		return nil
	}
	if err := h.boot(ctx); err != nil {
		return errors.Join(fmt.Errorf("starting test host %s: %w\n%s", h.Name, err, h.consoleLog()), h.end())
	}
	return nil
}

// Stop cuts the host's power: every process ends at once, and what is not on its disk is lost.
func (h *Host) Stop() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.end()
}

// Shutdown stops the host in good order, as `poweroff` does: its services run what they run at that time, such as
// saving rules.
func (h *Host) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process == nil {
		return nil
	}
	order := []string{"kill", "-TERM", "1"}
	if h.Options.Init == Systemd {
		order = []string{"systemctl", "poweroff"}
	}
	// What carries the order may be ended by it, which is no failure: the end of the host is what counts.
	_ = enter(ctx, h.process.identity.pid, order[0], order[1:]...).Run()
	select {
	case <-h.process.gone:
		return h.end()
	case <-ctx.Done():
		return fmt.Errorf("shutting down test host %s, which is still on: %w", h.Name, context.Cause(ctx))
	}
}

// Reboot cuts the power and boots again from the same disk: the kernel's rules are those that the host's own boot
// restores. See [Host.Shutdown] for a reboot in good order.
func (h *Host) Reboot(ctx context.Context) error {
	if err := h.Stop(); err != nil {
		return err
	}
	return h.Start(ctx)
}

// CutLink makes everything from and to the host vanish, as a broken network does: no reset, no ICMP. It holds
// until RestoreLink, over reboots, too. [Host.Console] still works.
func (h *Host) CutLink() error { return h.setCut(true) }

// RestoreLink undoes CutLink. Connections that have not given up meanwhile go on.
func (h *Host) RestoreLink() error { return h.setCut(false) }

func (h *Host) setCut(cut bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cut == cut {
		return nil
	}
	if err := h.fleet.router.cut(h, cut); err != nil {
		return fmt.Errorf("link of test host %s: %w", h.Name, err)
	}
	h.cut = cut
	return nil
}

// boot starts the host's processes and waits until it is up.
func (h *Host) boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	linked, tellLinked, err := os.Pipe()
	if err != nil {
		return err
	}
	defer tellLinked.Close()
	rooted, tellRooted, err := os.Pipe()
	if err != nil {
		return errors.Join(err, linked.Close())
	}
	defer rooted.Close()
	console, err := os.OpenFile(h.consolePath(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.Join(err, linked.Close(), tellRooted.Close())
	}
	cmd, err := h.bootCommand(console, linked, tellRooted)
	if err == nil {
		err = launch(cmd)
	}
	_ = errors.Join(console.Close(), linked.Close(), tellRooted.Close())
	if err != nil {
		return err
	}
	if err := h.adopt(cmd); err != nil {
		return err
	}
	if err := h.fleet.router.attach(h, cmd.Process.Pid); err != nil {
		return err
	}
	if _, err := tellLinked.WriteString("eth0 is there\n"); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = rooted.SetReadDeadline(time.Now()) })
	defer stop()
	if n, err := rooted.Read(make([]byte, 1)); n == 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("its disk could not be mounted: %w", err)
	}
	return h.awaitUp(ctx)
}

// bootCommand is PID 1 in the making; see boot.sh for its descriptors and environment.
func (h *Host) bootCommand(console, linked, tellRooted *os.File) (*exec.Cmd, error) {
	cmd := exec.Command("/bin/sh", h.fleet.path("boot.sh"))
	cmd.Env = []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"IMAGE=" + h.image.root, "DISK=" + h.disk, "NAME=" + h.Name, "INIT=" + string(h.Options.Init),
	}
	if h.Options.Init == Systemd {
		group, err := makeCgroup(h.cgroup())
		if err != nil {
			return nil, err
		}
		cmd.Env = append(cmd.Env, "CGROUP="+group)
	}
	cmd.Stdout, cmd.Stderr = console, console
	cmd.ExtraFiles = []*os.File{linked, tellRooted}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNET | syscall.CLONE_NEWCGROUP,
		Pdeathsig: syscall.SIGKILL,
		Setsid:    true,
	}
	return cmd, nil
}

// adopt records a started PID 1.
func (h *Host) adopt(cmd *exec.Cmd) error {
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	id, err := identify(cmd.Process.Pid)
	if err != nil {
		<-gone // it cannot be looked at because it is no more
		return err
	}
	h.process = &hostProcess{identity: id, gone: gone}
	return os.WriteFile(h.fleet.path(h.Name+".pid"), []byte(id.String()), 0o600)
}

// awaitUp returns when sshd listens and logins are open.
func (h *Host) awaitUp(ctx context.Context) error {
	run := fmt.Sprintf("/proc/%d/root/run/", h.process.identity.pid)
	for {
		// sshd writes its number when it listens. nologin stands for the time in which systemd lets root in only.
		if exists(run+"sshd.pid") && !exists(run+"nologin") {
			return nil
		}
		select {
		case <-h.process.gone:
			return errors.New("it went down while booting")
		case <-ctx.Done():
			return fmt.Errorf("waiting for its sshd: %w", context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// end kills the host, if it runs, and removes what belongs to a running host only.
func (h *Host) end() error {
	if h.process == nil {
		return nil
	}
	if err := h.process.identity.kill(); err != nil {
		return fmt.Errorf("stopping test host %s: %w", h.Name, err)
	}
	<-h.process.gone
	h.process = nil
	h.fleet.router.detach(h)
	_ = os.Remove(h.fleet.path(h.Name + ".pid"))
	if h.Options.Init == Systemd {
		return removeCgroup(h.cgroup())
	}
	return nil
}

func (h *Host) cgroup() string { return cgroupPrefix(h.fleet.id) + h.Name }

func (h *Host) consolePath() string { return h.fleet.path(h.Name + ".console") }

// consoleLog is what the host's boot printed.
func (h *Host) consoleLog() []byte {
	text, _ := os.ReadFile(filepath.Clean(h.consolePath()))
	return text
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
