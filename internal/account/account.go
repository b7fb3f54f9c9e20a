// Package account gives test hosts the account that the guide about security describes, from the text of the guide.
package account

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// Name is the user's.
const Name = "terraform"

// InGuide returns the code blocks of a kind in the guide: sudoers, doas, authorized_keys. An error if it has none.
func InGuide(kind string) ([]string, error) {
	_, here, _, _ := runtime.Caller(0)
	page, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../templates/guides/security.md"))
	if err != nil {
		return nil, err
	}
	var blocks []string
	for _, found := range regexp.MustCompile("(?s)\n```"+kind+"\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, found[1])
	}
	if len(blocks) == 0 {
		return nil, fmt.Errorf("the guide about security has no %s", kind)
	}
	return blocks, nil
}

// AllowKey lets the fleet's key in as that user, as a line of the guide's authorized_keys says: from the guide's address, which
// replace has as that of a client here. A user that the host has not is made.
func AllowKey(ctx context.Context, f *fleet.Fleet, h *fleet.Host, user, line string, replace ...string) error {
	public, err := exec.CommandContext(ctx, "ssh-keygen", "-y", "-f", f.Key).Output()
	if err != nil {
		return fmt.Errorf("the public half of %s: %w", f.Key, err)
	}
	line = strings.NewReplacer(append(replace, "ssh-ed25519 AAAA... terraform", strings.TrimSpace(string(public)))...).Replace(line)
	_, err = h.Shell(ctx, fmt.Sprintf("id %s >/dev/null 2>&1 || useradd -m -s /bin/sh %s; cat >/etc/fleet/authorized_keys/%s <<'EOF'\n%sEOF\n", user, user, user, line))
	return err
}

// AllowSudo writes the guide's sudoers.
func AllowSudo(ctx context.Context, h *fleet.Host) error {
	blocks, err := InGuide("sudoers")
	if err != nil {
		return err
	}
	_, err = h.Shell(ctx, "cat >/etc/sudoers.d/terraform <<'EOF'\n"+blocks[0]+"EOF\nchmod 440 /etc/sudoers.d/terraform; visudo -c >/dev/null")
	return err
}
