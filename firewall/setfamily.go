package firewall

import (
	"fmt"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A SetFamilyError says that rules look into an ipset of another address family only, where no
// packet of theirs can be.
type SetFamilyError struct {
	Set    string
	Family string // of the set: "ipv4"
	Line   string
}

func (e *SetFamilyError) Error() string {
	return fmt.Sprintf("the ipset %s is of %s, and no packet of another family is in it: %s", e.Set, e.Family, e.Line)
}

// Matching is what of the rules can match, as far as it is known of which family the host's ipsets
// are: without lines of the other family that look into them. The kernel loads such a line (ip_set_test
// then finds nothing). The error is a *SetFamilyError where no line is left.
func (r PolicyRules) Matching(rs iptables.Ruleset) (PolicyRules, error) {
	var mismatch *SetFamilyError
	kept := r.Lines.filter(func(l Line) bool {
		e := setMismatch(rs, l)
		if e != nil && mismatch == nil {
			mismatch = e
		}
		return e == nil
	})
	if mismatch == nil {
		return r, nil
	}
	if len(kept) == 0 {
		return r, mismatch
	}
	r.Lines = kept
	return r, nil
}

func setMismatch(rs iptables.Ruleset, l Line) *SetFamilyError {
	for _, m := range l.Rule.Matches {
		if m.Name != "set" {
			continue
		}
		for _, o := range m.Options {
			if o.Name != "--match-set" || o.Negated || len(o.Values) == 0 {
				continue
			}
			s, _ := rs.Set(o.Values[0])
			if f := familyNames[s.Family]; s.Family != "" && f != l.Chain.Family.String() {
				return &SetFamilyError{s.Name, f, l.Text(iptables.Reference)}
			}
		}
	}
	return nil
}

// familyNames are the families of sets as attributes call them.
var familyNames = map[string]string{"inet": iptables.IPv4.String(), "inet6": iptables.IPv6.String()}
