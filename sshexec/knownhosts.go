package sshexec

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// knownHostsFiles returns the files to look in, whether they exist or not.
func knownHostsFiles(files []string) []string {
	if len(files) == 0 {
		system := "/etc/ssh/ssh_known_hosts"
		if runtime.GOOS == "windows" {
			system = filepath.Join(os.Getenv("PROGRAMDATA"), "ssh", "ssh_known_hosts")
		}
		files = []string{"~/.ssh/known_hosts", system}
	}
	expanded := make([]string, len(files))
	for i, f := range files {
		expanded[i] = expandHome(f)
	}
	return expanded
}

// expandHome replaces a leading "~/" by the home directory.
func expandHome(path string) string {
	rest, found := strings.CutPrefix(path, "~/")
	if !found {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// loadKnownHosts reads those of the files that exist.
func loadKnownHosts(files []string) (*knownhosts.HostKeyDB, error) {
	var existing []string
	for _, f := range files {
		switch info, err := os.Stat(f); {
		case os.IsNotExist(err):
		case err != nil:
			return nil, err
		case !info.IsDir():
			existing = append(existing, f)
		default:
			return nil, fmt.Errorf("%s is a directory", f)
		}
	}
	return knownhosts.NewDB(existing...)
}

// record adds the key of a host that is not known to the first file. Several processes may
// meet the host at once: the file is locked, and read again under the lock.
func (c *hostCheck) record(key ssh.PublicKey) error {
	fail := func(err error) error {
		return &ConfigError{Host: c.hop.name, Field: "known_hosts_files", Err: fmt.Errorf("recording the new host key: %w", err)}
	}
	path := c.files[0]
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = file.Close() }() // gives the lock back; what was written, was written by one call
	if err := lock(file); err != nil {
		return fail(err)
	}
	db, err := knownhosts.NewDB(path)
	if err != nil {
		return fail(err)
	}
	if len(db.HostKeys(c.lookup)) > 0 {
		return c.translate(key, db.HostKeyCallback()(c.lookup, &net.TCPAddr{}, key))
	}
	line := knownhosts.Line([]string{c.lookup}, key) + "\n"
	if !endsLine(file) {
		line = "\n" + line
	}
	if _, err := file.WriteString(line); err != nil {
		return fail(err)
	}
	return nil
}

// endsLine says whether what is appended to the file begins a line.
func endsLine(file *os.File) bool {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return true
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, size-1)
	return err != nil || last[0] == '\n'
}
