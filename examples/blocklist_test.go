package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// TestBlocklist puts the whole list on both backends, changes one network of it, and takes it away.
func TestBlocklist(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy}}})
	networks, err := exec.Command("sh", "blocklist/networks.sh").Output()
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]any{}
	for _, h := range f.Hosts() {
		hosts[h.Name] = map[string]any{"address": h.Address}
	}
	file := filepath.Join(t.TempDir(), "networks.txt")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(networks))
	work := workspace(t, "blocklist", map[string]any{"hosts": hosts, "networks_file": file, "ssh": login(f)})
	before := saved(t, f)
	run(t, work, "apply", "-auto-approve")
	run(t, work, "plan", "-detailed-exitcode")
	const list = `iptables -t raw -S PREROUTING; iptables -S INPUT; ip6tables -S INPUT; ipset save blocklist | grep -c '^add'; ipset test blocklist 240.0.21.7 2>&1`
	want := `-P PREROUTING ACCEPT
-A PREROUTING -m set --match-set blocklist src -m comment --comment blocklist -j DROP
-P INPUT ACCEPT
-A INPUT -p tcp -m tcp --dport 25 -m set --match-set blocklist src -m comment --comment "no mail for the blocklist" -j DROP
-P INPUT ACCEPT
50000
240.0.21.7 is in set blocklist.
`
	for _, h := range f.Hosts() {
		if d := cmp.Diff(want, strings.ReplaceAll(shell(t, h, list), "Warning: ", "")); d != "" {
			t.Errorf("%s (-want +got):\n%s", h.Name, d)
		}
	}

	write(strings.Replace(string(networks), "240.0.21.0/24", "240.0.22.0/24", 1))
	output := run(t, work, "apply", "-auto-approve")
	for _, want := range []string{`"- 240.0.21.0/24"`, `"+ 240.0.22.0/24"`, "2 changed"} {
		if !strings.Contains(output, want) {
			t.Errorf("the plan does not say %s:\n%s", want, output)
		}
	}
	write(string(networks) + f.Client + "\n")
	if output, status, err := work.Run(t.Context(), nil, "apply", "-auto-approve", "-input=false"); err != nil || status == 0 || !strings.Contains(output, "would lock this login out") {
		t.Errorf("the client's own address is taken: %v, status %d\n%s", err, status, output)
	}
	write(string(networks))
	run(t, work, "destroy", "-auto-approve")
	if d := cmp.Diff(before, saved(t, f)); d != "" {
		t.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
	for _, h := range f.Hosts() {
		if left := shell(t, h, "ipset list -n"); left != "" {
			t.Errorf("%s still has the sets %s", h.Name, left)
		}
	}
}
