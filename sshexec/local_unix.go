//go:build unix

package sshexec

import (
	"os/exec"
	"syscall"
)

// apart gives the shell a process group of its own: Ctrl-C at a terminal goes to all of
// Terraform's group, and a script half done is worse than one that ends a moment later.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killedBy(exit *exec.ExitError) string {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return exit.String()
}
