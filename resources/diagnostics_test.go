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
		{Attribute: "ports", Summary: "not a port", Detail: `"0/tcp" is none`},
		{Attribute: "rate_limit.rate", Summary: "not a rate", Detail: "it has no unit"},
		{Summary: "no rule is left", Detail: "no family in common"},
	})
	want := []string{"ports: Not a port: \"0/tcp\" is none.", "rate_limit: rate_limit.rate: Not a rate: It has no unit.", ": No rule is left: No family in common."}
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
