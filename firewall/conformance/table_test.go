package conformance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of supported hosts into the template of the guide")

const guide = "../../templates/guides/supported-hosts.md"

// The tables of the guide are made of what is tested, and nothing else: go test ./firewall/conformance -run
// TestTheGuide -update writes them, and make docs carries them over.
func TestTheGuide(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	var hosts, missing strings.Builder
	hosts.WriteString("| host | iptables | init | restores by | SSH server | proved by |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, r := range rows() {
		backend := r.Backend
		if backend == "" {
			backend = "nft"
		}
		by := "`" + r.mechanism + "`"
		fmt.Fprintf(&hosts, "| %s | %s, %s | %s | %s | %s | `TestRows/%s` |\n", r.is, r.iptables, backend, r.init, by, r.login, r.Name)
	}
	missing.WriteString("| what is missing | what happens | proved on |\n| --- | --- | --- |\n")
	for _, l := range lacks() {
		fmt.Fprintf(&missing, "| %s | %s | `TestLacks/%s` |\n", l.what, l.happens, l.host)
	}
	want := string(text)
	for name, table := range map[string]string{"hosts": hosts.String(), "missing": missing.String()} {
		want = between(t, want, "<!-- "+name+": made by a test -->\n", "<!-- end of "+name+" -->\n", table)
	}
	if *update {
		if err := os.WriteFile(guide, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Errorf("%s does not say what is tested: run this test with -update, then make docs", guide)
	}
}

// between is the text with what stands between two lines replaced.
func between(t *testing.T, text, from, to, by string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, from)
	_, tail, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("%s has no lines %q and %q", guide, from, to)
	}
	return head + from + "\n" + by + "\n" + to + tail
}
