package firewall

import (
	"fmt"

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
// ipsets are: without lines that refer to one of the other family. The error is a *SetFamilyError
// where no line is left.
func (r PolicyRules) Applicable(rs iptables.Ruleset) (PolicyRules, error) {
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
