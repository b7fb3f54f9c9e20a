package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// A namespace is a network namespace that lives as long as the open file, and so no longer than this process.
type namespace struct {
	file *os.File
}

func newNamespace() (*namespace, error) {
	var file *os.File
	err := elsewhere(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		var err error
		file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("making a network namespace: %w", err)
	}
	return &namespace{file: file}, nil
}

// do calls f on a thread inside the namespace. Programs that f starts are inside, too; goroutines are not.
func (n *namespace) do(f func() error) error {
	return elsewhere(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("entering a network namespace: %w", err)
		}
		return f()
	})
}

// ip runs a batch of ip(8) commands, one a line, inside the namespace. Options come before the first command of
// the batch: "-6" for the commands whose addresses do not tell the family.
func (n *namespace) ip(batch string, options ...string) error {
	return n.do(func() error { return ip(batch, options...) })
}

// ip runs a batch of ip(8) commands, one a line, in the network namespace of the calling thread.
func ip(batch string, options ...string) error {
	cmd := exec.Command("ip", append(options, "-batch", "-")...)
	cmd.Stdin = strings.NewReader(batch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s(commands:\n%s)", strings.Join(cmd.Args[1:], " "), err, out, batch)
	}
	return nil
}

func (n *namespace) close() error { return n.file.Close() }
