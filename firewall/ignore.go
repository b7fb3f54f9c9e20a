package firewall

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Ignore says which chains and lines belong to others and stay as they are where a chain or a
// table is owned whole. The zero Ignore spares nothing; start from ParseIgnore.
type Ignore struct {
	owners bool // what other software is known to put there
	chains []*regexp.Regexp
	lines  []*regexp.Regexp
}

// ParseIgnore reads patterns, in which * stands for any text and ? for one character. A pattern
// with a blank is one of whole lines, as `iptables -S` prints them, with the command in
// front or without ("-A INPUT -s 10.*"). Any other is one of chains: their lines stay, and the
// jumps to them. What other software is known to put on a host is ignored besides, unless
// forced.
func ParseIgnore(patterns []string, forced bool) (Ignore, error) {
	ignore := Ignore{owners: !forced}
	for _, p := range patterns {
		text := strings.TrimSpace(p)
		switch {
		case text == "":
			return Ignore{}, fmt.Errorf("an empty pattern")
		case text == "*":
			return Ignore{}, fmt.Errorf(`"*" ignores everything`)
		case strings.Contains(text, " "):
			ignore.lines = append(ignore.lines, glob(text))
		default:
			ignore.chains = append(ignore.chains, glob(text))
		}
	}
	return ignore, nil
}

// glob is a pattern of whole texts. That of path.Match stops at a slash, which addresses have.
func glob(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(quoted)
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`)
}

// Chain reports whether the chain with its lines and the jumps to it is left alone. No pattern
// takes in a built-in chain, and Docker makes DOCKER-USER for others.
func (i Ignore) Chain(rs iptables.Ruleset, id iptables.ChainID) bool {
	if id.Name == dockersGift {
		return i.pattern(id)
	}
	return i.target(rs, id)
}

// target reports whether jumps to the chain are left alone.
func (i Ignore) target(rs iptables.Ruleset, id iptables.ChainID) bool {
	if id.BuiltIn() {
		return false
	}
	_, owned := OwnerOn(rs, id)
	return owned && i.owners || i.pattern(id)
}

// pattern reports whether the configuration says so of the chain.
func (i Ignore) pattern(id iptables.ChainID) bool {
	return !id.BuiltIn() && slices.ContainsFunc(i.chains, func(p *regexp.Regexp) bool { return p.MatchString(id.Name) })
}

// Line reports whether a line is left alone in a chain that is not.
func (i Ignore) Line(rs iptables.Ruleset, l Line) bool {
	if i.owners {
		if _, owned := ownersLine(rs, l); owned {
			return true
		}
	}
	return i.named(rs, l)
}

// named reports whether a line is left alone because of the chain that it jumps to, or of a
// pattern: not only because it looks like what other software writes.
func (i Ignore) named(rs iptables.Ruleset, l Line) bool {
	target := iptables.ChainID{Family: l.Chain.Family, Table: l.Chain.Table, Name: l.Rule.Target.Name}
	if verdictOf(l.Rule) == branching && i.target(rs, target) {
		return true
	}
	if len(i.lines) == 0 {
		return false
	}
	text := l.Text(iptables.Reference)
	bare := strings.TrimPrefix(text, l.Chain.Family.Command()+" ")
	return slices.ContainsFunc(i.lines, func(p *regexp.Regexp) bool { return p.MatchString(text) || p.MatchString(bare) })
}

// others are the lines among a chain's rules that are left alone.
func (i Ignore) others(rs iptables.Ruleset, id iptables.ChainID) func(iptables.Rule) bool {
	return func(r iptables.Rule) bool { return i.Line(rs, Line{id, r}) }
}

// refuse is a *ForeignChainError for a chain that other software owns, unless the software is not
// to be spared.
func (i Ignore) refuse(rs iptables.Ruleset, id iptables.ChainID) error {
	if software, ok := OwnerOn(rs, id); ok && i.owners && id.Name != dockersGift {
		return &ForeignChainError{id, software}
	}
	return nil
}

// same reports whether two leave alone the same, as far as their patterns tell.
func (i Ignore) same(o Ignore) bool {
	equal := func(a, b *regexp.Regexp) bool { return a.String() == b.String() }
	return i.owners == o.owners && slices.EqualFunc(i.chains, o.chains, equal) && slices.EqualFunc(i.lines, o.lines, equal)
}
