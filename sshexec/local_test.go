package sshexec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// onPath makes dir the first place where programs are looked for.
func onPath(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestLocalRun(t *testing.T) {
	for name, test := range map[string]struct {
		script Script
		want   Result
	}{
		"nothing":      {Script{}, Result{}},
		"a comment":    {Script{Body: "# a comment"}, Result{}},
		"output":       {Script{Body: "echo a; echo b >&2; printf c"}, Result{Stdout: []byte("a\nc"), Stderr: []byte("b\n")}},
		"exit":         {Script{Body: "echo a; exit 7; echo b"}, Result{Stdout: []byte("a\n"), Exit: 7}},
		"false":        {Script{Body: "false"}, Result{Exit: 1}},
		"input":        {Script{Body: "cat", Input: []byte("a\nb")}, Result{Stdout: []byte("a\nb\n")}},
		"no input":     {Script{Body: "cat"}, Result{}},
		"rest unread":  {Script{Body: "read -r x; echo $x", Input: []byte(strings.Repeat("line\n", 100000))}, Result{Stdout: []byte("line\n")}},
		"vars":         {Script{Body: `echo "$a$b"`, Vars: map[string]string{"a": "$(id)", "b": "'\n"}}, Result{Stdout: []byte("$(id)'\n\n")}},
		"locale":       {Script{Body: "echo $LC_ALL"}, Result{Stdout: []byte("C\n")}},
		"closes":       {Script{Body: "echo a; exec >&- 2>&-"}, Result{Stdout: []byte("a\n")}},
		"trap":         {Script{Body: "trap 'echo bye' EXIT; exit 3"}, Result{Stdout: []byte("bye\n"), Exit: 3}},
		"child stays":  {Script{Body: "sleep 60 & echo a"}, Result{Stdout: []byte("a\n")}},
		"set":          {Script{Body: "set -eu; false; echo no"}, Result{Exit: 1}},
		"bytes":        {Script{Body: `printf '\377\000\001'`}, Result{Stdout: []byte("\xff\x00\x01")}},
		"here in body": {Script{Body: "cat <<X\na\nX\ncat", Input: []byte("b\n")}, Result{Stdout: []byte("a\nb\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Local(None, Secret{}).Run(t.Context(), test.script)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLocalCancelStopsTheScript(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	script := Script{
		Body: `echo $$ >"$dir/pid"; trap 'echo >"$dir/stopped"; exit 9' TERM; while :; do sleep 1; done`,
		Vars: map[string]string{"dir": dir},
	}
	go func() { waitFor(t, filepath.Join(dir, "pid")); cancel() }()
	_, err := Local(None, Secret{}).Run(ctx, script)
	if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	waitFor(t, filepath.Join(dir, "stopped"))
}

// This machine is its own way in.
func TestLocalLogin(t *testing.T) {
	r := Local(None, Secret{})
	second, err := r.Login(t.Context())
	if err != nil || second != r || r.Remote() || r.Name() != "local" || r.Close() != nil {
		t.Errorf("%v, %v", second, err)
	}
}

func TestLocalCanceledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Local(None, Secret{}).Run(ctx, Script{Body: "echo"})
	var unsent *NotSentError
	if !errors.As(err, &unsent) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLocalOutputIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		stream string
		limit  int
		ended  bool
	}{
		"stdout":  {"head -c 17000000 /dev/zero; exit 5", "stdout", MaxStdout, true},
		"stderr":  {"head -c 70000 /dev/zero >&2; exit 5", "stderr", MaxStderr, true},
		"endless": {"while :; do head -c 1000000 /dev/zero; done", "stdout", MaxStdout, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Local(None, Secret{}).Run(t.Context(), Script{Body: test.body})
			var output *OutputError
			if !errors.As(err, &output) || output.Stream != test.stream || output.Limit != test.limit {
				t.Fatalf("error %v", err)
			}
			if !got.Truncated || len(got.Stdout) > MaxStdout || len(got.Stderr) > MaxStderr {
				t.Errorf("%v, %d and %d bytes", got.Truncated, len(got.Stdout), len(got.Stderr))
			}
			if errors.Is(err, ErrOutcomeUnknown) == test.ended || test.ended && got.Exit != 5 {
				t.Errorf("exit status %d, error %v", got.Exit, err)
			}
		})
	}
}

// The limit itself is not too much.
func TestLocalOutputAtTheLimit(t *testing.T) {
	got, err := Local(None, Secret{}).Run(t.Context(), Script{Body: "head -c 16777216 /dev/zero; head -c 65536 /dev/zero >&2"})
	if err != nil || got.Truncated || len(got.Stdout) != MaxStdout || len(got.Stderr) != MaxStderr {
		t.Errorf("%v, %v, %d and %d bytes", err, got.Truncated, len(got.Stdout), len(got.Stderr))
	}
}

func TestLocalShellKilled(t *testing.T) {
	_, err := Local(None, Secret{}).Run(t.Context(), Script{Body: "kill -9 $$; sleep 60"})
	if !errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(fmt.Sprint(err), "killed") {
		t.Error(err)
	}
}

// waitFor waits until a file is there.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s did not come", path)
}
