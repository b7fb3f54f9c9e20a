package main

import (
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
func (l *lab) ansible(text string, forks int) (side, error) {
	program, err := exec.LookPath("ansible-playbook")
	if err != nil {
		return nil, errNoAnsible
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
		cmd.Env = append(os.Environ(), "HOME="+folder)
		began := time.Now()
		out, err := cmd.CombinedOutput()
		took := time.Since(began)
		if err != nil {
			return 0, fmt.Errorf("ansible-playbook: %w\n%s", err, out)
		}
		return took, nil
	}, nil
}
