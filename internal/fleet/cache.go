package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// cachePath is where root filesystems and keys are kept from run to run.
func cachePath(parts ...string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{base, "terraform-provider-iptables"}, parts...)...), nil
}

// errLocked says that another process holds a lock.
var errLocked = errors.New("locked by another process")

// lock takes the lock at path: unix.LOCK_SH or unix.LOCK_EX, with unix.LOCK_NB to get errLocked instead of waiting.
// It is held until the file is closed or the process ends, in whatever way. Files that are locks may be removed by
// who holds them.
func lock(path string, how int) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(file, how); err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if sameFile(file, path) {
			return file, nil
		}
		// Its holder removed it before we got it: the lock is on a file that nobody else will find.
		_ = file.Close()
	}
}

func flock(file *os.File, how int) error {
	for {
		switch err := unix.Flock(int(file.Fd()), how); {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}

func sameFile(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// writeFileOnce makes a file with what content returns, unless it is there, and returns what is there then. Of
// several processes that write the same file one wins, and all read the winner's.
func writeFileOnce(path string, mode fs.FileMode, content func() ([]byte, error)) ([]byte, error) {
	if old, err := os.ReadFile(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return old, err
	}
	data, err := content()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(data)
	if err := errors.Join(err, file.Chmod(mode), file.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
