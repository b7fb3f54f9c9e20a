package sshexec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shells are the programs that are /bin/sh somewhere. One that is not installed here is
// named in the log; with TF_ACC=1 it is an error.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, argv := range [][]string{{"dash"}, {"bash", "--posix"}, {"busybox", "sh"}} {
		path, err := exec.LookPath(argv[0])
		switch {
		case err == nil:
			found[argv[0]] = append([]string{path}, argv[1:]...)
		case os.Getenv("TF_ACC") != "":
			t.Errorf("%s is not installed", argv[0])
		default:
			t.Logf("not tested under %s: %v", argv[0], err)
		}
	}
	return found
}

func runShell(t *testing.T, argv []string, input []byte, env ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(argv[0], append(argv[1:], "-s")...)
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errOut
	cmd.Env = append(os.Environ(), env...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// output returns what a script printed, and its exit status.
func output(t *testing.T, f frame, stdout string) (string, int) {
	t.Helper()
	c := newCapture("stdout", MaxStdout, f.mark, func() {})
	_, _ = c.Write([]byte(stdout))
	status, ended := c.ended()
	if !ended {
		t.Fatalf("no end in %q", stdout)
	}
	data, _ := c.content()
	return string(data), status
}

// everyByte is all bytes but NUL, in two orders, so that each stands beside others.
func everyByte() string {
	var b strings.Builder
	for i := 1; i < 256; i++ {
		b.WriteByte(byte(i))
	}
	for i := 255; i > 0; i-- {
		b.WriteByte(byte(i))
		b.WriteByte('\'')
	}
	return b.String()
}

func TestFrameKeepsEveryByte(t *testing.T) {
	script := Script{
		Body:  `printf %s "$value"; printf '\n--\n'; cat`,
		Vars:  map[string]string{"value": everyByte()},
		Input: []byte(everyByte()),
	}
	want := everyByte() + "\n--\n" + everyByte() + "\n"
	for name, argv := range shells(t) {
		t.Run(name, func(t *testing.T) {
			f := newFrame(script, newMark(), asWeAre)
			out, _, status := runShell(t, argv, f.text, "LC_ALL=C")
			if got, _ := output(t, f, out); got != want || status != 0 {
				t.Errorf("status %d, got %q\nwant %q", status, got, want)
			}
		})
	}
}

// A script that is cut in transfer runs nothing, wherever it is cut.
func TestFrameCutAnywhereRunsNothing(t *testing.T) {
	bin := t.TempDir()
	fakeTool(t, bin, "id", "echo 1000")
	fakeTool(t, bin, "sudo", `shift; exec "$@"`)
	fakeTool(t, bin, "tw", `echo 1 >"$RAN"`) // the beginning of a name in the library
	path := "PATH=" + bin + ":" + os.Getenv("PATH")
	ran := filepath.Join(t.TempDir(), "ran")
	script := Script{
		Library: "note() {\n\techo \"}$1\"\n}\ntwice() { note \"$1\"; note '}'; }",
		Body:    fmt.Sprintf("echo 1 >%s\nif read -r line; then\n\tnote \"$line\"\nfi", quote(ran)),
		Vars:    map[string]string{"value": "a'b\n}\n"},
		Input:   []byte("}\n} ; }\nlast\n"),
	}
	frames := map[string]frame{
		"direct": newFrame(script, "MARKmarkMARK", asWeAre),
		"sudo":   elevation{user: "someone"}.frame(script, waySudo),
	}
	for shell, argv := range shells(t) {
		for kind, f := range frames {
			t.Run(shell+"/"+kind, func(t *testing.T) {
				t.Parallel()
				ran := ran + shell + kind
				text := bytes.ReplaceAll(append([]byte(f.library), f.text...), []byte(quote(filepath.Dir(ran)+"/ran")), []byte(quote(ran)))
				whole := len(text) - len("\n") // the last line break is nothing that a shell needs
				for cut := range whole {
					out, _, _ := runShell(t, argv, text[:cut], path, "RAN="+ran)
					if _, err := os.Stat(ran); err == nil || strings.Contains(out, string(f.mark)) {
						t.Fatalf("cut after %d of %d bytes, it ran: %q", cut, len(text), out)
					}
				}
				out, stderr, _ := runShell(t, argv, text, path)
				if got, status := output(t, f, out); status != 0 || got != "}}\n" {
					t.Fatalf("the whole frame: status %d, output %q, %q", status, out, stderr)
				}
				if _, err := os.Stat(ran); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// Nothing that is fed before last can run.
func TestFrameLastIsNeeded(t *testing.T) {
	f := newFrame(Script{Body: "echo ran"}, newMark(), asWeAre)
	for name, argv := range shells(t) {
		if out, _, _ := runShell(t, argv, f.text[:len(f.text)-f.last]); out != "" {
			t.Errorf("%s printed %q", name, out)
		}
	}
}

// What only echoes a frame does not look like a shell that ran it.
func TestFrameDoesNotHoldItsMark(t *testing.T) {
	for _, known := range []way{wayUnknown, waySudo} {
		f := elevation{user: "someone", password: NewSecret("x")}.frame(Script{Body: "true"}, known)
		if bytes.Contains(f.text, []byte(f.mark)) {
			t.Errorf("the mark %s stands in the frame", f.mark)
		}
	}
}

func TestScriptCheck(t *testing.T) {
	for field, script := range map[string]Script{
		"Body":    {Body: "echo \x00"},
		"Library": {Library: "f() { echo \x00; }"},
		"Input":   {Input: []byte("a\x00b")},
		"v":       {Vars: map[string]string{"v": "\x00"}},
		"":        {Vars: map[string]string{"": "x"}},
		"a b":     {Vars: map[string]string{"a b": "x"}},
		"1a":      {Vars: map[string]string{"1a": "x"}},
		"a=b;c":   {Vars: map[string]string{"a=b;c": "x"}},
	} {
		var input *InputError
		if err := script.check("web1"); !errors.As(err, &input) || input.Field != field {
			t.Errorf("%q: %v", field, err)
		}
	}
	if err := (Script{Vars: map[string]string{"_a1B": "\n"}, Input: []byte("\xff\r\n")}).check("web1"); err != nil {
		t.Error(err)
	}
}

// fakeTool puts a shell script in a directory for PATH.
func fakeTool(t *testing.T, dir, name, body string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
