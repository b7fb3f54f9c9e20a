package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// A pipeline is what the test needs of either file: each job's commands and environment.
type pipeline struct {
	jobs map[string]job
	env  map[string]string
}

type job struct {
	commands []string
	env      map[string]string
}

func githubPipeline(t *testing.T) pipeline {
	t.Helper()
	var file struct {
		Env  map[string]string
		Jobs map[string]struct {
			Env   map[string]string
			Steps []struct{ Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "ci/.github/workflows/firewall.yml")), &file); err != nil {
		t.Fatal(err)
	}
	p := pipeline{jobs: map[string]job{}, env: file.Env}
	for name, j := range file.Jobs {
		one := job{env: j.Env}
		for _, s := range j.Steps {
			if s.Run != "" {
				one.commands = append(one.commands, s.Run)
			}
		}
		p.jobs[name] = one
	}
	return p
}

func gitlabPipeline(t *testing.T) pipeline {
	t.Helper()
	var file map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(read(t, "ci/.gitlab-ci.yml")), &file); err != nil {
		t.Fatal(err)
	}
	var p pipeline
	variables := file["variables"]
	if err := variables.Decode(&p.env); err != nil {
		t.Fatal(err)
	}
	p.jobs = map[string]job{}
	for _, name := range []string{"review", "canary", "rest"} {
		var one struct {
			Script    []string
			Variables map[string]string
		}
		node := file[name]
		if err := node.Decode(&one); err != nil {
			t.Fatal(err)
		}
		p.jobs[name] = job{one.Script, one.Variables}
	}
	return p
}

// A runner is a machine on which jobs run: a clone of the example, the CLI, and programs in place of those that talk to
// GitHub and GitLab, which keep what they were given.
type runner struct {
	folder string
	env    []string
	posted string // what comment was put where
}

func newRunner(t *testing.T, f *fleet.Fleet) *runner {
	t.Helper()
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{folder: filepath.Join(t.TempDir(), "ci"), posted: filepath.Join(t.TempDir(), "posted")}
	if err := os.CopyFS(r.folder, os.DirFS("ci")); err != nil {
		t.Fatal(err)
	}
	// A plain init finds the provider here.
	const registries, path = "terraform.d/plugins", "vpsfirewall/iptables/0.0.1/linux_amd64"
	mirror := filepath.Join(r.folder, registries, "registry.terraform.io", path)
	bin := t.TempDir()
	if err := os.MkdirAll(mirror, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := cli.Build(t.Context(), mirror); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(r.folder, registries, "registry.opentofu.org", path), os.DirFS(mirror)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"gh": strings.ReplaceAll(fakeGitHub, "POSTED", r.posted), "curl": strings.ReplaceAll(fakeGitLab, "POSTED", r.posted), "terraform": "#!/bin/sh\nexec " + terraform + " \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil { //nolint:gosec // programs
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.folder, "known_hosts"), []byte(read(t, f.KnownHosts)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1",
		"IPTABLES_SSH_PRIVATE_KEY="+read(t, f.Key), "PR=7", "GH_TOKEN=gh-secret", "REVIEW_TOKEN=gitlab-secret",
		"CI_API_V4_URL=https://gitlab.example.com/api/v4", "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=7")
	return r
}

// variables are what a merge brings.
func (r *runner) variables(t *testing.T, values map[string]any) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.folder, "given.auto.tfvars.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a job's commands, each as its service does, until one fails. It returns what they print and the
// command that failed, "" where none did.
func (r *runner) run(t *testing.T, p pipeline, name string) (output, failed string) {
	t.Helper()
	var b bytes.Buffer
	env := slices.Clone(r.env)
	for _, vars := range []map[string]string{p.env, p.jobs[name].env} {
		for k, v := range vars {
			if !strings.Contains(v, "${{") { // secrets and the like, which the test has set
				env = append(env, k+"="+v)
			}
		}
	}
	if len(p.jobs[name].commands) == 0 {
		t.Fatalf("there is no job %s", name)
	}
	for _, command := range p.jobs[name].commands {
		c := exec.CommandContext(t.Context(), "/bin/sh", "-e", "-c", command)
		c.Dir, c.Env, c.Stdout, c.Stderr = r.folder, env, &b, &b
		fmt.Fprintf(&b, "$ %s\n", command)
		if c.Run() != nil {
			return b.String(), command
		}
	}
	return b.String(), ""
}

// TestPipelines sends changes through both pipelines: what is good is reviewed, merged and applied in waves; what opens
// ssh to the world is reviewed and fails.
func TestPipelines(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(3, fleet.HostOptions{})})
	host := func(i int) map[string]any { return map[string]any{"address": f.Hosts()[i].Address} }
	waves := map[string]any{"canary": map[string]any{"web1": host(0)}, "rest": map[string]any{"web2": host(1), "web3": host(2)}}
	office := []string{f.Client, f.Client6}
	r := newRunner(t, f)
	listens := func(port string) (hosts []int) {
		for i, h := range f.Hosts() {
			if ipv4, _, err := h.List(t.Context(), "filter"); err == nil && strings.Contains(ipv4, "--dport "+port+" ") {
				hosts = append(hosts, i)
			}
		}
		return hosts
	}
	for _, c := range []struct {
		name     string
		pipeline pipeline
		service  string
		port     string
		posted   []string
	}{
		{"GitHub", githubPipeline(t), "https", "443", []string{"1 new on GitHub\n", "HTTPS (443/tcp)"}},
		{"GitLab", gitlabPipeline(t), "imaps", "993", []string{
			// The second review takes the place of the first.
			"1 new: https://gitlab.example.com/api/v4/projects/1/merge_requests/7/notes/301\n", "IMAPS (993/tcp) on web1, web2 and web3 becomes reachable from anywhere",
		}},
	} {
		good := map[string]any{"waves": waves, "admin_networks": office, "services": []string{"http", c.service}}
		r.variables(t, map[string]any{"waves": waves, "admin_networks": []string{"0.0.0.0/0", "::/0"}, "services": []string{c.service}})
		output, failed := r.run(t, c.pipeline, "review")
		if failed != "./ci.sh judge" || !strings.Contains(output, "ssh-open-to-world") {
			t.Errorf("%s: ssh for the world fails at %q:\n%s", c.name, failed, output)
		}
		r.variables(t, good)
		if output, failed := r.run(t, c.pipeline, "review"); failed != "" {
			t.Fatalf("%s: the review fails at %q:\n%s", c.name, failed, output)
		}
		for _, want := range c.posted {
			if posted := read(t, r.posted); !strings.Contains(posted, want) {
				t.Errorf("%s: %q is not in the comment:\n%s", c.name, want, posted)
			}
		}
		if got := listens(c.port); got != nil {
			t.Errorf("%s: a review changed the hosts %v", c.name, got)
		}
		for _, wave := range []struct {
			job   string
			hosts []int
		}{{"canary", []int{0}}, {"rest", []int{0, 1, 2}}} {
			if output, failed := r.run(t, c.pipeline, wave.job); failed != "" {
				t.Fatalf("%s: the wave %s fails at %q:\n%s", c.name, wave.job, failed, output)
			}
			if got := listens(c.port); !slices.Equal(got, wave.hosts) {
				t.Errorf("%s: after the wave %s the port is open on hosts %v, want %v", c.name, wave.job, got, wave.hosts)
			}
		}
		if output, _ := r.run(t, c.pipeline, "review"); !strings.Contains(output, "No firewall changes on any of 3 hosts.") {
			t.Errorf("%s: after all waves there is still something to do:\n%s", c.name, output)
		}
	}
}
