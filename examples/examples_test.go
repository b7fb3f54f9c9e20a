// Package examples holds the tests of the examples: each is applied to real hosts by a real Terraform.
package examples

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	// The provider is built where no modules can be fetched: what it is made of comes with the tests.
	_ "github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
	_ "github.com/vpsfirewall/terraform-provider-iptables/provider" // as above
)

var update = flag.Bool("update", false, "write what the hosts list to testdata")

func TestMain(m *testing.M) { fleet.Main(m) }

// TestFleet applies the fleet beside rules of other software, and compares all that every host lists.
func TestFleet(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "web1"}, {Name: "web2"}, {Name: "mail1", Backend: fleet.Legacy},
	}})
	_, err := f.Host("web2").Shell(t.Context(), `
		iptables -N f2b-sshd
		iptables -A f2b-sshd -s 198.51.100.66/32 -j REJECT --reject-with icmp-port-unreachable
		iptables -A f2b-sshd -j RETURN
		iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
		iptables -A INPUT -s 192.0.2.8/32 -p udp -m udp --dport 161 -m comment --comment "by hand" -j ACCEPT`)
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]any{}
	for _, h := range f.Hosts() {
		hosts[h.Name] = map[string]any{"address": h.Address}
	}
	office := strings.NewReplacer(f.Client+"/32", "OFFICE/32", f.Client6+"/128", "OFFICE/128")
	variables := map[string]any{
		"hosts":           hosts,
		"mail_host":       "mail1",
		"office_networks": []string{f.Client, f.Client6},
		"ssh":             login(f),
	}
	applyAndDestroy(t, f, fixture{"fleet", variables, func(ctx context.Context) ([]txtar.File, error) {
		return listAll(ctx, f, office)
	}})
}

// TestVPSGuide applies the guide's rules on both backends and compares all that the host lists.
func TestVPSGuide(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "nft"}, {Name: "legacy", Backend: fleet.Legacy},
	}})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			variables := map[string]any{"host": h.Address, "ssh": login(f)}
			applyAndDestroy(t, f, fixture{"vps-guide", variables, func(ctx context.Context) ([]txtar.File, error) {
				return list(ctx, h)
			}})
		})
	}
}

// login is how Terraform gets into the hosts of a fleet.
func login(f *fleet.Fleet) map[string]any {
	return map[string]any{"private_key_file": f.Key, "known_hosts_files": []string{f.KnownHosts}}
}

// list is what the host's own iptables prints, read behind SSH's back.
func list(ctx context.Context, h *fleet.Host) ([]txtar.File, error) {
	ipv4, ipv6, err := h.List(ctx, "filter")
	return []txtar.File{
		{Name: "iptables -S", Data: []byte(ipv4)},
		{Name: "ip6tables -S", Data: []byte(ipv6)},
	}, err
}

// A fixture is an example on its way through a test.
type fixture struct {
	name      string
	variables map[string]any
	// listed is what hosts list after the apply, to be compared with testdata.
	listed func(context.Context) ([]txtar.File, error)
}

// applyAndDestroy applies an example, compares what the hosts list then with testdata, sees that a second plan is
// empty, destroys, and sees that the hosts are as before.
func applyAndDestroy(t *testing.T, f *fleet.Fleet, e fixture) {
	t.Helper()
	work := workspace(t, e.name, e.variables)
	before := saved(t, f)
	run(t, work, "apply", "-auto-approve")
	files, err := e.listed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := compare(e.name, files); err != nil {
		t.Error(err)
	}
	run(t, work, "plan", "-detailed-exitcode") // status 2 where there is something to do
	run(t, work, "destroy", "-auto-approve")
	if d := cmp.Diff(before, saved(t, f)); d != "" {
		t.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
}

// workspace is a copy of an example beside the provider.
func workspace(t *testing.T, example string, variables map[string]any) *cli.Workspace {
	t.Helper()
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	work, err := cli.New(terraform, provider, filepath.Join(t.TempDir(), example), os.DirFS(example), variables)
	if err != nil {
		t.Fatal(err)
	}
	return work
}

// run runs Terraform, which must succeed.
func run(t *testing.T, work *cli.Workspace, args ...string) string {
	t.Helper()
	output, status, err := work.Run(t.Context(), nil, append(args, "-input=false")...)
	if err != nil || status != 0 {
		t.Fatalf("terraform %s: %v, status %d:\n%s", strings.Join(args, " "), err, status, output)
	}
	return output
}

// compare holds what the hosts list against testdata.
func compare(example string, files []txtar.File) error {
	path := filepath.Join("testdata", example+".txtar")
	if *update {
		comment := "What the hosts list, or the outputs say, after examples/" + example + " was applied (go test ./examples -update).\n"
		return os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: []byte(comment), Files: files}), 0o600)
	}
	want, err := txtar.ParseFile(path)
	if err != nil {
		return err
	}
	if d := cmp.Diff(text(want.Files), text(files)); d != "" {
		return fmt.Errorf("the hosts list something else than %s (-want +got):\n%s", path, d)
	}
	return nil
}

func text(files []txtar.File) map[string]string {
	all := map[string]string{}
	for _, file := range files {
		all[file.Name] = string(file.Data)
	}
	return all
}

// saved is every rule of every host. An empty table is as good as one that was never used.
func saved(t *testing.T, f *fleet.Fleet) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, h := range f.Hosts() {
		for _, table := range []string{"raw", "mangle", "nat", "filter"} {
			ipv4, ipv6, err := h.List(t.Context(), table)
			if err != nil {
				t.Fatal(err)
			}
			all[h.Name+" "+table] = ipv4 + ipv6
		}
	}
	return all
}
