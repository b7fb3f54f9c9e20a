package tools

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A Feature of the CLIs is one that the provider serves and that older CLIs do not have.
type Feature struct {
	Name string
	// Terraform and OpenTofu are the versions ("1.8") from which on they have it; "" is: not yet.
	Terraform, OpenTofu string
}

// What tests ask for, and the guide on versions lists.
var (
	ImportForEach = Feature{"`for_each` in `import` blocks", "1.7", "1.7"}
	Removed       = Feature{"`removed` blocks with `destroy = false`", "1.7", "1.10"}
	Functions     = Feature{"functions of providers", "1.8", "1.7"}
	// OpenTofu 1.12.6 moves a default policy into a firewall, and on the way back says `attributes "chain", "family",
	// and "method" are required`, which are what the firewall does not have.
	MovedTypes    = Feature{"`moved` blocks from a firewall to its policy", "1.8", ""}
	GeneratedKeys = Feature{"generated configuration of maps with keys such as `22/tcp`", "1.9", ""}
	// OpenTofu 1.12.6 crashes: its evaluation of assertions has no providers to ask.
	TestFunctions   = Feature{"functions of providers in the assertions of `terraform test`", "1.8", ""}
	EphemeralInput  = Feature{"variables that are `ephemeral`", "1.10", "1.11"}
	IdentityImports = Feature{"import by identity", "1.12", "1.12"}
	Query           = Feature{"`terraform query`", "1.14", ""}
)

// Features are all of them, oldest first.
var Features = []Feature{ImportForEach, Removed, Functions, TestFunctions, MovedTypes, GeneratedKeys, EphemeralInput, IdentityImports, Query}

// A Program is a CLI that tests run.
type Program struct {
	Product string // "Terraform" or "OpenTofu"
	Version string // "1.5.7"
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)`)

// ProgramAt asks the CLI at a path what it is.
func ProgramAt(path string) (Program, error) {
	out, err := exec.Command(path, "version").Output()
	if err != nil {
		return Program{}, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	m := versionLine.FindStringSubmatch(string(out))
	if m == nil {
		return Program{}, fmt.Errorf("%s is neither Terraform nor OpenTofu: it says %q", path, out)
	}
	return Program{m[1], m[2]}, nil
}

// Lacks says why a program cannot show a feature, or "".
func (p Program) Lacks(f Feature) string {
	since := f.Terraform
	if p.Product == "OpenTofu" {
		since = f.OpenTofu
	}
	if since != "" && !older(p.Version, since) {
		return ""
	}
	sources := []string{"Terraform " + f.Terraform}
	if f.OpenTofu != "" {
		sources = append(sources, "OpenTofu "+f.OpenTofu)
	}
	return fmt.Sprintf("%s %s does not have %s (%s)", p.Product, p.Version, f.Name, strings.Join(sources, ", "))
}

// older compares major and minor versions.
func older(version, since string) bool {
	var have, need struct{ major, minor int }
	for text, v := range map[string]*struct{ major, minor int }{version: &have, since: &need} {
		if _, err := fmt.Sscanf(text, "%d.%d", &v.major, &v.minor); err != nil {
			panic(fmt.Sprintf("version %q: %v", text, err))
		}
	}
	return have.major < need.major || have.major == need.major && have.minor < need.minor
}

// LeftOut is how a test says what it does not do with this CLI; `make test-clis` gathers these lines.
const LeftOut = "left out: "

// Has says whether the CLI that tests run has a feature. If not, the test's log says so.
func Has(tb testing.TB, f Feature) bool {
	tb.Helper()
	path, err := Terraform()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := ProgramAt(path)
	if err != nil {
		tb.Fatal(err)
	}
	reason := p.Lacks(f)
	if reason != "" {
		tb.Log(LeftOut + reason)
	}
	return reason == ""
}

// Need skips a test that is about a feature which the CLI does not have. With the pinned one none is skipped.
func Need(tb testing.TB, f Feature) {
	tb.Helper()
	if !Has(tb, f) {
		tb.SkipNow()
	}
}
