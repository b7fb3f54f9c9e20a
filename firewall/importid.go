package firewall

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ServiceByID finds the service that an import ID means, without the host: a name, a port such as
// "22/tcp", both perhaps behind "-A CHAIN", or a whole line of it. The error is a *NoServiceError,
// *NoNamedServiceError or *NoLineError.
func ServiceByID(rs iptables.Ruleset, id string) (Service, error) {
	if isLine(id) {
		lines, err := FindLines(rs, id)
		var syntax *iptables.SyntaxError
		switch {
		case err == nil:
			return ServiceOf(rs, lines[0])
		case !errors.As(err, &syntax): // it could still be a name of several words
			return Service{}, err
		}
	}
	chain, what := "INPUT", id
	if rest, ok := strings.CutPrefix(id, "-A "); ok {
		chain, what, _ = strings.Cut(rest, " ")
	}
	if _, err := ParsePort(what); err == nil {
		return FindService(rs, what, chain)
	}
	return FindServiceNamed(rs, what, chain)
}

// ServiceID is the import ID of a service that a name or port finds in a chain.
func ServiceID(chain, what string) string {
	if chain == "" || chain == "INPUT" || isLine(what) {
		return what
	}
	return "-A " + chain + " " + what
}

// isLine reports whether an ID looks like a line of `iptables -S` rather than like "-A CHAIN name".
func isLine(id string) bool {
	words := strings.Fields(id)
	if len(words) == 0 {
		return false
	}
	return words[0] == "-A" && len(words) > 3 || commandOf(id) != ""
}

// PolicyByID finds the default policy that an import ID means, without the host: "-P CHAIN [POLICY]"
// or "-A CHAIN -j TARGET", perhaps behind a command. Missing are the lines that a plan will add, see
// ImportPolicy. The error is a *NoPolicyError where the chain has another.
func PolicyByID(rs iptables.Ruleset, id string) (p DefaultPolicy, missing Lines, err error) {
	words := strings.Fields(id)
	family, one := iptables.IPv4, false
	for _, f := range iptables.Families {
		if len(words) > 0 && words[0] == f.Command() {
			family, one, words = f, true, words[1:]
		}
	}
	method, policy := "policy", ""
	switch {
	case len(words) == 2 && words[0] == "-P":
	case len(words) == 3 && words[0] == "-P":
		policy = words[2]
	case len(words) == 2 && words[0] == "-A":
		method = "rule"
	case len(words) >= 4 && words[0] == "-A" && words[2] == "-j":
		method, policy = "rule", words[3]
	default:
		return p, nil, fmt.Errorf("%q is no default policy: write \"-P INPUT DROP\", or \"-A INPUT -j DROP\" where a rule at the chain's end does it", id)
	}
	p, missing, ok := ImportPolicy(rs, words[1], family, method)
	if !ok || policy != "" && p.Policy != policy {
		return p, nil, &NoPolicyError{Chain: words[1], Rules: rs}
	}
	if one {
		p.Families = []iptables.Family{family}
	}
	return p, missing, nil
}

// A NoPolicyError is a chain that has another policy than the import ID says.
type NoPolicyError struct {
	Chain string
	Rules iptables.Ruleset
}

func (e *NoPolicyError) Error() string {
	text := "the chain has no such policy; there are:"
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: e.Chain}
		c, ok := e.Rules.Chain(id)
		if !ok || c.Policy == "" {
			continue
		}
		text += "\n  " + id.PolicyLine(c.Policy)
		if n := len(c.Rules); n > 0 {
			text += "\n  " + id.Line(c.Rules[n-1], iptables.Reference)
		}
	}
	return text
}
