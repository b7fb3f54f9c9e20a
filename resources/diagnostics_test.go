package resources

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

func TestFail(t *testing.T) {
	wrap := func(doing string, err error, state firewall.State) error {
		return &firewall.Error{Host: "web1", Doing: doing, Err: err, State: state, Next: "Do this next."}
	}
	for _, c := range []struct {
		name string
		err  error
		at   string // the attribute, "" for none
		text string
	}{
		{
			"a change that was taken back", wrap("changing the firewall", &firewall.LoginError{Err: errors.New("refused")}, firewall.RolledBack), "",
			"After the change no new login got through: refused.\n\nThe change was rolled back: the firewall is as it was before.\n\nDo this next.",
		},
		{"a change that was refused", wrap("changing the firewall", errors.New("no"), firewall.Unchanged), "", "No.\n\nThe firewall is unchanged.\n\nDo this next."},
		{"a plan changes nothing, and need not say so", wrap("planning it", errors.New("no"), firewall.Unchanged), "", "No.\n\nDo this next."},
		{"a host that is dead", wrap("reading the firewall", &sshexec.DialError{Host: "web1", Kind: sshexec.Refused, Err: errors.New("refused")}, 0), "host", ""},
		{"a chain that is not there", wrap("planning it", &firewall.NoChainError{Chain: iptables.ChainID{Family: 4, Table: "filter", Name: "X"}}, 0), "chain", ""},
		{"a chain of others", wrap("planning it", &firewall.ForeignChainError{}, 0), "chain", ""},
		{"a text that is no host", &HostError{Host: "a b", Err: errors.New("it has a blank")}, "host", `Host "a b": it has a blank.`},
		{"a program's own name", errors.New("iptables would refuse it"), "", "iptables would refuse it."},
		{"a list of lines", errors.New("there are:\n  -A INPUT"), "", "There are:\n  -A INPUT"},
		{"what a terminal obeys", errors.New("it said \x1b[2J\u202e\r\ndone"), "", "It said \\u001b[2J\\u202e\\u000d\ndone."},
	} {
		t.Run(c.name, func(t *testing.T) {
			var diags diag.Diagnostics
			fail(&diags, `create iptables_service "a"`, "web1", c.err)
			d := diags[0]
			want := `Could not create iptables_service "a" on host web1`
			if cause := brief(c.err); cause != "" {
				want += ": " + cause
			}
			if d.Summary() != want || len(d.Summary()) > 100 {
				t.Errorf("title %q, want %q", d.Summary(), want)
			}
			if c.text != "" && d.Detail() != c.text {
				t.Errorf("text %q, want %q", d.Detail(), c.text)
			}
			if got := attribute(d); got != c.at {
				t.Errorf("attribute %q, want %q", got, c.at)
			}
		})
	}
}

func attribute(d diag.Diagnostic) string {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return at.Path().String()
	}
	return ""
}

// TestTitled: the first line of an error has room in 100 columns, whatever the host is called; the host and the cause stay.
func TestTitled(t *testing.T) {
	for _, c := range []struct{ host, want string }{
		{"web1", `Could not create iptables_default_policy "INPUT" on host web1: it would lock you out`},
		{"web1.example.com", `Could not create iptables_default_policy on host web1.example.com: it would lock you out`},
		{"web1.lan.example.com", `Could not create iptables_default_policy on web1.lan.example.com: it would lock you out`},
		{"root@web1.lan.example.com:2222", `Could not create it on host root@web1.lan.example.com:2222: it would lock you out`},
		{strings.Repeat("h", 80), `Could not create it on host ` + strings.Repeat("h", 80) + `: it would lock you out`},
	} {
		if got := titled(`create iptables_default_policy "INPUT"`, c.host, &firewall.LockoutError{}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestClause: what a text begins with, as far as it says something.
func TestClause(t *testing.T) {
	for text, want := range map[string]string{
		`"8080" has no protocol: write "8080/tcp"`:                 `"8080" has no protocol`,
		`"22/tpc": "tpc" is no protocol; did you mean "tcp"?`:      `"22/tpc": "tpc" is no protocol`,
		"no source could connect; leave sources out":               "no source could connect",
		`it is an IPv6 address, and this service is for IPv4 only`: `it is an IPv6 address, and this service is for IPv4 only`,
		"192.0.2.7/24 has host bits. Write 192.0.2.0/24":           "192.0.2.7/24 has host bits",
		"2001:db8::/32 is not of this family":                      "2001:db8::/32 is not of this family",
	} {
		if got := clause(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestBrief: the first line says why, where a few words can.
func TestBrief(t *testing.T) {
	dead := &sshexec.DialError{Kind: sshexec.TimedOut, Err: errors.New("timeout")}
	for want, err := range map[string]error{
		"it does not answer":           fmt.Errorf("reading: %w", dead),
		"no new login got through":     &firewall.Error{Err: &firewall.LoginError{Err: dead}},
		"its host key has changed":     &sshexec.HostKeyError{Kind: sshexec.KeyChanged},
		"the login cannot become root": &sshexec.PrivilegeError{},
		"":                             errors.New("no"),
	} {
		if got := brief(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	var diags diag.Diagnostics
	refuse(&diags, []firewall.Problem{
		{Attribute: "ports", Summary: "not a port", Detail: `"0/tcp" has no such port; write "1/tcp"`},
		{Attribute: "rate_limit.rate", Summary: "not a rate", Detail: "it has no unit"},
		{Summary: "no rule is left", Detail: "no family in common" + strings.Repeat(" no family in common", 4)}, // too long for the first line
		{Attribute: "spec", Summary: "not a rule: unknown option -x", Detail: `iptables would refuse it: "-x"`},
	})
	want := []string{
		`ports: Not a port: "0/tcp" has no such port: "0/tcp" has no such port; write "1/tcp".`,
		"rate_limit: rate_limit.rate: Not a rate: it has no unit: It has no unit.",
		": No rule is left: No family in common" + strings.Repeat(" no family in common", 4) + ".",
		`spec: Not a rule: unknown option -x: iptables would refuse it: "-x".`,
	}
	for i, d := range diags {
		if got := fmt.Sprintf("%s: %s: %s", attribute(d), d.Summary(), d.Detail()); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
	if len(diags) != len(want) || !diags.HasError() {
		t.Errorf("%d diagnostics", len(diags))
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\tb\nc\x00\x7f\u0085é日"); got != "a b\nc\\u0000\\u007f\\u0085é日" {
		t.Errorf("%q", got)
	}
	if strings.ContainsRune(printable("\x1b"), 0x1b) {
		t.Error("an escape character goes through")
	}
}
