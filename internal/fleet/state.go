package fleet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// stateRoot holds, for every fleet of the machine, a folder ID with small files and a lock ID.lock that its process
// holds.
const stateRoot = "/run/iptables-fleet"

// ownFolder is memory that only this process and its children see, from Enter on, and that goes with the last of
// them: for disks, and for what has to be mounted somewhere.
const ownFolder = stateRoot + "/own"

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// A claim is the right to an ID: its lock and an empty folder.
type claim struct {
	id     string
	folder string
	lock   *os.File
}

func claimID(id string) (*claim, error) {
	if !validID.MatchString(id) {
		return nil, fmt.Errorf("fleet ID %q is not of letters, digits, dots, dashes and underscores", id)
	}
	path := filepath.Join(stateRoot, id+".lock")
	held, err := lock(path, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("a fleet with ID %s is running, see %s", id, filepath.Join(stateRoot, id))
	}
	if err != nil {
		return nil, err
	}
	c := &claim{id: id, folder: filepath.Join(stateRoot, id), lock: held}
	if err := c.clean(); err != nil {
		return nil, errors.Join(fmt.Errorf("cleaning up after an earlier fleet %s: %w", id, err), held.Close())
	}
	if err := os.Mkdir(c.folder, 0o755); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return c, nil
}

// clean removes everything of the fleet that outlived it. Hosts, and with them their links, mounts and memory, die
// with the process that started them; they are looked for all the same.
func (c *claim) clean() error {
	if !exists(c.folder) {
		return nil
	}
	var errs []error
	records, _ := filepath.Glob(filepath.Join(c.folder, "*.pid"))
	for _, record := range records {
		text, err := os.ReadFile(record)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		// A record that was cut off names a host that was never told that its network is there.
		if host, err := parseIdentity(string(text)); err == nil {
			errs = append(errs, host.kill())
		}
	}
	errs = append(errs, removeCgroups(c.id), os.RemoveAll(c.folder))
	return errors.Join(errs...)
}

// release gives the ID up, with all files.
func (c *claim) release() error {
	return errors.Join(os.RemoveAll(c.folder), os.Remove(c.lock.Name()), c.lock.Close())
}

// sweep cleans up after all fleets whose process is no more.
func sweep() error {
	locks, err := filepath.Glob(filepath.Join(stateRoot, "*.lock"))
	for _, path := range locks {
		held, lockErr := lock(path, unix.LOCK_EX|unix.LOCK_NB)
		if lockErr != nil {
			continue // it runs
		}
		id := strings.TrimSuffix(filepath.Base(path), ".lock")
		c := &claim{id: id, folder: filepath.Join(stateRoot, id), lock: held}
		if cleanErr := c.clean(); cleanErr != nil {
			err = errors.Join(err, fmt.Errorf("cleaning up after fleet %s: %w", id, cleanErr), held.Close())
			continue
		}
		err = errors.Join(err, c.release())
	}
	return err
}
