package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
)

// prove checks what was written, and says how: by a plan where there is something to plan with.
func (a *adoption) prove(ctx context.Context, hosts []adopt.Host, fleet adopt.Fleet, files []adopt.File) (string, error) {
	if problems := adopt.Check(hosts, fleet, files); len(problems) > 0 {
		return "", errors.New(strings.Join(problems, "\n"))
	}
	const pure = "checked on what was read: nothing would change"
	if len(a.from) > 0 || len(fleet.Groups) == 0 {
		return pure, nil
	}
	terraform := a.terraform
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); terraform == "" && err == nil {
			terraform = path
		}
	}
	if terraform == "" {
		return pure + " (no terraform on PATH to plan with)", nil
	}
	imports, err := plan(ctx, terraform, files)
	if err != nil {
		return "", fmt.Errorf("planning with %s: %w", terraform, err)
	}
	return fmt.Sprintf("checked by %s plan: %s, nothing to add, change or destroy", filepath.Base(terraform), counted(imports, "import")), nil
}

// plan plans the configuration in a scratch folder, with this program as the provider.
func plan(ctx context.Context, terraform string, files []adopt.File) (imports int, err error) {
	folder, err := os.MkdirTemp("", "adopt-check-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := writeFiles(folder, files); err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	if err := os.Symlink(self, filepath.Join(folder, program)); err != nil {
		return 0, err
	}
	settings := filepath.Join(folder, "terraform.rc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"vpsfirewall/iptables\" = %q\n  }\n}\n", folder)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, terraform, "plan", "-json", "-input=false", "-lock=false")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // killed, it would leave providers behind
	cmd.WaitDelay = time.Minute
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	failure := cmd.Run()
	imports, err = outcome(stdout.Bytes())
	if err == nil && failure != nil {
		err = fmt.Errorf("%w: %s", failure, stderr.String())
	}
	return imports, err
}

// A message is what `terraform plan -json` prints on a line, as far as it matters here.
type message struct {
	Level   string `json:"@level"`
	Message string `json:"@message"`
	Type    string
	Changes *struct{ Add, Change, Remove, Import int }
	Change  *struct {
		Action   string
		Resource struct{ Addr string }
	}
	Diagnostic *struct{ Detail string }
}

// outcome reads the messages of a plan; anything but imports is an error.
func outcome(output []byte) (imports int, err error) {
	var wrong []string
	planned := false
	for line := range bytes.Lines(output) {
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue
		}
		switch {
		case m.Level == "error":
			text := m.Message
			if m.Diagnostic != nil {
				text += "\n" + m.Diagnostic.Detail
			}
			wrong = append(wrong, text)
		case m.Type == "planned_change" && m.Change != nil && m.Change.Action != "import" && m.Change.Action != "noop":
			wrong = append(wrong, m.Message)
		case m.Type == "change_summary" && m.Changes != nil:
			imports, planned = m.Changes.Import, m.Changes.Add+m.Changes.Change+m.Changes.Remove == 0
		}
	}
	if len(wrong) > 0 {
		return imports, errors.New(strings.Join(wrong, "\n"))
	}
	if !planned {
		return imports, errors.New("the plan would change something")
	}
	return imports, nil
}
