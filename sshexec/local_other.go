//go:build !unix

package sshexec

import (
	"os"
	"os/exec"
)

func apart(*exec.Cmd) {}

func stopAll(p *os.Process) { _ = p.Kill() }

func killedBy(exit *exec.ExitError) string { return exit.String() }
