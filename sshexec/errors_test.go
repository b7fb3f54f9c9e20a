package sshexec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// Each message says what was being done and where, what happened, and what to do.
func TestMessages(t *testing.T) {
	key := KnownKey{Algorithm: "ssh-ed25519", Fingerprint: "SHA256:known", Where: "/root/.ssh/known_hosts:3"}
	hostKey := func(kind HostKeyKind) error {
		return &HostKeyError{
			Host: "web1", Address: "203.0.113.7:22", User: "root", Kind: kind, Algorithm: "ssh-ed25519", Fingerprint: "SHA256:offered",
			Known: []KnownKey{key}, Files: []string{"/root/.ssh/known_hosts"}, Err: errors.New("ssh: cert has expired"),
		}
	}
	dial := func(kind DialKind, err error, change func(*DialError)) error {
		e := &DialError{Host: "web1", Address: "203.0.113.7:22", User: "root", Kind: kind, Stage: stageTCP, Attempts: 1, Err: err}
		if change != nil {
			change(e)
		}
		return e
	}
	privilege := func(reason PrivilegeReason) error {
		return &PrivilegeError{Host: "web1", User: "deploy", Tool: "sudo", Reason: reason, Said: "sudo: a word"}
	}
	messages := map[string]error{
		"config":               &ConfigError{Host: "web1", Field: "private_key", Err: errors.New("the key is encrypted")},
		"dial-unresolved":      dial(Unresolved, errors.New("lookup web1: no such host"), nil),
		"dial-refused":         dial(Refused, syscall.ECONNREFUSED, nil),
		"dial-unreachable":     dial(Unreachable, syscall.EHOSTUNREACH, func(e *DialError) { e.Via = "b1" }),
		"dial-timeout":         dial(TimedOut, errTimeout(&Config{Timeout: 30 * time.Second}), nil),
		"dial-throttled":       dial(Throttled, errors.New("EOF"), func(e *DialError) { e.Attempts, e.Said = 5, "Exceeded MaxStartups" }),
		"dial-not-ssh":         dial(NotSSH, errors.New("overflow"), func(e *DialError) { e.Said = "HTTP/1.1 400 Bad Request" }),
		"dial-canceled":        dial(Canceled, context.Canceled, nil),
		"hostkey-unknown":      hostKey(KeyUnknown),
		"hostkey-changed":      hostKey(KeyChanged),
		"hostkey-revoked":      hostKey(KeyRevoked),
		"hostkey-certificate":  hostKey(KeyCertificate),
		"auth":                 &AuthError{Host: "web1", Address: "203.0.113.7:22", User: "root", Tried: []string{"publickey ssh-ed25519 SHA256:mine (private_key)", "password"}, Wants: []string{"publickey", "password"}, Notes: []string{"the agent did not sign"}, Banner: "Keep out"},
		"auth-nothing":         &AuthError{Host: "web1", Address: "203.0.113.7:22", User: "root", Wants: []string{"publickey"}, Notes: []string{"set private_key, agent or password"}},
		"privilege-no-tool":    &PrivilegeError{Host: "web1", User: "deploy", Tool: "sudo, doas", Reason: PrivilegeNoTool},
		"privilege-password":   privilege(PrivilegePassword),
		"privilege-wrong":      privilege(PrivilegeWrong),
		"privilege-not-listed": privilege(PrivilegeNotListed),
		"privilege-terminal":   privilege(PrivilegeTerminal),
		"privilege-forgets":    privilege(PrivilegeForgets),
		"privilege-other":      privilege(PrivilegeRefused),
		"start":                &StartError{Host: "web1", User: "root", Exit: 142, Said: `Please login as the user "admin" rather than the user "root".`},
		"start-not-executed":   &StartError{Host: "web1", User: "root", Exit: notExecuted},
		"session":              &SessionError{Host: "web1", Attempts: 8, Err: errors.New("ssh: rejected: connect failed (open failed)")},
		"input":                &InputError{Host: "web1", Field: "Input", Err: errors.New("it contains a NUL byte")},
		"not-sent":             &NotSentError{Host: "web1", Err: &lostError{errors.New("EOF")}},
		"output":               &OutputError{Host: "web1", Stream: "stdout", Limit: MaxStdout},
		"output-endless":       &OutputError{Host: "web1", Stream: "stdout", Limit: MaxStdout, Err: fmt.Errorf("%w; %w", errEndless, ErrOutcomeUnknown)},
		"unknown":              outcomeUnknown("web1", &lostError{errors.New("the host gave no sign of life for 45s")}),
	}
	archive, err := txtar.ParseFile("testdata/messages.txtar")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	want := map[string]string{}
	if archive != nil {
		for _, f := range archive.Files {
			want[f.Name] = strings.TrimSpace(string(f.Data))
		}
	}
	for name, err := range messages {
		if got := err.Error(); got != want[name] {
			t.Errorf("-- %s --\n%s", name, got)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("no error is called %s", name)
	}
}
