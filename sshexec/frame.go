package sshexec

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
)

// command is what every session executes. The login shells bash, dash, busybox ash, fish
// and tcsh all understand it; `sh -c '...'` is not understood by all of them.
const command = "exec env LC_ALL=C /bin/sh -s"

// A non-root login often has no sbin directory in its PATH (Debian, Alpine). bash keeps a here-document in a file
// in TMPDIR, wherever an account's environment lets that lead.
const preamble = "{\nLC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\nexport LC_ALL PATH\nunset TMPDIR\n"

// A frame is a script in the form in which it is fed to `/bin/sh -s`: one brace group, which
// a shell parses to its closing brace before it runs anything of it. Cut anywhere, it is a
// syntax error and nothing else.
type frame struct {
	// library is defined before text, by a shell that was not given it when it was started.
	library library
	text    []byte
	// last is how many bytes at the end of text a shell cannot do without: as long as they
	// were not sent, nothing can have run.
	last   int
	mark   mark
	passes milestone
}

// A mark begins the lines that a frame prints about itself, "MARK word", so that they can be
// told from what login shells and sudo print. It stands in no frame as it is printed: a host
// that only echoes what it is sent does not pass for one that ran it.
type mark string

func newMark() mark { return mark(rand.Text()) }

func (m mark) vars() map[string]string {
	return map[string]string{"mark1": string(m[:8]), "mark2": string(m[8:])}
}

// begins is printed to both outputs right before Body runs.
func (m mark) begins() []byte { return []byte(string(m) + " run\n") }

// ends is printed to both outputs right after Body ran; its exit status and a line break
// follow. With it, what was printed is known to be complete, however the connection ends and
// whatever a child that was left behind holds open.
func (m mark) ends() []byte { return []byte(string(m) + " end ") }

const processWord = "process "

// words returns what the lines in noise that begin with the mark tell of becoming root.
func (m mark) words(noise []byte) []string {
	return slices.DeleteFunc(m.lines(noise), func(line string) bool { return strings.HasPrefix(line, processWord) })
}

// process returns the ID of the process that runs Body, or "".
func (m mark) process(noise []byte) string {
	for _, line := range m.lines(noise) {
		if id, found := strings.CutPrefix(line, processWord); found && strings.Trim(id, "0123456789") == "" {
			return id
		}
	}
	return ""
}

func (m mark) lines(noise []byte) []string {
	var lines []string
	for line := range strings.Lines(string(noise)) {
		if _, rest, found := strings.Cut(line, string(m)+" "); found {
			lines = append(lines, strings.TrimSpace(rest))
		}
	}
	return lines
}

// after returns what follows the last line with word in noise, or all of it.
func (m mark) after(noise []byte, word string) []byte {
	line := []byte(string(m) + " " + word + "\n")
	if at := bytes.LastIndex(noise, line); at >= 0 {
		return noise[at+len(line):]
	}
	return noise
}

// check reports what in the script no shell could be given.
func (s Script) check(host string) error {
	nul := errors.New("it contains a NUL byte")
	switch {
	case strings.ContainsRune(s.Library, 0):
		return &InputError{Host: host, Field: "Library", Err: nul}
	case strings.ContainsRune(s.Body, 0):
		return &InputError{Host: host, Field: "Body", Err: nul}
	case bytes.IndexByte(s.Input, 0) >= 0:
		return &InputError{Host: host, Field: "Input", Err: nul}
	}
	for name, value := range s.Vars {
		switch {
		case !isName(name):
			return &InputError{Host: host, Field: name, Err: errors.New("a shell variable cannot have this name")}
		case strings.ContainsRune(value, 0):
			return &InputError{Host: host, Field: name, Err: nul}
		}
	}
	return nil
}

// guard is what a frame does before Body.
type guard string

const (
	// asWeAre runs Body as whoever the shell runs as.
	asWeAre guard = ""
	// onlyRoot runs Body as root or says "notroot".
	onlyRoot guard = `[ "$(id -u </dev/null)" = 0 ] || { printf '%s%s notroot\n' "$mark1" "$mark2"; exit 97; }` + "\n"
	// underTool takes back SSH_CONNECTION, which sudo and doas strip, from the arguments. doas, and sudo without
	// secure_path, keep the PATH of the login, and with it programs of that account (~/bin): those of the system
	// go first.
	underTool guard = "[ -n \"$1\" ] && SSH_CONNECTION=$1 && export SSH_CONNECTION\n" +
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH\n"
)

// A library is definitions of functions as they are fed to a shell, or nothing. Cut anywhere, it is a syntax error and
// nothing else, and whole it runs nothing either.
type library string

func newLibrary(text string) library {
	if text == "" {
		return ""
	}
	return library("{\n" + text + "\n}\n")
}

// newFrame frames script for a shell that runs it itself.
func newFrame(script Script, m mark, before guard) frame {
	return group(script, m, string(before), call{
		before: "printf '%s%s process %d\\n' \"$mark1\" \"$mark2\" \"$$\"\n" +
			"for fd in 1 2; do printf '%s%s run\\n' \"$mark1\" \"$mark2\" >&\"$fd\"; done\n",
		// In a shell of its own Body may exit.
		function: "(main)",
		after:    "status=$?\nfor fd in 1 2; do printf '%s%s end %d\\n' \"$mark1\" \"$mark2\" \"$status\" >&\"$fd\"; done\nexit \"$status\"\n",
	})
}

// A call is how a frame runs Body, which is the function main.
type call struct{ before, function, after string }

// group puts script in a brace group: before, Body as a function, and the call of the
// function with Input on its standard input.
func group(script Script, m mark, before string, c call) frame {
	delimiter := "EOF-" + rand.Text()
	for bytes.Contains(script.Input, []byte(delimiter)) {
		delimiter = "EOF-" + rand.Text()
	}
	var b bytes.Buffer
	b.WriteString(preamble)
	b.WriteString(assignments(m.vars()))
	b.WriteString(before)
	b.WriteString("main() {\n:\n") // a function without a command is a syntax error
	b.WriteString(assignments(script.Vars))
	b.WriteString(script.Body)
	b.WriteString("\n}\n")
	b.WriteString(c.before)
	b.WriteString(c.function + " <<'" + delimiter + "'\n")
	b.Write(script.Input)
	if len(script.Input) > 0 && script.Input[len(script.Input)-1] != '\n' {
		b.WriteByte('\n')
	}
	end := delimiter + "\n" + c.after + "}\n"
	b.WriteString(end)
	return frame{library: newLibrary(script.Library), text: b.Bytes(), last: len(end), mark: m}
}
