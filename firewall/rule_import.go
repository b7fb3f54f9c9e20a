package firewall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// FindLines finds the lines of a host that a text means: what `iptables -S` prints, or the same
// rule in any spelling. With a command in front ("ip6tables -A INPUT ...") it is that family's
// line, without one the line of each family that has it. The error is a *NoLineError, which
// lists what is near, or an *iptables.SyntaxError.
func FindLines(rs iptables.Ruleset, text string) (Lines, error) {
	var found Lines
	var syntax error
	var chains []iptables.ChainID
	for _, f := range iptables.Families {
		if command := commandOf(text); command != "" && command != f.Command() {
			continue
		}
		id, rule, err := iptables.ParseLine(f.Command() + " " + strings.TrimSpace(strings.TrimPrefix(text, commandOf(text))))
		if err != nil {
			syntax = cmp.Or(syntax, err)
			continue
		}
		chains = append(chains, id)
		if placeOf(rs, id, rule) >= 0 {
			found = append(found, Line{id, rule})
		}
	}
	switch {
	case len(chains) == 0:
		return nil, syntax
	case len(found) == 0:
		return nil, noLine(rs, chains, text)
	}
	return found, nil
}

// commandOf is the command in front of a line, "" where there is none.
func commandOf(text string) string {
	word, _, _ := strings.Cut(text, " ")
	for _, f := range iptables.Families {
		if word == f.Command() {
			return word
		}
	}
	return ""
}

// FindRule finds the line that a text means, as FindLines does, and describes it: for both
// families where both have it, with its priority apart from its comment.
func FindRule(rs iptables.Ruleset, text string) (CustomRule, error) {
	lines, err := FindLines(rs, text)
	if err != nil {
		return CustomRule{}, err
	}
	first := lines[0]
	plain := CustomRule{Table: first.Chain.Table, Chain: first.Chain.Name, Spec: first.Rule.Spec(iptables.Reference)}
	candidates := []CustomRule{plain}
	if n, rest, ok := splitPriority(first.Rule.Comment()); ok {
		numbered := plain
		numbered.Priority = &n
		numbered.Spec = withoutComment(first.Rule, rest).Spec(iptables.Reference)
		candidates = []CustomRule{numbered, plain}
	}
	var families []iptables.Family
	for _, l := range lines {
		families = append(families, l.Chain.Family)
	}
	for _, c := range candidates {
		for _, of := range [][]iptables.Family{nil, families} {
			c.Families = of
			if made, err := c.Lines(); err == nil && made.Same(lines) {
				return c, nil
			}
		}
	}
	// What is printed is not always what can be typed (names that hold a blank).
	return CustomRule{}, fmt.Errorf("the line %q cannot be written as a spec", first.Text(iptables.Reference))
}

// withoutComment is the rule with what is left of its comment, or none.
func withoutComment(r iptables.Rule, rest string) iptables.Rule {
	if rest != "" {
		return withComment(r, rest)
	}
	r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), func(m iptables.Match) bool { return m.Name == "comment" })
	return r
}

// A NoLineError says that a host does not have a line.
type NoLineError struct {
	Text   string
	Chains []iptables.ChainID // where was looked, those that are there
	Near   Lines
}

func (e *NoLineError) Error() string {
	if len(e.Chains) == 0 {
		return fmt.Sprintf("the host does not have the chain of %q", e.Text)
	}
	text := fmt.Sprintf("chain %s of table %s does not have this line", e.Chains[0].Name, e.Chains[0].Table)
	if len(e.Near) == 0 {
		return text + ", nor one that is like it"
	}
	return text + "; the nearest are:\n  " + strings.Join(e.Near.Print(Reference), "\n  ")
}

// noLine lists what the chains hold that is near to the text: the lines that share most words.
func noLine(rs iptables.Ruleset, chains []iptables.ChainID, text string) *NoLineError {
	const most = 5
	e := &NoLineError{Text: text}
	type candidate struct {
		line  Line
		score int
	}
	var all []candidate
	for _, id := range chains {
		c, ok := rs.Chain(id)
		if !ok {
			continue
		}
		e.Chains = append(e.Chains, id)
		for _, r := range c.Rules {
			l := Line{id, r}
			if score := sharedWords(text, l.Text(iptables.Reference)); score > 0 {
				all = append(all, candidate{l, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for _, c := range all[:min(most, len(all))] {
		e.Near = append(e.Near, c.line)
	}
	return e
}

// sharedWords counts the words of two lines that are in both; those that nearly every line has
// count for nothing.
func sharedWords(a, b string) int {
	common := []string{"iptables", "ip6tables", "-A", "-j", "-m", "-p", "-t", "comment", "--comment"}
	words := strings.Fields(a)
	score := 0
	for i, w := range strings.Fields(b) {
		if i < 3 || slices.Contains(common, w) {
			continue // the command, -A and the chain
		}
		if slices.Contains(words, w) {
			score++
		}
	}
	return score
}
