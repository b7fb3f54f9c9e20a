package examples

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// shardsVariable chooses where the states are: files, with Terraform; or with "pg" a database, with OpenTofu
// (`make test-sharded`), since the Terraform that tests build for themselves has no such backend.
const shardsVariable = "IPTABLES_TEST_SHARDS"

// A shard is a folder in which one shard is applied.
type shard struct {
	*cli.Workspace
	number int
	env    []string
}

// TestSharded applies three shards at once, in separate processes, which all touch one host; then a change in waves.
func TestSharded(t *testing.T) {
	edges := []string{"edge1", "edge2", "edge3", "edge4", "edge5", "edge6"}
	var options []fleet.HostOptions
	for i, name := range append(edges, "collector") {
		backend := fleet.NFT
		if i%3 == 1 {
			backend = fleet.Legacy
		}
		options = append(options, fleet.HostOptions{Name: name, Backend: backend})
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: options})
	before := saved(t, f)
	hosts, names := map[string]any{}, []string{f.Client + "/32", "OFFICE/32", f.Client6 + "/128", "OFFICE/128"}
	for _, name := range edges {
		hosts[name] = map[string]any{"address": f.Host(name).Address, "canary": slices.Contains([]string{"edge1", "edge2", "edge5"}, name)}
		names = append(names, f.Host(name).Address, name)
	}
	shards := newShards(t, map[string]any{
		"hosts": hosts, "collector": f.Host("collector").Address, "ssh": login(f),
		"services": map[string]any{"ssh": map[string]any{"sources": []string{f.Client, f.Client6}}, "https": map[string]any{}},
	})

	atOnce(t, shards, "apply", "-auto-approve", "-input=false")
	listed, err := listAll(t.Context(), f, strings.NewReplacer(names...))
	if err == nil {
		err = compare("sharded", listed) // in this order, whichever shard came first to the collector
	}
	if err != nil {
		t.Error(err)
	}
	atOnce(t, shards, "plan", "-detailed-exitcode", "-input=false")

	waves(t, f, shards[0])
	atOnce(t, shards, "destroy", "-auto-approve", "-input=false")
	if d := cmp.Diff(before, saved(t, f)); d != "" {
		t.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
}

// waves changes a shard of which the canary is not well: the other host waits until it is.
func waves(t *testing.T, f *fleet.Fleet, s shard) {
	t.Helper()
	canary, other := f.Host("edge1"), f.Host("edge4")
	const byHand = `INPUT -p tcp --dport 443 -m comment --comment "by hand" -j DROP`
	shell(t, canary, "iptables -I "+byHand)
	output, status := s.run(t, "plan", "-detailed-exitcode", "-input=false")
	if !strings.Contains(output, "Canaries that do not let everybody reach https: edge1: ") {
		t.Errorf("status %d; the plan does not tell of the canary:\n%s", status, output)
	}
	replaceIn(t, s.Folder, "given.auto.tfvars.json", `"https": {}`, `"http": {}, "https": {}`)
	output, status = s.run(t, "apply", "-auto-approve", "-input=false")
	if status == 0 || !strings.Contains(output, "The canaries are not well, so no other host is changed") {
		t.Errorf("status %d; the apply did not stop:\n%s", status, output)
	}
	opened := func(h *fleet.Host) bool { return strings.Contains(shell(t, h, "iptables -S INPUT"), "--dport 80 ") }
	if !opened(canary) || opened(other) {
		t.Errorf("the canary has the change: %v; the other host: %v", opened(canary), opened(other))
	}
	shell(t, canary, "iptables -D "+byHand)
	if output, status := s.run(t, "apply", "-auto-approve", "-input=false"); status != 0 || !opened(other) {
		t.Errorf("the canary is well; status %d, the other host has the change: %v\n%s", status, opened(other), output)
	}
}

// atOnce runs a command in all shards at the same time; it must succeed everywhere.
func atOnce(t *testing.T, shards []shard, args ...string) {
	t.Helper()
	var all sync.WaitGroup
	for _, s := range shards {
		all.Go(func() {
			if output, status := s.run(t, args...); status != 0 {
				t.Errorf("shard %d: %s: status %d\n%s", s.number, strings.Join(args, " "), status, output)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func (s shard) run(t *testing.T, args ...string) (output string, status int) {
	t.Helper()
	output, status, err := s.Run(context.Background(), s.env, args...)
	if err != nil {
		t.Error(err)
	}
	return output, status
}

// newShards makes a folder for each shard.
func newShards(t *testing.T, variables map[string]any) []shard {
	t.Helper()
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	program, err := tools.Terraform()
	database := ""
	if os.Getenv(shardsVariable) == "pg" {
		program, err = tools.OpenTofu()
		database = startPostgres(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	var shards []shard
	for n := range 3 {
		mine := maps.Clone(variables)
		mine["shard"] = n
		w, err := cli.New(program, provider, filepath.Join(t.TempDir(), fmt.Sprint("shard", n)), os.DirFS("sharded"), mine)
		if err != nil {
			t.Fatal(err)
		}
		s := shard{Workspace: w, number: n}
		if database == "" {
			err = os.Remove(filepath.Join(w.Folder, "backend.tf"))
		} else {
			s.env = []string{"TF_CLI_CONFIG_FILE=" + os.DevNull, "TF_CLI_ARGS_apply=-lock-timeout=2m", "TF_CLI_ARGS_plan=-lock-timeout=2m", "TF_CLI_ARGS_destroy=-lock-timeout=2m"}
			err = install(provider, w.Folder)
		}
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, s)
	}
	if database == "" {
		return shards
	}
	for _, s := range shards { // a first init makes what the database has in common for all schemas
		output, status := s.run(t, "init", "-input=false", "-backend-config=conn_str="+database, fmt.Sprintf("-backend-config=schema_name=shard%d", s.number))
		if status != 0 {
			t.Fatalf("init of shard %d: status %d\n%s", s.number, status, output)
		}
	}
	return append(shards, shards[0]) // and one shard twice: its own lock orders these
}

// replaceIn replaces a text in a file of a folder.
func replaceIn(t *testing.T, folder, name, before, after string) {
	t.Helper()
	path := filepath.Join(folder, name)
	text := read(t, path)
	if !strings.Contains(text, before) {
		t.Fatalf("%s has no %s:\n%s", name, before, text)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, before, after)), 0o600); err != nil {
		t.Fatal(err)
	}
}
