package resources

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// fail adds an error: the title says what could not be done, where, and in a few words why; the text what
// happened, in what state the host is now, and what to do next.
func fail(diags *diag.Diagnostics, doing, host string, err error) {
	title := titled(doing, host, err)
	if at, ok := attributeOf(err); ok {
		diags.AddAttributeError(at, title, explained(err))
		return
	}
	diags.AddError(title, explained(err))
}

// maxTitle is what fits into 100 columns behind the frame and "Error: ". Terraform wraps texts, not titles.
const maxTitle = 90

// titled is the first line of an error. Where a line has no room for all of it, what Terraform says below, where it
// names the resource, goes first. The host and the cause always stay.
func titled(doing, host string, err error) string {
	where, cause := "", brief(err)
	if host != "" {
		where = " on host " + host
	}
	if cause != "" {
		cause = ": " + cause
	}
	anonymous, _, _ := strings.Cut(doing, " \"")
	verb, _, _ := strings.Cut(doing, " ")
	title := ""
	for _, form := range []string{doing + where, anonymous + where, anonymous + strings.Replace(where, "host ", "", 1), verb + " it" + where} {
		if title = printable("Could not " + form + cause); len([]rune(title)) <= maxTitle {
			break
		}
	}
	return title
}

// shortened is a text of a person for a title, which has to fit a terminal: the configuration has the whole.
func shortened(s string) string {
	const most = 24
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return s
}

// explained is the text of an error, with the state of the host and what to do next.
func explained(err error) string {
	var failed *firewall.Error
	if !errors.As(err, &failed) {
		return printable(ended(err.Error()))
	}
	parts := []string{ended(failed.Err.Error())}
	if failed.State != firewall.Unchanged || changes(failed) {
		parts = append(parts, failed.State.String())
	}
	if failed.Next != "" {
		parts = append(parts, failed.Next)
	}
	return printable(strings.Join(parts, "\n\n"))
}

// changes reports whether anybody could think that the host was changed.
func changes(failed *firewall.Error) bool {
	return !strings.HasPrefix(failed.Doing, "reading ") && !strings.HasPrefix(failed.Doing, "planning ")
}

// ended is a text as a sentence. One that ends in a list of lines, each indented, stays as it is.
func ended(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	s = capitalised(s)
	last := s[strings.LastIndexByte(s, '\n')+1:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasPrefix(last, "  ") {
		return s
	}
	return s + "."
}

// capitalised begins with a capital letter, unless it begins with the name of a program.
func capitalised(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.HasPrefix(word, "iptables_") {
		return s
	}
	switch word {
	case "iptables", "ip6tables", "firewalld", "docker", "sudo", "sshd":
		return s
	}
	first := []rune(s)
	first[0] = unicode.ToUpper(first[0])
	return string(first)
}

// attributeOf is the attribute at fault, so that Terraform shows the line.
func attributeOf(err error) (path.Path, bool) {
	var (
		host      *HostError
		unknown   *UnknownError
		dial      *sshexec.DialError
		auth      *sshexec.AuthError
		key       *sshexec.HostKeyError
		privilege *sshexec.PrivilegeError
		config    *sshexec.ConfigError
		chain     *firewall.NoChainError
		foreign   *firewall.ForeignChainError
		spec      *firewall.SpecError
	)
	switch {
	case errors.As(err, &host), errors.As(err, &unknown), errors.As(err, &dial), errors.As(err, &auth), errors.As(err, &key),
		errors.As(err, &privilege), errors.As(err, &config):
		return path.Root("host"), true
	case errors.As(err, &chain), errors.As(err, &foreign):
		return path.Root("chain"), true
	case errors.As(err, &spec) && spec.Number > 0:
		return path.Root("rules"), true
	case errors.As(err, &spec):
		return path.Root("spec"), true
	}
	return path.Path{}, false
}

// refuse adds an error for each thing that is wrong with a configuration. One inside an object
// is reported at the object and named in the title: Terraform (up to 1.16) shows the line of
// an attribute of a resource, but not of an object's.
func refuse(diags *diag.Diagnostics, problems []firewall.Problem) {
	for _, p := range problems {
		title, text := printable(strings.TrimSuffix(ended(p.Summary), ".")), printable(ended(p.Detail))
		root, _, nested := strings.Cut(p.Attribute, ".")
		if nested {
			title = p.Attribute + ": " + title
		}
		if more := title + ": " + printable(clause(p.Detail)); !strings.Contains(p.Summary, ": ") && len([]rune(more)) <= maxTitle {
			title = more
		}
		if root == "" {
			diags.AddError(title, text)
			continue
		}
		diags.AddAttributeError(path.Root(root), title, text)
	}
}

// said is what a clause has beside the value that it is about.
var said = regexp.MustCompile(`"[^"]*"`)

// clause is what a text begins with, up to the first pause behind two words: `"8080" has no protocol`.
func clause(text string) string {
	for i, c := range text {
		pause := i+1 == len(text) || text[i+1] == ' '
		if (c == ':' || c == ';' || c == '.') && pause && len(strings.Fields(said.ReplaceAllString(text[:i], ""))) > 1 {
			return text[:i]
		}
	}
	return strings.TrimSuffix(text, ".")
}

// warnOnce adds what a person should know of a host, the first time that it is asked about.
func (h *Host) warnOnce(diags *diag.Diagnostics, facts firewall.Facts) {
	h.told.Do(func() { h.warn(diags, h.Host.Warnings(facts)) })
}

func (h *Host) warn(diags *diag.Diagnostics, warnings []string) {
	for _, w := range append(warnings, h.Warnings...) {
		diags.AddWarning(printable("About host "+h.Name()), printable(ended(w)))
	}
}

// printable replaces control characters: text of a host may hold what a terminal obeys.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// indented are lines as the text of a diagnostic shows them: Terraform does not wrap those.
func indented(lines []string) string { return "  " + strings.Join(lines, "\n  ") }
