package conformance

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// This machine itself, without SSH: what runs here is in a network of its own (see fleet.Main), so that no
// firewall but the test's is touched. Nobody can be locked out, so no login confirms.
func TestLocal(t *testing.T) {
	list := func() string {
		out, err := exec.CommandContext(t.Context(), "iptables", "-S", "INPUT").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	host := firewall.NewHost(sshexec.Local(sshexec.Auto, sshexec.Secret{}), firewall.Options{NoSave: true})
	t.Cleanup(func() { _ = host.Close() })
	apply(t, host, adding(t, web))
	if got := list(); !strings.Contains(got, "--dport 443") {
		t.Errorf("got\n%s", got)
	}
	apply(t, host, firewall.Change{Label: "gone", Edit: firewall.Replace(lines(t, web), nil)})
	if got := list(); strings.Contains(got, "--dport 443") {
		t.Errorf("got\n%s", got)
	}
}
