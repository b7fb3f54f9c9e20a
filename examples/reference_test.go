package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// typed is what somebody has typed on the host of a folder of snippets which say something about that.
var typed = map[string]string{
	"data-sources/iptables_reachability": `
		for rule in "iptables 203.0.113.0/24" "ip6tables 2001:db8:1::/48"; do
			set -- $rule
			$1 -A INPUT -s $2 -p tcp --dport 3306 -j ACCEPT
			$1 -A INPUT -p tcp --dport 3306 -j DROP
		done`,
	"data-sources/iptables_rules": `
		iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
		iptables -A INPUT -s 198.51.100.9/32 -p udp --dport 161 -j ACCEPT`,
}

// TestReference applies what the reference shows, each folder on hosts of its own: the plan after it is empty, the
// outputs are what the comments above them say, every import that is shown finds what was applied, and after the
// destroy the hosts are as before.
func TestReference(t *testing.T) {
	var folders []string
	for _, pattern := range []string{"resources/*", "data-sources/*", "functions/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		folders = append(folders, found...)
	}
	if len(folders) < 17 {
		t.Fatalf("there are only %d folders of snippets", len(folders))
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: hostsOf(t, folders)})
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	t.Run("folders", func(t *testing.T) {
		for _, folder := range folders {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				if strings.HasPrefix(folder, "functions/") {
					tools.Need(t, tools.Functions)
				}
				s := newSnippets(t, f, folder, provider)
				for _, h := range s.hosts {
					shell(t, h, typed[folder])
				}
				s.play()
			})
		}
	})
}

// hostOf is a host of a folder, NAME.example.com in its texts.
func hostOf(name, folder string) string {
	return name + "-" + strings.NewReplacer("/", "-", "_", "-").Replace(folder) + ".example.com"
}

// hostsOf are the hosts that the folders' texts name.
func hostsOf(t *testing.T, folders []string) []fleet.HostOptions {
	t.Helper()
	var hosts []fleet.HostOptions
	for _, folder := range folders {
		files, err := filepath.Glob(folder + "/*")
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, file := range files {
			text.WriteString(read(t, file))
		}
		for _, name := range []string{"web1", "db1"} {
			if strings.Contains(text.String(), name+".example.com") {
				hosts = append(hosts, fleet.HostOptions{Name: hostOf(name, folder)})
			}
		}
	}
	return hosts
}

// snippets are those of one folder on their way through the test.
type snippets struct {
	*testing.T

	fleet  *fleet.Fleet
	hosts  []*fleet.Host // of this folder
	folder string
	work   *cli.Workspace
}

func newSnippets(t *testing.T, f *fleet.Fleet, folder, provider string) *snippets {
	t.Helper()
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	s := &snippets{T: t, fleet: f, folder: folder}
	for _, o := range hostsOf(t, []string{folder}) {
		s.hosts = append(s.hosts, f.Host(o.Name))
	}
	s.work, err = cli.New(terraform, provider, filepath.Join(t.TempDir(), "snippets"), os.DirFS(t.TempDir()), nil)
	if err != nil {
		t.Fatal(err)
	}
	ssh, err := json.Marshal(login(f))
	if err != nil {
		t.Fatal(err)
	}
	s.write("required.tf", required+"\nprovider \"iptables\" {\n  ssh = "+string(ssh)+"\n}\n")
	s.write("networks.txt", "192.0.2.0/24\n198.51.100.66\n") // a file that is named in a snippet
	for _, name := range []string{"resource.tf", "data-source.tf", "function.tf", "list-resource.tfquery.hcl"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			s.write(name, s.text(name))
		}
	}
	return s
}

// text is a file of the folder for the fleet. Who applies it comes from the fleet's client, too, and not only from
// the networks that it names, and logs in more than ten times a minute.
func (s *snippets) text(name string) string {
	pairs := []string{"web1.example.com", hostOf("web1", s.folder), "db1.example.com", hostOf("db1", s.folder), `"10/minute"`, `"100/second"`}
	if !strings.HasPrefix(s.folder, "data-sources/") {
		pairs = append(pairs, `["203.0.113.0/24"`, `["`+s.fleet.Client+`/32", "203.0.113.0/24"`)
	}
	return strings.NewReplacer(pairs...).Replace(read(s.T, filepath.Join(s.folder, name)))
}

