package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// cgroupRoot mounts the machine's second-version control group tree where only this process sees it. Where the
// machine has it differs, and on some it is not mounted at all.
var cgroupRoot = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(ownFolder, "cgroup")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	if err := unix.Mount("cgroup2", folder, "cgroup2", 0, ""); err != nil {
		return "", fmt.Errorf("mounting cgroup2: %w", err)
	}
	return folder, nil
})

// cgroupPrefix is how the names of all control groups of a fleet begin. The colon cannot be in an ID.
func cgroupPrefix(id string) string { return "fleet:" + id + ":" }

func makeCgroup(name string) (string, error) {
	root, err := cgroupRoot()
	if err != nil {
		return "", err
	}
	group := filepath.Join(root, name)
	if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return group, nil
}

// removeCgroup removes an empty control group and all below it, deepest first.
func removeCgroup(name string) error {
	root, err := cgroupRoot()
	if err != nil {
		return err
	}
	var groups []string
	err = filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	for i := len(groups) - 1; i >= 0 && err == nil; i-- {
		err = removeEmptied(groups[i])
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// removeEmptied removes a group whose processes have ended. The kernel lets go of a process a moment after it has
// told its parent (Linux 6.18), and until then calls the group busy.
func removeEmptied(group string) error {
	for giveUp := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		err := os.Remove(group)
		if !errors.Is(err, unix.EBUSY) || time.Now().After(giveUp) {
			return err
		}
	}
}

// removeCgroups removes those that a fleet left.
func removeCgroups(id string) error {
	root, err := cgroupRoot()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(root)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), cgroupPrefix(id)) {
			err = errors.Join(err, removeCgroup(entry.Name()))
		}
	}
	return err
}

// limits mounts the tree of the pids controller of the first version, where only this process sees it.
var limits = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(ownFolder, "pids")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	if err := unix.Mount("pids", folder, "cgroup", 0, "pids"); err != nil {
		return "", fmt.Errorf("mounting the pids controller: %w", err)
	}
	return folder, nil
})
