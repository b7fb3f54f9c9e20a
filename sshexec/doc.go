// Package sshexec runs a shell script on a host, whole or not at all.
//
// The host is reached over SSH ([New]) or is this machine ([Local]); both are a [Runner].
//
//	config.go, secret.go                        what is needed to reach a host
//	client.go, dial.go, throttle.go, limit.go   one connection, opened on first use
//	auth.go, keys.go, agent.go                  who we are
//	hostkey.go, knownhosts.go                   who they are
//	bastion.go, sshconfig.go                    the way there
//	session.go, output.go, keepalive.go         one script on the connection
//	frame.go, quote.go, privilege.go            the script as the host's shell gets it
//	errors*.go                                  what went wrong, for code and for people
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
