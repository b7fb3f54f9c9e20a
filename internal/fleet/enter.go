package fleet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// outsideVariable carries, over the exec of Enter, the descriptor of the network namespace that was left.
const outsideVariable = "FLEET_OUTSIDE"

// outside is the network namespace that the process was started in, nil before Enter. Root filesystems are
// built from there, since packages cannot be fetched from within.
var outside *namespace

// ErrNotRoot says that this process may not make namespaces.
var ErrNotRoot = errors.New("test hosts need root: run `make test` as root; `make test-unit` needs nothing")

// Enter moves this process into a network and a mount namespace of its own, in which the hosts of [Start] will be
// reachable, by executing its program again with the same arguments: it returns only in the second run, and does
// nothing if called again. Call it first thing in main or TestMain, before anything is opened or started.
//
// In the mount namespace everything is where it was; what is mounted from then on is seen by this process and its
// children only.
func Enter() error {
	if outside != nil {
		return nil
	}
	if ns, ok := arrived(); ok {
		outside = ns
		return nil
	}
	if os.Geteuid() != 0 {
		return ErrNotRoot
	}
	// Namespaces belong to threads, and exec keeps those of the thread that calls it.
	runtime.LockOSThread()
	return fmt.Errorf("entering a network namespace: %w", leave())
}

// arrived reports whether this process is the second run, and gives the namespace that the first one left.
func arrived() (*namespace, bool) {
	fd, err := strconv.Atoi(os.Getenv(outsideVariable))
	if err != nil {
		return nil, false
	}
	// A program that this process starts inherits the variable, but not the descriptor: it is outside of nothing.
	_ = os.Unsetenv(outsideVariable)
	if link, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err != nil || !strings.HasPrefix(link, "net:[") {
		return nil, false
	}
	unix.CloseOnExec(fd)
	return &namespace{file: os.NewFile(uintptr(fd), "network namespace")}, true
}

// leave does what Enter says; it returns only if it fails.
func leave() error {
	// Asked for before the mounts change: in a changed root (chroot) the answer would be a path outside of it.
	program, err := os.Executable()
	if err != nil {
		return err
	}
	fd, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := os.MkdirAll(ownFolder, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("fleet", ownFolder, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mounting memory on %s: %w", ownFolder, err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w: %s", err, out)
	}
	env := append(os.Environ(), fmt.Sprintf("%s=%d", outsideVariable, fd))
	return unix.Exec(program, os.Args, env)
}
