package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A background is a script on the host that goes on beside the commit, as long as the file looping is there.
type background struct {
	output *bufio.Reader
	stderr bytes.Buffer
	ended  chan error
	told   chan string // its last line
}

// inBackground starts a script on the host, and returns when it has said so much. It is over when the fault is.
func (r *run) inBackground(ctx context.Context, script, until string) error {
	cmd, err := r.host.ConsoleCommand(context.WithoutCancel(ctx), "sh", "-c", script)
	if err != nil {
		return err
	}
	b := &background{ended: make(chan error, 1), told: make(chan string, 1)}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = &b.stderr
	b.output = bufio.NewReader(stdout)
	if err := cmd.Start(); err != nil {
		return err
	}
	if until != "" {
		if line, err := b.output.ReadString('\n'); strings.TrimSpace(line) != until {
			return fmt.Errorf("the host says %q: %w", line, err)
		}
	}
	go func() {
		rest, _ := io.ReadAll(b.output)
		b.told <- strings.TrimSpace(string(rest))
		b.ended <- cmd.Wait()
	}()
	r.loop = b
	r.afterwards(func(context.Context) error {
		if path, err := r.path("looping"); err == nil {
			if err := os.Remove(filepath.Clean(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		select {
		case err := <-b.ended:
			if err != nil {
				return fmt.Errorf("what went on beside the commit: %w: %s", err, b.stderr.Bytes())
			}
			return nil
		case <-time.After(time.Minute):
			return errors.New("what went on beside the commit does not end")
		}
	})
	return nil
}
