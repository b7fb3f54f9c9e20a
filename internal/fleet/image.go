package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// recipe is what root filesystems are made with and of.
//
//go:embed image
var recipe embed.FS

// An image is a root filesystem that hosts lie on top of. It is not removed while the lock is held.
type image struct {
	root string
	lock *os.File
}

func (i *image) release() error { return i.lock.Close() }

// Build makes the root filesystem of a Debian suite unless the cache holds it, and returns its folder. It needs
// mmdebstrap and Debian's packages, and takes about half a minute. [Start] does it by itself; doing it beforehand
// keeps it out of a test's time.
func Build(ctx context.Context, suite Suite) (string, error) {
	img, err := openImage(ctx, suite)
	if err != nil {
		return "", err
	}
	return img.root, img.release()
}

// openImage finds or builds the image of a suite. Its folder is named after the suite and the recipe's hash, so a
// changed recipe makes a new one.
func openImage(ctx context.Context, suite Suite) (*image, error) {
	version, err := recipeVersion()
	if err != nil {
		return nil, err
	}
	folder, err := cachePath("rootfs", string(suite)+"-"+version)
	if err != nil {
		return nil, err
	}
	for {
		shared, err := lock(folder+".lock", unix.LOCK_SH)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(folder); err == nil {
			return &image{root: folder, lock: shared}, nil
		}
		if err := shared.Close(); err != nil {
			return nil, err
		}
		if err := buildImage(ctx, suite, folder); err != nil {
			return nil, fmt.Errorf("building the root filesystem of Debian %s: %w", suite, err)
		}
	}
}

func buildImage(ctx context.Context, suite Suite, folder string) error {
	exclusive, err := lock(folder+".lock", unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer exclusive.Close()
	if _, err := os.Stat(folder); err == nil {
		return nil // another process was faster
	}
	removeOldImages(suite, folder)

	scratch, err := os.MkdirTemp("", "fleet-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := unpackRecipe(scratch); err != nil {
		return err
	}
	unfinished := folder + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	build := func() error {
		cmd := exec.CommandContext(ctx, filepath.Join(scratch, "build"), string(suite), unfinished)
		if mirror := aptMirror(ctx); mirror != "" {
			cmd.Args = append(cmd.Args, mirror)
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w:\n%s", err, out)
		}
		return nil
	}
	// Within the fleet's network there is nothing to fetch packages from.
	if outside != nil {
		err = outside.do(build)
	} else {
		err = build()
	}
	if err != nil {
		return err
	}
	return os.Rename(unfinished, folder)
}

// removeOldImages removes what earlier recipes made of the suite, where no process uses it.
func removeOldImages(suite Suite, keep string) {
	locks, _ := filepath.Glob(filepath.Join(filepath.Dir(keep), string(suite)+"-*.lock"))
	for _, path := range locks {
		folder := strings.TrimSuffix(path, ".lock")
		if folder == keep {
			continue
		}
		unused, err := lock(path, unix.LOCK_EX|unix.LOCK_NB)
		if err != nil {
			continue
		}
		if err := errors.Join(os.RemoveAll(folder), os.RemoveAll(folder+".new")); err == nil {
			_ = os.Remove(path)
		}
		_ = unused.Close()
	}
}

// recipeVersion is short: it tells recipes apart and proves nothing.
func recipeVersion() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(recipe, "image", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := recipe.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	return fmt.Sprintf("%x", sum.Sum(nil)[:4]), err
}

// unpackRecipe writes the recipe's files, all of them executable since an embedded file has no mode.
func unpackRecipe(folder string) error {
	entries, err := recipe.ReadDir("image")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		data, err := recipe.ReadFile("image/" + entry.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), data, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// aptMirror is the mirror of Debian that this machine uses itself, or "" if it does not say one: then
// mmdebstrap knows where Debian's packages are.
func aptMirror(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(REPO_URI)",
		"Created-By: Packages", "Origin: Debian", "Label: Debian").Output()
	if err != nil {
		return ""
	}
	first, _, _ := bytes.Cut(out, []byte("\n"))
	return string(first)
}
