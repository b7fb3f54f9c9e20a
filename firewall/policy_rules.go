package firewall

import (
	"maps"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// All are the lines, and those of the chains that are its own.
func (r PolicyRules) All() Lines {
	lines := slices.Clone(r.Lines)
	for _, own := range r.Chains {
		lines = append(lines, own.all()...)
	}
	return lines
}

// Families are the families that anything of it is of.
func (r PolicyRules) Families() []iptables.Family {
	of := map[iptables.Family]bool{}
	for _, l := range r.Lines {
		of[l.Chain.Family] = true
	}
	for id := range r.Policies {
		of[id.Family] = true
	}
	for _, own := range r.Chains {
		of[own.Chain.Family] = true
	}
	for _, t := range r.Tables {
		of[t.Family] = true
	}
	for _, e := range r.Exclusive {
		of[e.Chain.Family] = true
	}
	return slices.Sorted(maps.Keys(of))
}

// Of is what of it belongs to the families.
func (r PolicyRules) Of(families []iptables.Family) PolicyRules {
	other := func(id iptables.ChainID) bool { return !slices.Contains(families, id.Family) }
	kept := PolicyRules{Policies: maps.Clone(r.Policies), Sets: r.Sets}
	maps.DeleteFunc(kept.Policies, func(id iptables.ChainID, _ string) bool { return other(id) })
	kept.Lines = r.Lines.filter(func(l Line) bool { return !other(l.Chain) })
	kept.Chains = slices.DeleteFunc(slices.Clone(r.Chains), func(own OwnChain) bool { return other(own.Chain) })
	kept.Tables = slices.DeleteFunc(slices.Clone(r.Tables), func(t OwnTable) bool { return !slices.Contains(families, t.Family) })
	kept.Exclusive = slices.DeleteFunc(slices.Clone(r.Exclusive), func(e Exclusive) bool { return other(e.Chain) })
	return kept
}

// Same reports whether two are the same lines, policies, chains and sets in the same order, for
// which the same others are spared.
func (r PolicyRules) Same(o PolicyRules) bool {
	return slices.EqualFunc(r.Lines, o.Lines, func(a, b Line) bool { return a.Key() == b.Key() }) &&
		maps.Equal(r.Policies, o.Policies) &&
		slices.EqualFunc(r.Chains, o.Chains, OwnChain.same) &&
		slices.EqualFunc(r.Tables, o.Tables, OwnTable.same) &&
		slices.EqualFunc(r.Exclusive, o.Exclusive, Exclusive.same) &&
		slices.EqualFunc(r.Sets, o.Sets, IPSet.same)
}

func (own OwnChain) same(o OwnChain) bool {
	jumps := own.Jump == nil && o.Jump == nil ||
		own.Jump != nil && o.Jump != nil && own.Jump.Position == o.Jump.Position && own.Jump.Line.Key() == o.Jump.Line.Key()
	return own.Chain == o.Chain && own.Ignore.same(o.Ignore) && jumps && slices.EqualFunc(own.Rules, o.Rules, iptables.Rule.Equal)
}

func (e Exclusive) same(o Exclusive) bool {
	return e.Chain == o.Chain && e.Report == o.Report && e.Ignore.same(o.Ignore) && maps.Equal(e.managed(), o.managed())
}

// With is what a resource has by its state: what its attributes stand for, and besides what was
// listed when it was last read. Of chains that are its own the attributes say all.
func (r PolicyRules) With(listed PolicyRules) PolicyRules {
	jumps := map[string]bool{}
	for _, own := range r.Chains {
		if own.Jump != nil {
			jumps[own.Jump.Line.Key()] = true
		}
	}
	r.Lines = append(slices.Clip(r.Lines), listed.Lines.filter(func(l Line) bool {
		return !jumps[l.Key()] && !slices.ContainsFunc(r.Chains, func(own OwnChain) bool { return own.Chain == l.Chain })
	})...).Unique()
	policies := maps.Clone(listed.Policies)
	if policies == nil {
		policies = Policies{}
	}
	maps.Copy(policies, r.Policies)
	r.Policies = policies
	return r
}

// There reports whether the host has anything of it.
func (r PolicyRules) There(rs iptables.Ruleset) bool {
	has := func(id iptables.ChainID) bool {
		_, there := rs.Chain(id)
		return there
	}
	return len(r.Policies)+len(r.Tables) > 0 || len(Existing(rs, nil, r.Lines)) > 0 || len(r.ExistingSets(rs, PolicyRules{})) > 0 ||
		slices.ContainsFunc(r.Chains, func(own OwnChain) bool { return has(own.Chain) }) ||
		slices.ContainsFunc(r.Exclusive, func(e Exclusive) bool { return has(e.Chain) })
}

// ExistingSets are the names of its sets that the host has already although they are not among
// the previous ones.
func (r PolicyRules) ExistingSets(rs iptables.Ruleset, previous PolicyRules) []string {
	var names []string
	for _, s := range r.Sets {
		_, there := rs.Set(s.Name)
		if there && !slices.ContainsFunc(previous.Sets, func(had IPSet) bool { return had.Name == s.Name }) {
			names = append(names, s.Name)
		}
	}
	return names
}

// Displaced are the lines that would be taken away from chains that were not its own before.
func (r PolicyRules) Displaced(rs iptables.Ruleset, previous PolicyRules) Lines {
	var gone Lines
	for _, own := range r.Chains {
		if !slices.ContainsFunc(previous.Chains, func(had OwnChain) bool { return had.Chain == own.Chain }) {
			is, _ := own.present(rs)
			gone = append(gone, is.lines().Without(own.lines())...)
		}
	}
	for _, e := range r.Exclusive {
		known := slices.ContainsFunc(previous.Exclusive, func(had Exclusive) bool { return had.Chain == e.Chain && !had.Report })
		if !known && !e.Report {
			gone = append(gone, e.Unmanaged(rs)...)
		}
	}
	return gone
}

// Reported are the lines that stand in exclusive chains, should not, and stay; nil where no chain
// is only reported on.
func (r PolicyRules) Reported(rs iptables.Ruleset) Lines {
	var found Lines
	for _, e := range r.Exclusive {
		if e.Report {
			found = append(append(Lines{}, found...), e.Unmanaged(rs)...)
		}
	}
	return found
}
