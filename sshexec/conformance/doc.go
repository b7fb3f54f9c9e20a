// Package conformance proves sshexec on real hosts: every way to become root, old and new
// versions of sshd, sudo and dash, bastions, and links that break.
package conformance
