package firewall

import (
	"slices"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// onHost is a ruleset from what `iptables -S` prints, both families in one text: lines are
// iptables' unless led by "ip6tables". Blank lines and lines that begin with # do not count.
func onHost(tb testing.TB, text string) iptables.Ruleset {
	tb.Helper()
	var rs iptables.Ruleset
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if id, policy, err := iptables.ParsePolicyLine(line); err == nil {
			c, _ := rs.Chain(id)
			rs = rs.WithChain(id, iptables.Chain{Policy: policy, Rules: c.Rules})
			continue
		}
		if head, name, ok := strings.Cut(line, "-N "); ok {
			id := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: name}
			if strings.HasPrefix(head, "ip6tables") {
				id.Family = iptables.IPv6
			}
			if _, table, ok := strings.Cut(head, "-t "); ok {
				id.Table = strings.TrimSpace(table)
			}
			rs = rs.WithChain(id, iptables.Chain{})
			continue
		}
		id, rule, err := iptables.ParseLine(line)
		if err != nil {
			tb.Fatalf("%s: %v", line, err)
		}
		c, ok := rs.Chain(id)
		if !ok {
			tb.Fatalf("%s: no such chain", line)
		}
		c.Rules = append(slices.Clip(c.Rules), rule)
		rs = rs.WithChain(id, c)
	}
	return rs
}

// printed is what onHost reads, without untouched chains; the command stands in front of
// IPv6 lines only.
func printed(rs iptables.Ruleset) string {
	var b strings.Builder
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		head := ""
		if id.Family == iptables.IPv6 {
			head = "ip6tables "
		}
		if id.Table != "filter" {
			head += "-t " + id.Table + " "
		}
		switch {
		case !id.BuiltIn():
			b.WriteString(head + "-N " + id.Name + "\n")
		case c.Policy != "ACCEPT":
			b.WriteString(head + "-P " + id.Name + " " + c.Policy + "\n")
		}
		for _, r := range c.Rules {
			b.WriteString(strings.TrimPrefix(Line{id, r}.Text(iptables.Reference), "iptables ") + "\n")
		}
	}
	return b.String()
}

// linesOf reads lines as onHost does.
func linesOf(tb testing.TB, text string) Lines {
	tb.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	ls, err := ParseLines(lines)
	if err != nil {
		tb.Fatal(err)
	}
	return ls
}

// applied is the ruleset after an edit that must succeed.
func applied(tb testing.TB, rs iptables.Ruleset, edit Edit) iptables.Ruleset {
	tb.Helper()
	after, err := edit(rs)
	if err != nil {
		tb.Fatal(err)
	}
	return after
}

// text is what lines are compared by in tests.
func textOf(ls Lines) string {
	if len(ls) == 0 {
		return ""
	}
	return strings.Join(ls.Print(Reference), "\n") + "\n"
}
