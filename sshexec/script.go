package sshexec

import "context"

// A Script is a program for a POSIX shell and its input.
type Script struct {
	// Library is definitions of functions that Body calls, and nothing else: constant text of the caller's, never made from data.
	Library string
	// Body is the program: constant text, too. It runs inside a function, with LC_ALL=C, the usual sbin directories in
	// PATH, and SSH_CONNECTION as sshd set it, as root or as [Config].Privilege says.
	Body string
	// Vars are set as shell variables (not exported) before Body; any bytes but NUL.
	Vars map[string]string
	// Input is the standard input of Body: text without NUL. A line break is added at its end
	// where there is none.
	Input []byte
	// Next is the Library of the script that will probably come as soon as this one is done, "" where none will: a
	// [*Client] has the shell for it started meanwhile, on OpenSSH, and gives it the Library if it need not become root first.
	// One that nobody needs after all ends with the connection.
	Next string
	// Milestone is a line of standard output. Reached is called when Body has printed it: at most once, before Run returns, and
	// not where it did not come within [MaxStdout]. Nothing is read meanwhile, so it must return at once. Where it is nil, nobody
	// is told.
	Milestone string
	Reached   func()
}

// Limits of a [Result].
const (
	MaxStdout = 16 << 20
	MaxStderr = 64 << 10
)

// A Result is what a script left. What the login shell printed before the script began is
// not in it.
type Result struct {
	Stdout, Stderr []byte
	// Exit is the exit status of the script; a status other than 0 is not an error.
	Exit int
	// Truncated says that Stdout or Stderr is cut at its limit; Run then returns an
	// [*OutputError] too.
	Truncated bool
}

// A Runner runs scripts on one host: a [*Client], this machine, or a stand-in for tests.
type Runner interface {
	// Name is what messages call the host.
	Name() string
	// Remote says whether the host is reached through its own firewall, so that a change can
	// lock us out and [Runner.Login] proves that it did not.
	Remote() bool
	// Run runs a script once. The error is nil whenever the script ended by itself and its
	// output is complete, whatever its exit status.
	Run(ctx context.Context, script Script) (Result, error)
	// Login returns a Runner of the same host over a new connection and a new login.
	Login(ctx context.Context) (Runner, error)
	// Close ends the connection. A Runner can be used again after it.
	Close() error
}