func (s *snippets) write(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.work.Folder, name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// ok runs Terraform, which must succeed.
func (s *snippets) ok(args ...string) string {
	s.Helper()
	out, status, err := s.work.Run(s.Context(), nil, args...)
	if err != nil || status != 0 {
		s.Fatalf("terraform %s: %v, status %d:\n%s", strings.Join(args, " "), err, status, out)
	}
	return out
}

func (s *snippets) play() {
	before := s.listing()
	s.ok("apply", "-auto-approve")
	if strings.HasPrefix(s.folder, "data-sources/") {
		s.ok("apply", "-auto-approve") // they were read before the first one
	}
	s.ok("plan", "-detailed-exitcode") // status 2 where there is something to do
	s.outputs()
	if strings.HasPrefix(s.folder, "resources/") {
		s.imports()
	}
	s.ok("destroy", "-auto-approve")
	if d := cmp.Diff(before, s.listing()); d != "" {
		s.Errorf("after destroy the hosts are not as before:\n%s", d)
	}
}

// listing is every rule of the folder's hosts.
func (s *snippets) listing() map[string]string {
	s.Helper()
	all := map[string]string{}
	for _, h := range s.hosts {
		for _, table := range []string{"nat", "filter"} {
			ipv4, ipv6, err := h.List(s.Context(), table)
			if err != nil {
				s.Fatal(err)
			}
			all[h.Name+" "+table] = ipv4 + ipv6
		}
	}
	return all
}

// promise is an output below a comment with its value.
var promise = regexp.MustCompile(`(?m)^# (["\[{].*)\noutput "(\w+)" \{`)

// outputs compares each output with the value that the comment above it shows.
func (s *snippets) outputs() {
	var text strings.Builder
	for _, name := range []string{"data-source.tf", "function.tf"} {
		if _, err := os.Stat(filepath.Join(s.folder, name)); err == nil {
			text.WriteString(s.text(name))
		}
	}
	promises := promise.FindAllStringSubmatch(text.String(), -1)
	if promises == nil && strings.HasPrefix(s.folder, "functions/") {
		s.Error("no comment says what the function gives")
	}
	if promises == nil {
		return
	}
	text.Reset()
	for _, p := range promises {
		text.WriteString("output \"promised_" + p[2] + "\" {\n  value = " + p[1] + "\n}\n")
	}
	s.write("promised.tf", text.String())
	s.ok("apply", "-auto-approve")
	for _, p := range promises {
		var got, want any
		if err := s.work.Output(s.Context(), p[2], &got); err != nil {
			s.Fatal(err)
		}
		if err := s.work.Output(s.Context(), "promised_"+p[2], &want); err != nil {
			s.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			s.Errorf("the output %s is not what its comment says (-comment +output):\n%s", p[2], d)
		}
	}
}

var (
	importTo      = regexp.MustCompile(`(?m)^ +to = (\S+)$`)
	importDone    = regexp.MustCompile(`Resources: 1 imported, 0 added, [01] changed, 0 destroyed\.`)
	importCommand = regexp.MustCompile(`(?m)^terraform import (\S+) '?([^'\n]*)'?$`)
)

// imports forgets what was applied and finds it again, in each of the ways that are shown. What a host does not say,
// such as what is ignored there, is added to the state then; the host stays as it is. In the end the state is the one of
// before: what was imported does not know what was there before it, and that a destroy brings back.
func (s *snippets) imports() {
	before, applied := s.listing(), read(s.T, filepath.Join(s.work.Folder, "terraform.tfstate"))
	for _, name := range []string{"import-by-string-id.tf", "import-by-identity.tf"} {
		if name == "import-by-identity.tf" && !tools.Has(s.T, tools.IdentityImports) {
			continue
		}
		block := s.text(name)
		s.ok("state", "rm", importTo.FindStringSubmatch(block)[1])
		s.write("import.tf", block)
		out := s.ok("apply", "-auto-approve")
		if !importDone.MatchString(out) {
			s.Errorf("%s does not find it as it was applied:\n%s", name, out)
		}
		if err := os.Remove(filepath.Join(s.work.Folder, "import.tf")); err != nil {
			s.Fatal(err)
		}
	}
	commands := importCommand.FindAllStringSubmatch(s.text("import.sh"), -1)
	if commands == nil {
		s.Error("import.sh has no command")
	}
	for _, c := range commands {
		s.ok("state", "rm", c[1])
		s.ok("import", "-input=false", c[1], c[2])
	}
	s.ok("apply", "-auto-approve")
	s.ok("plan", "-detailed-exitcode")
	if d := cmp.Diff(before, s.listing()); d != "" {
		s.Errorf("imports have changed the hosts:\n%s", d)
	}
	s.write("terraform.tfstate", applied)
}

// listed is what the queries of each folder find, among other things.
var listed = map[string][]string{
	"list-resources/iptables_service":        {"161/udp", "5432/tcp"},
	"list-resources/iptables_rule":           {"-j LOG", "--dport 161"},
	"list-resources/iptables_chain":          {"-N OFFICE", "-t nat -N WEB"},
	"list-resources/iptables_default_policy": {"-P FORWARD DROP"},
	"list-resources/iptables_ip_set":         {"create office"},
}

// TestReferenceLists runs the queries that the reference shows.
func TestReferenceLists(t *testing.T) {
	tools.Need(t, tools.Query)
	folders, err := filepath.Glob("list-resources/*")
	if err != nil || len(folders) != len(listed) {
		t.Fatalf("%d folders of queries, want %d (%v)", len(folders), len(listed), err)
	}
	f := fleet.ForTest(t, fleet.Options{Hosts: hostsOf(t, folders)})
	provider := t.TempDir()
	if err := cli.Build(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			s := newSnippets(t, f, folder, provider)
			for _, h := range s.hosts {
				shell(t, h, `
				iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 5432 -j ACCEPT
				iptables -A INPUT -s 198.51.100.9/32 -p udp --dport 161 -j ACCEPT
				iptables -A INPUT -p tcp --dport 81 -j LOG
				iptables -P FORWARD DROP
				iptables -N OFFICE
				iptables -A OFFICE -j RETURN
				iptables -A INPUT -i eth1 -j OFFICE
				iptables -t nat -N WEB
				ipset create office hash:net`)
			}
			out := s.ok("query")
			for _, want := range listed[folder] {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not listed:\n%s", want, out)
				}
			}
		})
	}
}
