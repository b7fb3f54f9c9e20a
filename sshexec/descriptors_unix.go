//go:build unix

package sshexec

import (
	"errors"
	"syscall"
)

// maxDescriptors is how many files and connections this process may have open; 0 where nobody says.
func maxDescriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // FreeBSD's is signed
}

// outOfDescriptors reports whether err says that there are no more, for this process or for the machine.
func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
