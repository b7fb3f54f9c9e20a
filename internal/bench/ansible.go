package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// errNoAnsible says that there is nothing to compare with.
var errNoAnsible = errors.New("ansible-playbook is not installed (Debian package ansible-core): its rows are left out")

// ansible is a side that runs a playbook on all hosts, with pipelining.
func (l *lab) ansible(ctx context.Context, text string, forks int) (side, error) {
	program, err := exec.LookPath("ansible-playbook")
	if err != nil {
		return nil, errNoAnsible
	}
	if err := l.givePython(ctx); err != nil {
		return nil, err
	}
	l.made++
	folder := filepath.Join(l.folder, fmt.Sprintf("ansible%d", l.made))
	var inventory strings.Builder
	for _, h := range l.fleet.Hosts() {
		fmt.Fprintf(&inventory, "%s-slow\n", h.Name)
	}
	files := map[string]string{
		"inventory": inventory.String(),
		"play.yml":  text,
		"ansible.cfg": fmt.Sprintf("[defaults]\ninventory = inventory\nforks = %d\nremote_user = root\n"+
			"interpreter_python = /usr/bin/python3\n[ssh_connection]\npipelining = True\nssh_args = -F %s -o ControlMaster=auto -o ControlPersist=60s\n",
			forks, l.fleet.SSHConfig),
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) (time.Duration, error) {
		cmd := exec.CommandContext(ctx, program, "play.yml")
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "HOME="+folder, "LC_ALL=C.UTF-8")
		began := time.Now()
		out, err := cmd.CombinedOutput()
		took := time.Since(began)
		if err != nil {
			return 0, fmt.Errorf("ansible-playbook: %w\n%s", err, out)
		}
		return took, nil
	}, nil
}

// givePython copies this machine's Python to all hosts: Ansible's modules run there, and a firewall has no need of it.
// Machine and hosts are of one Debian release.
func (l *lab) givePython(ctx context.Context) error {
	const archive = `dpkg-query -W -f '${Package}\n' 'python3*-minimal' 'libpython3*-minimal' 'libpython3*-stdlib' libexpat1 libffi8 2>/dev/null |
		xargs dpkg-query -L | sort -u | while read -r path; do [ -d "$path" ] || echo "$path"; done | tar -C / -c --no-recursion -T - 2>/dev/null`
	text, err := exec.CommandContext(ctx, "sh", "-c", archive).Output()
	if err != nil {
		return fmt.Errorf("packing Python for the hosts: %w", err)
	}
	for _, h := range l.fleet.Hosts() {
		cmd, err := h.ConsoleCommand(ctx, "tar", "-C", "/", "-x")
		if err != nil {
			return err
		}
		cmd.Stdin = bytes.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("copying Python to %s: %w: %s", h.Name, err, out)
		}
	}
	return nil
}
