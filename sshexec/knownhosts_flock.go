//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sshexec

import (
	"os"
	"syscall"
)

// lock waits until no other process holds the file; closing the file ends it.
func lock(file *os.File) error {
	for {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return err
		}
	}
}
