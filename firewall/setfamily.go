package firewall

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A SetFamilyError says that rules refer to an ipset of another address family only, which
// iptables refuses ("protocol family of set ... is not applicable").
type SetFamilyError struct {
	Set    string
	Family string // of the set: "ipv4"
	Line   string
}

func (e *SetFamilyError) Error() string {
	return fmt.Sprintf("the ipset %s is of %s, and a rule of another family cannot refer to it: %s", e.Set, e.Family, e.Line)
}

// Applicable is what of the rules iptables accepts, as far as it is known of which family the host's
// ipsets are: without lines, rules of a chain and jumps to it that refer to one of the other family.
// The error is a *SetFamilyError where no line is left, or neither family keeps such a rule of a chain.
func (r PolicyRules) Applicable(rs iptables.Ruleset) (PolicyRules, error) {
	var mismatch *SetFamilyError
	kept := r.Lines.filter(func(l Line) bool {
		e := setMismatch(rs, l)
		if e != nil && mismatch == nil {
			mismatch = e
		}
		return e == nil
	})
	if mismatch != nil {
		if len(kept) == 0 {
			return r, mismatch
		}
		r.Lines = kept
	}
	return r.applicableChains(rs)
}

func (r PolicyRules) applicableChains(rs iptables.Ruleset) (PolicyRules, error) {
	var mismatches []*SetFamilyError
	used := map[string]bool{}
	applies := func(l Line) bool {
		e := setMismatch(rs, l)
		if e != nil {
			mismatches = append(mismatches, e)
			return false
		}
		for _, name := range l.Rule.Sets() {
			used[name] = true
		}
		return true
	}
	chains := slices.Clone(r.Chains)
	for i := range chains {
		own := &chains[i]
		own.Rules = slices.DeleteFunc(slices.Clone(own.Rules), func(rule iptables.Rule) bool { return !applies(Line{own.Chain, rule}) })
		if own.Jump != nil && !applies(own.Jump.Line) {
			own.Jump = nil
		}
	}
	for _, e := range mismatches {
		if !used[e.Set] {
			return r, e
		}
	}
	if len(mismatches) > 0 {
		r.Chains = chains
	}
	return r, nil
}

func setMismatch(rs iptables.Ruleset, l Line) *SetFamilyError {
	for _, name := range l.Rule.Sets() {
		s, _ := rs.Set(name)
		if f := familyNames[s.Family]; s.Family != "" && f != l.Chain.Family.String() {
			return &SetFamilyError{s.Name, f, l.Text(iptables.Reference)}
		}
	}
	return nil
}

// familyNames are the families of sets as attributes call them.
var familyNames = map[string]string{"inet": iptables.IPv4.String(), "inet6": iptables.IPv6.String()}
