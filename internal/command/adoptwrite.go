package command

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
)

// mayWrite refuses, before any host is asked, to write over files.
func (a *adoption) mayWrite() error {
	if a.out == "" || a.force {
		return nil
	}
	var there []string
	for _, name := range adopt.FileNames() {
		if _, err := os.Lstat(filepath.Join(a.out, name)); err == nil {
			there = append(there, name)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("%s has %s already; --force replaces them", a.out, strings.Join(there, ", "))
	}
	return nil
}

// write writes the files into the folder, or prints them one after the other.
func (a *adoption) write(files []adopt.File) error {
	if a.out == "" {
		for i, f := range files {
			if i > 0 {
				fmt.Fprintln(a.stdout)
			}
			if _, err := fmt.Fprintf(a.stdout, "# %s\n\n%s", f.Name, f.Text); err != nil {
				return err
			}
		}
		return nil
	}
	if err := os.MkdirAll(a.out, 0o777); err != nil {
		return err
	}
	if a.force {
		for _, name := range adopt.FileNames() {
			if err := os.Remove(filepath.Join(a.out, name)); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return writeFiles(a.out, files)
}

// writeFiles writes new files; one that is there is an error.
func writeFiles(folder string, files []adopt.File) error {
	for _, f := range files {
		file, err := os.OpenFile(filepath.Join(folder, f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(0o666))
		if err != nil {
			return err
		}
		_, err = file.Write(f.Text)
		if closing := file.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return err
		}
	}
	return nil
}
