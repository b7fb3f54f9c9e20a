package firewall

import (
	"context"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A LiveRule is a rule of a host, with its place.
type LiveRule struct {
	Line
	Number int // in its chain, from 1
	// Software has put it there (see LineOwner); "" for none that is known.
	Software string
	Counters *iptables.Counters // nil where they were not read
}

// A RuleFilter picks rules. The zero RuleFilter picks all.
type RuleFilter struct {
	Family       iptables.Family
	Table, Chain string
	Target       string // the target, or the chain to which the rule leads
	Text         string // stands in the line
	Unmanaged    bool   // neither of other software nor among Managed
	Managed      Lines
}

// Rules are the rules that the filter picks, in the order of Chains and of the rules of each.
func (f RuleFilter) Rules(rs iptables.Ruleset, dialect func(iptables.Family) iptables.Dialect, counters map[iptables.ChainID][]iptables.Counters) []LiveRule {
	managed := map[string]bool{}
	for _, l := range f.Managed {
		managed[l.Key()] = true
	}
	var picked []LiveRule
	for _, id := range f.chains(rs) {
		chain, _ := rs.Chain(id)
		counted := counters[id]
		for i, r := range chain.Rules {
			live := LiveRule{Line: Line{id, r}, Number: i + 1}
			live.Software, _ = LineOwner(rs, live.Line)
			if len(counted) == len(chain.Rules) {
				live.Counters = &counted[i]
			}
			switch {
			case f.Target != "" && r.Target.Name != f.Target,
				f.Text != "" && !strings.Contains(live.Text(dialect(id.Family)), f.Text),
				f.Unmanaged && (live.Software != "" || managed[live.Key()]):
				continue
			}
			picked = append(picked, live)
		}
	}
	return picked
}

// Policies are the policies of the chains that the filter looks at, as lines.
func (f RuleFilter) Policies(rs iptables.Ruleset) []string {
	var lines []string
	for _, id := range f.chains(rs) {
		if chain, _ := rs.Chain(id); chain.Policy != "" {
			lines = append(lines, id.PolicyLine(chain.Policy))
		}
	}
	return lines
}

func (f RuleFilter) chains(rs iptables.Ruleset) []iptables.ChainID {
	var ids []iptables.ChainID
	for _, id := range rs.Chains() {
		if (f.Family == 0 || f.Family == id.Family) && (f.Table == "" || f.Table == id.Table) && (f.Chain == "" || f.Chain == id.Name) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Counted reads the host anew, in a session of its own, with the counters of all rules. The error is an *Error.
func (h *Host) Counted(ctx context.Context) (iptables.Ruleset, map[iptables.ChainID][]iptables.Counters, error) {
	runner, release := h.connection.use()
	defer release()
	rules, counters, err := readCounted(ctx, runner, h.options)
	if err != nil {
		return rules, nil, h.fail("reading the counters", err, Unchanged, "")
	}
	return rules, counters, nil
}
