package fleet

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// SSHCounts is what a host's sshd has seen.
type SSHCounts struct {
	Connections int // TCP connections that reached sshd
	Logins      int // of which somebody logged in
	Sessions    int // programs and shells run; sftp and other subsystems count, too
}

// accepted is the line of a login. A key that is only asked about is "Accepted key", too.
var accepted = regexp.MustCompile(`^Accepted \S+ for `)

// SSHCounts counts from the start of the host, or from the last ResetSSHCounts. Reboots do not reset it.
func (h *Host) SSHCounts() (SSHCounts, error) {
	text, err := h.SSHLog()
	var c SSHCounts
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "Connection from "):
			c.Connections++
		case accepted.MatchString(line):
			c.Logins++
		case strings.HasPrefix(line, "Starting session: "):
			c.Sessions++
		}
	}
	return c, err
}

// ResetSSHCounts makes SSHCounts and SSHLog begin anew.
func (h *Host) ResetSSHCounts() error {
	info, err := os.Stat(h.sshLogPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	h.logMu.Lock()
	defer h.logMu.Unlock()
	h.logMark = info.Size()
	return nil
}

// SSHLog is what sshd wrote (at LogLevel VERBOSE) since the last ResetSSHCounts.
func (h *Host) SSHLog() (string, error) {
	h.logMu.Lock()
	defer h.logMu.Unlock()
	file, err := os.Open(h.sshLogPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := file.Seek(h.logMark, io.SeekStart); err != nil {
		return "", err
	}
	text, err := io.ReadAll(file)
	return string(text), err
}

// sshLogPath is the file as the host's disk holds it, so that it can be read while the host is off.
func (h *Host) sshLogPath() string { return filepath.Join(h.disk, "upper/var/log/sshd.log") }
