package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ChangesDue is the status of `terraform plan -detailed-exitcode` for a plan that is not empty.
const ChangesDue = 2

// A Workspace is a folder with a configuration, and a Terraform CLI to apply it.
type Workspace struct {
	Folder string

	program string
	env     []string
}

// New copies a configuration into a new folder. The variables are given to it in a file. program is the Terraform CLI,
// provider the folder that the provider was built into.
func New(program, provider, folder string, configuration fs.FS, variables any) (*Workspace, error) {
	w := &Workspace{Folder: folder, program: program}
	if err := os.CopyFS(folder, configuration); err != nil {
		return nil, err
	}
	if variables == nil {
		variables = struct{}{} // OpenTofu takes no null for a file of variables
	}
	values, err := json.MarshalIndent(variables, "", "  ")
	if err != nil {
		return nil, err
	}
	settings := filepath.Join(folder, "terraform.rc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"vpsfirewall/iptables\" = %q\n  }\n}\n", provider)
	for name, text := range map[string][]byte{
		filepath.Join(folder, "given.auto.tfvars.json"): values,
		settings: []byte(overrides),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return nil, err
		}
	}
	w.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	return w, nil
}

// Run runs Terraform and returns all that it printed, without colour, and its exit status. The error is one of starting
// it, or of the context, whose end interrupts Terraform as Ctrl-C does.
func (w *Workspace) Run(ctx context.Context, env []string, args ...string) (output string, status int, err error) {
	cmd := exec.CommandContext(ctx, w.program, append(args, "-no-color")...)
	cmd.Dir, cmd.Env = w.Folder, slices.Concat(w.env, env)
	// Killed, it would leave its providers behind.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = ctx.Err()
	}
	return withoutReminder(out.String()), cmd.ProcessState.ExitCode(), err
}

var reminder = regexp.MustCompile(`(?s)Warning: Provider development overrides are in effect\n.*?published\s+releases\.\n+`)

// withoutReminder takes out what Terraform says each time of a provider that comes from a folder.
func withoutReminder(output string) string {
	return strings.TrimLeft(reminder.ReplaceAllString(output, ""), "\n")
}

// Output reads one output of the configuration into a value.
func (w *Workspace) Output(ctx context.Context, name string, into any) error {
	text, _, err := w.Run(ctx, nil, "output", "-json", name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("reading the output %s of Terraform: %w: %s", name, err, text)
	}
	return nil
}
