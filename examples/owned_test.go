package examples

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// TestRouter applies the router on both backends, beside libvirt's chains, and compares all that the host lists.
func TestRouter(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy},
	}})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			shell(t, h, `
				iptables -N LIBVIRT_FWI
				iptables -A LIBVIRT_FWI -o virbr0 -j REJECT
				iptables -A FORWARD -j LIBVIRT_FWI`)
			variables := map[string]any{"host": h.Address, "ssh": login(f)}
			applyAndDestroy(t, f, fixture{"router", variables, func(ctx context.Context) ([]txtar.File, error) {
				files, err := list(ctx, h)
				for _, table := range []string{"nat", "mangle"} {
					ipv4, _, failed := h.List(ctx, table)
					if failed != nil {
						err = failed
					}
					files = append(files, txtar.File{Name: "iptables -t " + table + " -S", Data: []byte(ipv4)})
				}
				return files, err
			}})
		})
	}
}

// TestFiles applies a directory of rulesets to hosts on which fail2ban has a ban and somebody was at work by hand,
// compares what they list, changes a file, and mends what is done by hand after that.
func TestFiles(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "web1"}, {Name: "mail1", Backend: fleet.Legacy}}})
	for _, h := range f.Hosts() {
		shell(t, h, `
			iptables -N f2b-sshd
			iptables -A f2b-sshd -s 198.51.100.66/32 -j REJECT --reject-with icmp-port-unreachable
			iptables -A f2b-sshd -j RETURN
			iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
			iptables -A INPUT -s 192.0.2.8/32 -m comment --comment "ban mallory" -j DROP`)
	}
	before := saved(t, f)
	work := workspace(t, "files", map[string]any{"ssh": login(f)})
	check := func(when string) {
		t.Helper()
		files, err := listAll(t.Context(), f, strings.NewReplacer())
		if err == nil {
			err = compare("files", files)
		}
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	run(t, work, "apply", "-auto-approve")
	check("after the apply")
	run(t, work, "plan", "-detailed-exitcode")

	shell(t, f.Host("web1"), "iptables -I INPUT -p tcp --dport 8080 -j ACCEPT; ip6tables -P INPUT ACCEPT; iptables -A f2b-sshd -s 198.51.100.67/32 -j REJECT; iptables -D f2b-sshd -s 198.51.100.67/32 -j REJECT")
	plan, status, err := work.Run(t.Context(), nil, "plan", "-detailed-exitcode", "-input=false")
	if err != nil || status != cli.ChangesDue {
		t.Errorf("what was done by hand: %v, status %d:\n%s", err, status, plan)
	}
	for _, line := range []string{`+ "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT",`, `+ "ip6tables -P INPUT DROP",`, "1 to change"} {
		if !strings.Contains(plan, line) {
			t.Errorf("the plan does not say %s\n%s", line, plan)
		}
	}
	run(t, work, "apply", "-auto-approve")
	check("after that was mended")

	file := work.Folder + "/rulesets/mail1.v4"
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(text), "465,587,993", "587,993", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if plan := run(t, work, "apply", "-auto-approve"); !strings.Contains(plan, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("one file was changed:\n%s", plan)
	}
	run(t, work, "plan", "-detailed-exitcode")
	run(t, work, "destroy", "-auto-approve")
	if d := cmp.Diff(before, saved(t, f)); d != "" {
		t.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
}
