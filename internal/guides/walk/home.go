package walk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A Home is the home directory of a person who has just run `make install`, and can log in to the fleet's hosts.
type Home struct {
	Folder string

	environ []string
}

// NewHome makes one in an empty folder. terraform is the CLI.
func NewHome(ctx context.Context, folder, terraform string, f *fleet.Fleet) (*Home, error) {
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return nil, err
	}
	// What Go has fetched and built stays where it is.
	caches, err := exec.CommandContext(ctx, "go", "env", "GOPATH", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("asking go for its folders: %w", err)
	}
	places := strings.Split(strings.TrimSpace(string(caches)), "\n")
	bin := filepath.Join(folder, "bin")
	h := &Home{Folder: folder, environ: append(os.Environ(),
		"HOME="+folder, "GOPATH="+places[0], "GOCACHE="+places[1], "GOMODCACHE="+places[2],
		"PATH="+bin+":"+os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color", "TF_CLI_CONFIG_FILE="+os.DevNull,
		"MAKEFLAGS=", "MAKELEVEL=",
		// ssh looks for a home in the list of users, whatever HOME says.
		"ANSIBLE_SSH_ARGS=-F "+f.SSHConfig)}
	install := exec.CommandContext(ctx, "make", "--no-print-directory", "install")
	install.Dir, install.Env = root, h.environ
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make install: %w\n%s", err, out)
	}
	built, err := filepath.Glob(filepath.Join(folder, ".terraform.d", "plugins", "registry.terraform.io", "*", "*", "*", "*", "terraform-provider-iptables_v*"))
	if err != nil || len(built) != 1 {
		return nil, fmt.Errorf("make install has installed %q (%w)", built, err)
	}
	key, err := os.ReadFile(f.Key)
	if err != nil {
		return nil, err
	}
	known, err := os.ReadFile(f.KnownHosts)
	if err != nil {
		return nil, err
	}
	ssh := filepath.Join(folder, ".ssh")
	return h, errors.Join(
		os.MkdirAll(bin, 0o700), os.Mkdir(ssh, 0o700),
		os.Symlink(terraform, filepath.Join(bin, "terraform")),
		os.Symlink(built[0], filepath.Join(bin, "terraform-provider-iptables")),
		os.WriteFile(filepath.Join(ssh, "id_ed25519"), key, 0o600),
		os.WriteFile(filepath.Join(ssh, "known_hosts"), known, 0o600),
	)
}

// Environ is the environment of that person.
func (h *Home) Environ() []string { return h.environ }
