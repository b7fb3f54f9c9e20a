//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sshexec

import "os"

// lock does nothing: an append of one line is one write, and a key that two processes
// recorded at once stands there twice, which does no harm.
func lock(*os.File) error { return nil }
