package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A stage is where scenes are played.
type stage struct {
	fleet     *fleet.Fleet
	terraform string
	provider  string // the folder of the built provider
}

// hostsFor has a host for each scene, named as people name theirs.
func hostsFor(played []scene) []fleet.HostOptions {
	hosts := make([]fleet.HostOptions, len(played))
	for i := range played {
		hosts[i] = fleet.HostOptions{Name: hostOf(played[i])}
	}
	return hosts
}

func hostOf(s scene) string { return s.name + ".example.com" }

// play does a scene in an empty folder and returns what its last command printed, in colour.
func (st stage) play(ctx context.Context, s scene, folder string) (string, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	settings := filepath.Join(folder, "terraform.rc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"vpsfirewall/iptables\" = %q\n  }\n}\n", st.provider)
	if err := os.WriteFile(settings, []byte(overrides), 0o600); err != nil {
		return "", err
	}
	host := st.fleet.Host(hostOf(s))
	if s.host != "" {
		if _, err := host.Shell(ctx, s.host); err != nil {
			return "", err
		}
	}
	write := func(text string) error {
		text = strings.NewReplacer("HOST", host.Name, "CLIENT", st.fleet.Client, "KNOWN_HOSTS", st.fleet.KnownHosts,
			"KEY", st.fleet.Key, "ADDRESS", host.Address).Replace(st.configuration(s, text))
		return os.WriteFile(filepath.Join(folder, "main.tf"), []byte(text), 0o600)
	}
	if s.before != "" {
		if err := write(s.before); err != nil {
			return "", err
		}
		if out, err := st.run(ctx, folder, settings, "apply", "-auto-approve", "-input=false"); err != nil {
			return "", fmt.Errorf("before the scene: %w\n%s", err, out)
		}
	}
	if s.meanwhile != "" {
		if _, err := host.Shell(ctx, s.meanwhile); err != nil {
			return "", err
		}
	}
	if err := write(s.text); err != nil {
		return "", err
	}
	command := s.command
	if command == nil {
		command = []string{"plan"}
	}
	command = slices.Clone(command)
	for i, word := range command {
		command[i] = strings.ReplaceAll(word, "HOST", host.Name)
	}
	if command[0] == "import" { // whose flags stand before its arguments
		command = slices.Insert(command, 1, "-input=false")
	} else {
		command = append(command, "-input=false")
	}
	out, err := st.run(ctx, folder, settings, command...)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return "", err
	}
	shown := "$ terraform"
	for _, word := range command {
		switch {
		case word == "-input=false":
		case strings.Contains(word, " "):
			shown += " '" + word + "'"
		default:
			shown += " " + word
		}
	}
	return shown + "\n\n" + out, nil
}

// configuration is a text with what each configuration begins with, behind it: the lines of main.tf that people see
// are those of the scene.
func (st stage) configuration(s scene, text string) string {
	provider := s.provider
	if provider == "" {
		provider = "ssh = { private_key_file = \"KEY\", known_hosts_files = [\"KNOWN_HOSTS\"] }"
	}
	return strings.TrimLeft(text, "\n") + `
provider "iptables" {
  ` + provider + `
}

terraform {
  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}
`
}

func (st stage) run(ctx context.Context, folder, settings string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, st.terraform, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=", "HOME="+folder)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return undisturbed(out.String()), err
}

var (
	framed     = regexp.MustCompile(`(?s)\x1b\[[0-9;]*m╷.*?╵\x1b\[0m(?:\x1b\[0m)?\n`)
	refreshing = regexp.MustCompile(`(?m)^.*: Refreshing state\.\.\..*\n|^.*(Still|Reading).*\.\.\..*\n`)
)

// undisturbed leaves out what is about the way the provider was built, and lines that come in any order.
func undisturbed(out string) string {
	out = framed.ReplaceAllStringFunc(out, func(d string) string {
		if strings.Contains(d, "development overrides") {
			return ""
		}
		return d
	})
	return strings.TrimLeft(refreshing.ReplaceAllString(out, ""), "\n")
}
