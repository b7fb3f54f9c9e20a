package fleet

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScriptsForPeople runs both scripts as a person does, from outside of the fleet's network.
func TestScriptsForPeople(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{Name: "web1"})})
	enter, err := f.WriteEnterScript()
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		var out []byte
		err := outside.do(func() (err error) {
			out, err = exec.Command(name, args...).CombinedOutput()
			return err
		})
		if err != nil {
			t.Errorf("%s %q: %v: %s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got := run(filepath.Join(filepath.Dir(enter), "console"), "web1", "hostname"); got != "web1" {
		t.Errorf("console web1 hostname printed %q", got)
	}
	if got := run(enter, "ssh", "-F", f.SSHConfig, "web1", "hostname"); got != "web1" {
		t.Errorf("enter ssh web1 hostname printed %q", got)
	}
}
