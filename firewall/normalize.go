package firewall

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Normalizing says how Normalize reads and prints. The zero value is for the reference dialect.
type Normalizing struct {
	Family  iptables.Family // 0: that of the command or the addresses, else the first for which the text is right
	Table   string          // which the rule must fit; "": any
	Dialect iptables.Dialect
}

// Normalize is the one canonical form of a rule, as `iptables -S` prints it: of what follows -A CHAIN
// ("-p tcp --dport https -j ACCEPT") just that, of a whole command, the chain's name included, the line led
// by its command. A policy ("-P INPUT DROP") is a whole command too. A text that stands for several rules is
// an error, which lists them.
func Normalize(text string, how Normalizing) (string, error) {
	if how.Dialect == (iptables.Dialect{}) {
		how.Dialect = iptables.Reference
	}
	if id, policy, err := iptables.ParsePolicyLine(text); err == nil {
		return id.PolicyLine(policy), how.fits(id)
	}
	families := CustomRule{Spec: text}.families()
	if how.Family != 0 {
		families = []iptables.Family{how.Family}
	}
	var first error
	for _, f := range families {
		id, rules, err := iptables.ParseTyped(f, text)
		if err == nil && len(rules) > 0 {
			return how.print(id, rules)
		}
		if err == nil {
			err = errors.New("it is marked for the other family, by -4 or -6")
		}
		if first == nil {
			first = fmt.Errorf("%s would refuse it: %w", f.Command(), err)
		}
	}
	return "", first
}

func (how Normalizing) print(id iptables.ChainID, rules []iptables.Rule) (string, error) {
	text := make([]string, len(rules))
	for i, r := range rules {
		if id.Name != "" {
			text[i] = id.Line(r, how.Dialect)
			continue
		}
		text[i] = strings.TrimRight(r.Spec(how.Dialect), " ")
		if _, err := iptables.ParseSpec(r.Family, how.Table, r.Input(how.Dialect)); err != nil {
			return "", fmt.Errorf("table %s: %w", how.Table, err)
		}
	}
	if len(text) > 1 {
		return "", fmt.Errorf("it stands for %d rules; write one address in each:\n  %s", len(text), strings.Join(text, "\n  "))
	}
	return text[0], how.fits(id)
}

// fits compares what the text says of itself with what is asked for.
func (how Normalizing) fits(id iptables.ChainID) error {
	switch {
	case how.Family != 0 && how.Family != id.Family:
		return fmt.Errorf("it is a line of %s, and %s was asked for", id.Family.Command(), how.Family)
	case how.Table != "" && id.Table != "" && how.Table != id.Table:
		return fmt.Errorf("it is a line of table %s, and %s was asked for", id.Table, how.Table)
	}
	return nil
}
