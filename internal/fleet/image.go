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

// What root filesystems are made with and of: a folder each, with a program "build".
//
//go:embed image alpine rhel
var recipes embed.FS

// recipeOf is the folder for a suite.
func recipeOf(suite Suite) string {
	switch suite {
	case Alpine, RHEL:
		return string(suite)
	}
	return "image"
}

// lowerOf is the suite that an image lies on, "" for one that stands alone.
func lowerOf(suite Suite) Suite {
	if suite == RHEL {
		return Bookworm
	}
	return ""
}

// An image is a root filesystem that hosts lie on top of. It is not removed while the lock is held.
type image struct {
	root  string // as overlayfs takes it: folders, the upper first, with colons between them
	lock  *os.File
	lower *image // nil if it stands alone
}

func (i *image) release() error {
	err := i.lock.Close()
	if i.lower != nil {
		err = errors.Join(err, i.lower.release())
	}
	return err
}

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
	below := lowerOf(suite)
	if below == "" {
		return openOne(ctx, suite)
	}
	lower, err := openImage(ctx, below)
	if err != nil {
		return nil, err
	}
	upper, err := openOne(ctx, suite)
	if err != nil {
		return nil, errors.Join(err, lower.release())
	}
	return &image{root: upper.root + ":" + lower.root, lock: upper.lock, lower: lower}, nil
}

func openOne(ctx context.Context, suite Suite) (*image, error) {
	version, err := recipeVersion(recipeOf(suite))
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
			return nil, fmt.Errorf("building the root filesystem %s: %w", suite, err)
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
	if err := unpackRecipe(recipeOf(suite), scratch); err != nil {
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
func recipeVersion(folder string) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(recipes, folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := recipes.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	return fmt.Sprintf("%x", sum.Sum(nil)[:4]), err
}

// unpackRecipe writes the recipe's files, all of them executable since an embedded file has no mode.
func unpackRecipe(recipe, folder string) error {
	entries, err := recipes.ReadDir(recipe)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		data, err := recipes.ReadFile(recipe + "/" + entry.Name())
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
