package acceptance

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// A session is one that an administrator has open while the firewall changes.
type session struct {
	to    io.Writer
	lines chan string
}

func (s *stage) openSession() *session {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "ssh", "-F", s.SSHConfig, s.host.Name, "cat")
	to, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	from, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = to.Close(); _ = cmd.Wait() })
	open := &session{to: to, lines: make(chan string)}
	go func() {
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			open.lines <- scanner.Text()
		}
	}()
	if err := open.answers(); err != nil {
		s.t.Fatal(err)
	}
	return open
}

// answers is an error if what is typed does not come back.
func (s *session) answers() error {
	const text = "are you there"
	if _, err := fmt.Fprintln(s.to, text); err != nil {
		return err
	}
	select {
	case got := <-s.lines:
		if got != text {
			return fmt.Errorf("the open session printed %q", got)
		}
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("the open session does not answer any more")
	}
}
