package sshexec

import (
	"errors"
	"fmt"
	"strings"
)

// ErrOutcomeUnknown is in every error after which the script may have run, in whole or in
// part: it was sent to its last byte and then the connection, the script or the caller's
// context ended before its exit status came. With an error that is neither this one nor an
// [*OutputError], nothing of the script has run.
var ErrOutcomeUnknown = errors.New("whether the script ran is unknown")

func outcomeUnknown(host string, cause error) error {
	return fmt.Errorf("running a script on host %s: %w; %w", host, cause, ErrOutcomeUnknown)
}

// A PrivilegeReason says why a user could not become root.
type PrivilegeReason uint8

// The reasons of a [PrivilegeError].
const (
	PrivilegeRefused   PrivilegeReason = iota // for a reason that only Said tells
	PrivilegeNoTool                           // neither sudo nor doas (or not the one asked for) is there
	PrivilegePassword                         // a password is needed and there is none
	PrivilegeWrong                            // the password is wrong
	PrivilegeNotListed                        // the user is not in the sudoers file, or may not run /bin/sh
	PrivilegeTerminal                         // sudo wants a terminal (requiretty)
	PrivilegeForgets                          // sudo takes the password but forgets it at once (timestamp_timeout=0)
)

// A PrivilegeError is a user who could log in and not become root. Nothing of the script has
// run.
type PrivilegeError struct {
	Host   string
	User   string
	Tool   string // "sudo", "doas", or "sudo, doas"
	Reason PrivilegeReason
	Said   string // what the tools said, made printable
}

func (e *PrivilegeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "becoming root on host %s as %s: ", e.Host, e.User)
	allow := fmt.Sprintf("allow it in sudoers: \"%s ALL=(root) NOPASSWD: /bin/sh\"", e.User)
	if e.Tool == "doas" {
		allow = fmt.Sprintf("allow it in doas.conf: \"permit nopass %s\"", e.User)
	}
	switch e.Reason {
	case PrivilegeNoTool:
		fmt.Fprintf(&b, "%s is not there; log in as root, or install sudo", strings.ReplaceAll(e.Tool, ", ", " or "))
	case PrivilegePassword:
		if e.Tool == "sudo" {
			allow = "set sudo_password, or " + allow
		}
		fmt.Fprintf(&b, "%s wants a password; %s", e.Tool, allow)
	case PrivilegeWrong:
		fmt.Fprintf(&b, "%s refuses sudo_password", e.Tool)
	case PrivilegeNotListed:
		fmt.Fprintf(&b, "%s does not allow it; %s", e.Tool, allow)
	case PrivilegeTerminal:
		b.WriteString("sudo wants a terminal; remove \"Defaults requiretty\" for this user")
	case PrivilegeForgets:
		fmt.Fprintf(&b, "sudo asks for the password again at once (timestamp_timeout=0?); %s", allow)
	default:
		fmt.Fprintf(&b, "%s refuses", e.Tool)
	}
	if e.Said != "" {
		fmt.Fprintf(&b, "; it said: %s", e.Said)
	}
	b.WriteString("; nothing was changed")
	return b.String()
}

// A StartError is a login after which the host did not run /bin/sh: a forced command, a
// login shell that is none, a host without /bin/sh. Nothing of the script has run.
type StartError struct {
	Host string
	User string
	Exit int
	Said string // what was printed instead, made printable
}

func (e *StartError) Error() string {
	if e.Exit == notExecuted {
		return fmt.Sprintf("running a script on host %s as %s: sshd refused to execute a command; "+
			"check ForceCommand and the user's authorized_keys; nothing was run", e.Host, e.User)
	}
	said := "it printed nothing"
	if e.Said != "" {
		said = "it said: " + e.Said
	}
	return fmt.Sprintf("running a script on host %s as %s: the login did not start /bin/sh (exit status %d); %s; "+
		"check the user, its login shell, and \"command=\" in its authorized_keys; nothing was run", e.Host, e.User, e.Exit, said)
}

// A NotSentError is a connection or a context that ended while the script was on its way.
// Nothing of the script has run.
type NotSentError struct {
	Host string
	Err  error
}

func (e *NotSentError) Error() string {
	return fmt.Sprintf("running a script on host %s: before the whole script was sent: %v; nothing was run", e.Host, e.Err)
}

func (e *NotSentError) Unwrap() error { return e.Err }

// A SessionError is a connection on which sshd opens no session, though asked several times.
// Nothing of the script has run.
type SessionError struct {
	Host     string
	Attempts int
	Err      error
}

func (e *SessionError) Error() string {
	return fmt.Sprintf("running a script on host %s: sshd refused the session %d times: %v; "+
		"check MaxSessions and ForceCommand in its sshd_config; nothing was run", e.Host, e.Attempts, e.Err)
}

func (e *SessionError) Unwrap() error { return e.Err }

// An InputError is a script that no shell could be given: a NUL byte in it, or a variable's
// name that is none. Nothing was sent.
type InputError struct {
	Host  string
	Field string // "Input", "Body" or the variable's name
	Err   error
}

func (e *InputError) Error() string {
	return fmt.Sprintf("running a script on host %s: %s: %v; nothing was sent", e.Host, e.Field, e.Err)
}

func (e *InputError) Unwrap() error { return e.Err }

// An OutputError is a script that printed more than a [Result] holds. It ran to its end
// unless the error is also [ErrOutcomeUnknown].
type OutputError struct {
	Host   string
	Stream string // "stdout" or "stderr"
	Limit  int    // in bytes
	Err    error  // ErrOutcomeUnknown, where the script was stopped because it did not end
}

func (e *OutputError) Error() string {
	end := "the rest was dropped"
	if e.Err != nil {
		end = fmt.Sprintf("it was stopped: %v", e.Err)
	}
	return fmt.Sprintf("running a script on host %s: it printed more than %d bytes to %s; %s", e.Host, e.Limit, e.Stream, end)
}

func (e *OutputError) Unwrap() error { return e.Err }
