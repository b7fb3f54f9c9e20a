package adopt

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// LeftOut says, as comments of a configuration, what no resource was made of: of other software
// where its lines are, of all else each line and why. Hosts of which the same is to be said are
// named together. It is "" where nothing was left out.
func (f Fleet) LeftOut() string {
	var texts []string
	hosts := map[string][]string{}
	for _, a := range f.Adoptions {
		for _, l := range a.Left {
			text := l.describe()
			if _, known := hosts[text]; !known {
				texts = append(texts, text)
			}
			hosts[text] = append(hosts[text], a.Host)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("Left out:\n")
	for _, text := range texts {
		first, rest, _ := strings.Cut(text, "\n")
		fmt.Fprintf(&b, "\n%s, %s\n%s", f.these(hosts[text]), first, rest)
	}
	return commented(b.String())
}

// these names hosts in a sentence.
func (f Fleet) these(hosts []string) string {
	const most = 6
	switch {
	case len(f.Hosts) > 1 && len(hosts) == len(f.Hosts):
		return "all hosts"
	case len(hosts) > most:
		return fmt.Sprintf("%s and %d more", printable(strings.Join(hosts[:most], ", ")), len(hosts)-most)
	default:
		return printable(strings.Join(hosts, ", "))
	}
}

// describe begins with why it was left; below stands what it is.
func (l Left) describe() string {
	var b strings.Builder
	if l.Software != "" {
		fmt.Fprintf(&b, "%s, which makes its rules by itself:\n", l.Software)
		for _, c := range l.chains() {
			fmt.Fprintf(&b, "  %s\n", printable(c))
		}
		if len(l.Sets) > 0 {
			fmt.Fprintf(&b, "  ipsets: %s\n", printable(strings.Join(l.Sets, ", ")))
		}
		return b.String()
	}
	fmt.Fprintf(&b, "%s:\n", l.Reason)
	for _, name := range l.Sets {
		fmt.Fprintf(&b, "  ipset %s\n", printable(name))
	}
	for id, policy := range l.Policies {
		fmt.Fprintf(&b, "  %s\n", id.PolicyLine(policy))
	}
	for _, line := range l.Lines {
		fmt.Fprintf(&b, "  %s\n", printable(line.Text(iptables.Reference)))
	}
	return b.String()
}

// chains says where the lines are and how many, for each table: those in chains that the software
// did not make one by one.
func (l Left) chains() []string {
	type table struct {
		command, name string
	}
	var tables []table
	inside := map[table][]string{}
	own, lines := map[table]int{}, map[table]int{}
	count := map[iptables.ChainID]int{}
	for _, line := range l.Lines {
		count[line.Chain]++
	}
	for _, line := range l.Lines {
		id := line.Chain
		n, first := count[id]
		if !first {
			continue
		}
		delete(count, id)
		t := table{id.Family.Command(), id.Table}
		if !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
		if _, made := firewall.Owner(id.Name); made || !id.BuiltIn() {
			own[t]++
			lines[t] += n
			continue
		}
		inside[t] = append(inside[t], fmt.Sprintf("%d in %s", n, id.Name))
	}
	var texts []string
	for _, t := range tables {
		parts := inside[t]
		if own[t] > 0 {
			parts = append(parts, fmt.Sprintf("%d in %s of its own", lines[t], numberOf(own[t], "chain")))
		}
		texts = append(texts, fmt.Sprintf("%s -t %s: lines: %s", t.command, t.name, strings.Join(parts, ", ")))
	}
	return texts
}

// numberOf is "1 line" or "2 lines".
func numberOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printable is a text of a host for a comment or a terminal: no line break, no control character
// and nothing else that is not seen.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// Left counts the lines that are in no resource: those of other software and the others.
func (f Fleet) Left() (others, rest int) {
	for _, a := range f.Adoptions {
		for _, l := range a.Left {
			if l.Software != "" {
				others += len(l.Lines)
			} else {
				rest += len(l.Lines) + len(l.Policies) + len(l.Sets)
			}
		}
	}
	return others, rest
}
