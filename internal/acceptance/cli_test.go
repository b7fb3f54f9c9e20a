package acceptance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

// serve is the provider as a process of its own. The test program itself is installed as
// the provider for commands of a cli, so that nothing has to be built.
func serve() {
	err := providerserver.Serve(context.Background(), provider.New("test"), providerserver.ServeOpts{Address: provider.Address, ProtocolVersion: 6})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A cli is a folder in which Terraform is run as a person runs it: each phase starts provider
// processes of its own.
type cli struct {
	t      *testing.T
	folder string
	env    []string
}

const required = "terraform {\n  required_providers {\n    iptables = { source = \"vpsfirewall/iptables\" }\n  }\n}\n\n"

// newCLI returns a folder that holds the configuration.
func (s *stage) newCLI(config string) *cli {
	s.t.Helper()
	c := &cli{t: s.t, folder: s.t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(c.folder, "terraform-provider-iptables")); err != nil {
		s.t.Fatal(err)
	}
	c.write("cli.rc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n",
		strings.TrimPrefix(provider.Address, "registry.terraform.io/"), c.folder))
	c.write("main.tf", required+s.config(config))
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(c.folder, "cli.rc"), "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run runs Terraform and returns what it printed, and its exit status.
func (c *cli) run(args ...string) (output string, status int) {
	c.t.Helper()
	cmd := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), append(args, "-no-color")...)
	cmd.Dir, cmd.Env = c.folder, c.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// ok runs Terraform, which must succeed.
func (c *cli) ok(args ...string) string {
	c.t.Helper()
	out, status := c.run(args...)
	if status != 0 {
		c.t.Fatalf("terraform %s: exit status %d\n%s", strings.Join(args, " "), status, out)
	}
	return out
}

// empty fails the test if a plan is not empty.
func (c *cli) empty() {
	c.t.Helper()
	if out, status := c.run("plan", "-detailed-exitcode"); status != 0 {
		c.t.Errorf("the plan is not empty (exit status %d)\n%s", status, out)
	}
}

// says fails the test if a text does not hold all of these, in this order.
func says(t *testing.T, text string, want ...string) {
	t.Helper()
	if !words(want...).MatchString(text) {
		t.Errorf("it does not say %q:\n%s", want, text)
	}
}
