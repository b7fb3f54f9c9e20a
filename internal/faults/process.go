package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// A process is a running driver.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	words  chan string // what it says; closed at its end
	stderr bytes.Buffer
	ended  error // valid when words is closed
	state  string
}

// startDriver starts one. It is a process as Terraform starts its providers, so that what kills it kills nothing else.
func startDriver(o order) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Remove(o.State); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	p := &process{cmd: exec.Command(self), words: make(chan string, 2), state: o.State}
	p.cmd.Env = append(os.Environ(), driveVariable+"=yes")
	p.cmd.Stderr = &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a person's Ctrl-C is not for it
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.words)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.words <- lines.Text()
		}
		p.ended = p.cmd.Wait()
	}()
	return p, json.NewEncoder(p.stdin).Encode(o)
}

// proceed lets it go on after a word.
func (p *process) proceed() error {
	_, err := io.WriteString(p.stdin, "\"go\"\n")
	return err
}

// signal sends it a signal, unless it has ended.
func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// belief is what it has written down; nil where it was killed before.
func (p *process) belief() (*belief, error) {
	b, err := readBelief(p.state)
	if b != nil || err != nil {
		return b, err
	}
	var exit *exec.ExitError
	if errors.As(p.ended, &exit) && (!exit.Exited() || exit.ExitCode() == 130) {
		return nil, nil //nolint:nilnil // it was killed, or interrupted twice
	}
	return nil, fmt.Errorf("the driver ended (%s) without an answer: %s", p.cmd.ProcessState, p.stderr.Bytes())
}
