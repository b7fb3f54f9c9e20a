package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// makeDisk makes the host's disk: folders for an overlay on the image, with all in it that one host does not share
// with others.
func (h *Host) makeDisk() error {
	for _, folder := range []string{"upper", "work", "root"} {
		if err := os.MkdirAll(filepath.Join(h.disk, folder), 0o755); err != nil {
			return err
		}
	}
	write := func(path, content string, mode os.FileMode) error {
		path = filepath.Join(h.disk, "upper", path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(content), mode)
	}
	short, _, _ := strings.Cut(h.Name, ".")
	files := map[string]string{
		"etc/hostname":           short + "\n",
		"etc/hosts":              fmt.Sprintf("127.0.0.1 localhost\n127.0.1.1 %s %s\n::1 localhost\n", h.Name, short),
		"etc/fleet/network.conf": h.networkConfig(),
	}
	if h.Port != 22 {
		files["etc/ssh/sshd_config.d/port.conf"] = fmt.Sprintf("Port %d\n", h.Port)
	}
	for _, user := range keyUsers {
		files["etc/fleet/authorized_keys/"+user] = string(h.fleet.key.public)
	}
	for path, content := range files {
		if err := write(path, content, 0o644); err != nil {
			return err
		}
	}
	for _, kind := range hostKeyTypes {
		key, err := h.key(kind)
		if err != nil {
			return err
		}
		if err := write(fmt.Sprintf("etc/ssh/ssh_host_%s_key", kind), string(key.private), 0o600); err != nil {
			return err
		}
	}
	return h.selectBackend()
}

// key is one of the host's keys. They belong to the place in the fleet, so hosts of all fleets that are in the same
// place have the same ones.
func (h *Host) key(kind string) (keyPair, error) {
	return loadKey(fmt.Sprintf("host%d", h.number), kind)
}

func (h *Host) networkConfig() string {
	gateway4, gateway6 := h.fleet.router.plan.gateway()
	if h.Options.IPv6Only {
		gateway4 = ""
	}
	return fmt.Sprintf("ADDRESSES='%s'\nGATEWAY4=%s\nGATEWAY6=%s\n",
		strings.Join(h.addresses(), " "), gateway4, gateway6)
}

// selectBackend does what `update-alternatives --set iptables` does.
func (h *Host) selectBackend() error {
	folder := filepath.Join(h.disk, "upper/etc/alternatives")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, program := range []string{"iptables", "ip6tables"} {
		for _, verb := range []string{"", "-save", "-restore"} {
			target := fmt.Sprintf("/usr/sbin/%s-%s%s", program, h.Options.Backend, verb)
			if err := os.Symlink(target, filepath.Join(folder, program+verb)); err != nil {
				return err
			}
		}
	}
	return nil
}
