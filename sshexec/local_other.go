//go:build !unix

package sshexec

import "os/exec"

func apart(*exec.Cmd) {}

func killedBy(exit *exec.ExitError) string { return exit.String() }
