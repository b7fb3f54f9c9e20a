package examples

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// TestConsolidate makes one firewall of small resources and small resources of it again. Each line of the hosts is
// still there afterwards, and was all the time: its counters go on.
func TestConsolidate(t *testing.T) {
	tools.Need(t, tools.MovedTypes)
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy}}})
	before := saved(t, f)
	work := workspace(t, "consolidate", map[string]any{
		"hosts": []string{"nft", "legacy"}, "office_networks": []string{f.Client, f.Client6}, "ssh": login(f),
	})
	var wanted map[string]string
	for i, stage := range []string{"before/main.tf", "main.tf", "back/main.tf"} {
		use(t, work, "consolidate/"+stage)
		output := run(t, work, "apply", "-auto-approve")
		if !strings.Contains(output, "0 destroyed") {
			t.Errorf("%s: it destroys something:\n%s", stage, output)
		}
		run(t, work, "plan", "-detailed-exitcode")
		if i == 0 {
			wanted = saved(t, f)
		}
		if d := cmp.Diff(wanted, saved(t, f)); d != "" {
			t.Errorf("%s: the hosts are not as before:\n%s", stage, d)
		}
		for _, h := range f.Hosts() {
			if i == 0 {
				// ip6tables 1.8.9 over nft takes no counters.
				shell(t, h, `iptables-save -c -t filter | sed 's/^\[[0-9:]*\]/[1000:70000]/' | iptables-restore -c`)
			}
			for _, line := range strings.Split(shell(t, h, "iptables-save -c -t filter | grep -e '-A INPUT'"), "\n") {
				if packets, _, _ := strings.Cut(strings.TrimPrefix(line, "["), ":"); len(packets) < len("1000") && line != "" {
					t.Errorf("%s: %s has a line that was away, its counter is another: %s", stage, h.Name, line)
				}
			}
		}
	}
	run(t, work, "destroy", "-auto-approve")
	// The policies of before came through both moves.
	if d := cmp.Diff(before, saved(t, f)); d != "" {
		t.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
}

func shell(t *testing.T, h *fleet.Host, script string) string {
	t.Helper()
	out, err := h.Shell(t.Context(), script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// use puts a file in place of the example's main.tf.
func use(t *testing.T, work *cli.Workspace, file string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(work.Folder, "main.tf"), []byte(read(t, file)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLockedDown opens a port by hand, which shows in a plan and is closed; fail2ban and those who ban by hand are left
// alone. In one resource a host or in small ones, the hosts list the same.
func TestLockedDown(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "web"}, {Name: "db", Backend: fleet.Legacy}}})
	web := f.Host("web")
	shell(t, web, `
		iptables -N f2b-sshd
		iptables -A f2b-sshd -j RETURN
		iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
		iptables -A INPUT -s 192.0.2.8/32 -m comment --comment "ban mallory" -j DROP`)
	before := saved(t, f)
	work := workspace(t, "locked-down", map[string]any{
		"hosts": map[string]any{
			"web": map[string]any{"http": map[string]any{}, "https": map[string]any{}},
			"db":  map[string]any{"postgresql": map[string]any{"sources": []string{"198.51.100.0/24"}}},
		},
		"office_networks": []string{f.Client, f.Client6}, "ssh": login(f),
	})
	office := strings.NewReplacer(f.Client+"/32", "OFFICE/32", f.Client6+"/128", "OFFICE/128")
	check := func(when string) {
		t.Helper()
		files, err := listAll(t.Context(), f, office)
		if err == nil {
			err = compare("locked-down", files)
		}
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	for _, form := range []string{"main.tf", "pieces/main.tf"} {
		use(t, work, "locked-down/"+form)
		run(t, work, "apply", "-auto-approve")
		check(form + " after the apply")
		run(t, work, "plan", "-detailed-exitcode")

		shell(t, web, "iptables -I INPUT -p tcp --dport 8080 -j ACCEPT")
		plan, status, err := work.Run(t.Context(), nil, "plan", "-detailed-exitcode", "-input=false")
		if err != nil || status != cli.ChangesDue {
			t.Errorf("%s: a port that was opened by hand: %v, status %d:\n%s", form, err, status, plan)
		}
		if shown := `- "iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT",`; !strings.Contains(plan, shown) {
			t.Errorf("%s: the plan does not say %s\n%s", form, shown, plan)
		}
		run(t, work, "apply", "-auto-approve")
		check(form + " after the port was closed")
		run(t, work, "destroy", "-auto-approve")
		if d := cmp.Diff(before, saved(t, f)); d != "" {
			t.Errorf("%s: after destroy the hosts are not as before:\n%s", form, d)
		}
	}
}

// listAll is what every host's own iptables prints, with names in place of addresses.
func listAll(ctx context.Context, f *fleet.Fleet, names *strings.Replacer) ([]txtar.File, error) {
	var files []txtar.File
	for _, h := range f.Hosts() {
		listed, err := list(ctx, h)
		if err != nil {
			return nil, err
		}
		for _, file := range listed {
			files = append(files, txtar.File{Name: h.Name + ": " + file.Name, Data: []byte(names.Replace(string(file.Data)))})
		}
	}
	return files, nil
}
