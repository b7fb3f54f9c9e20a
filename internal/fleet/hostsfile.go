package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// hostsFile is /etc/hosts as this process and its children see it: what the machine has there, then the hosts of all
// fleets of this process. A name that is in two fleets means the one of either.
//
// Programs of one fleet read it while another starts or ends. So it is never cut and never written anew: lines are
// added at its end, and those that are over become comments by their first byte.
var hostsFile struct {
	sync.Mutex
	file  *os.File
	size  int64
	lines map[*Fleet]map[string]int64 // where each line begins
}

// publish makes the names of the fleet's hosts resolve, and those of hosts that it no longer has not.
func (f *Fleet) publish() error {
	hostsFile.Lock()
	defer hostsFile.Unlock()
	if hostsFile.file == nil {
		if err := coverHosts(); err != nil {
			return fmt.Errorf("making names of hosts resolve: %w", err)
		}
	}
	old, present := hostsFile.lines[f], map[string]int64{}
	var added []byte
	for _, h := range f.Hosts() {
		fast, slow := h.preferred()
		for _, line := range []string{fast + " " + h.Name + "\n", slow + " " + h.Name + slowSuffix + "\n"} {
			at, ok := old[line]
			if !ok {
				at = hostsFile.size + int64(len(added))
				added = append(added, line...)
			}
			present[line] = at
		}
	}
	for line, at := range old {
		if _, ok := present[line]; ok {
			continue
		}
		if _, err := hostsFile.file.WriteAt([]byte("#"), at); err != nil {
			return err
		}
	}
	if _, err := hostsFile.file.WriteAt(added, hostsFile.size); err != nil {
		return err
	}
	hostsFile.size += int64(len(added))
	if hostsFile.lines[f] = present; len(present) == 0 {
		delete(hostsFile.lines, f)
	}
	return nil
}

// coverHosts lays a file of our own over /etc/hosts, in the mount namespace of this process.
func coverHosts() error {
	machine, err := os.ReadFile("/etc/hosts")
	if err != nil {
		return err
	}
	text := fmt.Appendf(nil, "%s\n", machine)
	cover := filepath.Join(ownFolder, "hosts")
	if err := os.WriteFile(cover, text, 0o644); err != nil {
		return err
	}
	file, err := os.OpenFile(cover, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := unix.Mount(cover, "/etc/hosts", "", unix.MS_BIND, ""); err != nil {
		_ = file.Close()
		return err
	}
	hostsFile.file, hostsFile.size, hostsFile.lines = file, int64(len(text)), map[*Fleet]map[string]int64{}
	return nil
}
