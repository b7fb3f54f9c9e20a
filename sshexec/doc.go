// Package sshexec runs a shell script on a host, whole or not at all.
//
// The host is reached over SSH ([New]) or is this machine ([Local]); both are a [Runner].
//
//	config.go, secret.go                   what is needed to reach a host
//	client.go, connection.go, keepalive.go one connection, opened on first use
//	dial.go, throttle.go                   how it comes about
//	limit.go, room.go, pace.go             how many there are at once, and to one address
//	auth.go, keys.go, agent.go             who we are
//	hostkey.go, knownhosts.go              who they are
//	resolve.go, sshconfig.go, bastion.go   the way there
//	script.go, frame.go, quote.go          a script, and what the host's shell is fed
//	privilege.go, become.sh                how it becomes root
//	session.go, ahead.go, local.go         a shell on the host, or on this machine
//	execute.go, shell.go, output.go        one script fed to it, and what came of it
//	errors.go, errors_run.go               what went wrong, for code and for people
//
// It promises:
//
//   - A script whose transfer is cut anywhere runs nothing.
//   - A script that may have run is never sent again: the error is [ErrOutcomeUnknown].
//   - Refused credentials and refused host keys are not tried again: sshd and fail2ban lock
//     out addresses that do.
//   - Every call ends soon after its context does, at whatever stage it is.
//   - Memory is bounded whatever the host prints.
//   - No secret stands in an error, in a log, in an argument list or in the environment.
//
// It refuses to guess: a host key that is not known, a banner in place of an answer, a tool
// that would give root only to a person at a terminal each have an error of their own.
package sshexec
