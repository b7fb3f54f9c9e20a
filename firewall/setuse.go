package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// A NoSetError says that a rule, or a list of sets, was to refer to an ipset that is not there.
type NoSetError struct {
	Set string
	By  string // the line, or the set
}

func (e *NoSetError) Error() string {
	return fmt.Sprintf("the host has no ipset %s, to which this refers: %s; if Terraform makes it, let this resource depend on it "+
		"(depends_on = [iptables_ip_set.NAME], or write its name as \"set:${iptables_ip_set.NAME.name}\")", e.Set, e.By)
}

// A SetInUseError says that an ipset cannot go, or cannot become one of another type, while
// others refer to it.
type SetInUseError struct {
	Set   string
	Doing string   // "be destroyed"
	Rules []string // as the host prints them
	Lists []string // names of sets
}

func (e *SetInUseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the ipset %s cannot %s while it is in use", e.Set, e.Doing)
	if len(e.Lists) > 0 {
		fmt.Fprintf(&b, " by the ipsets %s", strings.Join(e.Lists, ", "))
	}
	if len(e.Rules) > 0 {
		if len(e.Lists) > 0 {
			b.WriteString(" and")
		}
		b.WriteString(" by these rules:\n  " + strings.Join(e.Rules, "\n  "))
	}
	return b.String()
}

// A ForeignSetError says that a set that other software owns was to be changed.
type ForeignSetError struct{ Set, Software string }

func (e *ForeignSetError) Error() string {
	return fmt.Sprintf("the ipset %s belongs to %s, which changes it without asking: choose another name", e.Set, e.Software)
}

// checkSets refuses a change of which the kernel would refuse the sets, before anything is
// sent: the error says why, where ipset says that a set is in use by a kernel component.
func checkSets(facts Facts, live, wanted iptables.Ruleset) error {
	changes := iptables.Diff(live.Only(nobody), wanted.Only(nobody)).Sets()
	hasTool := slices.Contains(facts.Tools, "ipset")
	for _, c := range changes {
		if !hasTool {
			return &MissingError{Program: "ipset", Package: "ipset"}
		}
		if software, owned := SetOwner(c.Name()); owned {
			return &ForeignSetError{c.Name(), software}
		}
		if err := checkUse(facts, live, wanted, c); err != nil {
			return err
		}
	}
	for _, name := range wanted.Sets() {
		s, _ := wanted.Set(name)
		for _, member := range s.Members() {
			if _, ok := wanted.Set(member); !ok {
				return &NoSetError{member, "ipset " + name}
			}
		}
	}
	return checkReferences(facts, live, wanted, hasTool)
}

func nobody(iptables.ChainID) bool { return false }

func checkUse(facts Facts, live, wanted iptables.Ruleset, c iptables.SetChange) error {
	var doing string
	var rules []iptables.Jump
	var lists []string
	switch setKind(c) {
	case "destroy":
		doing = "be destroyed"
		rules, lists = wanted.UsersOfSet(c.Name())
	case "replace":
		// It goes before the rules change, and comes back before they do.
		doing = fmt.Sprintf("become a %s instead of a %s", kindText(c.Wanted), kindText(c.Live))
		rules, lists = live.UsersOfSet(c.Name())
	}
	if len(rules)+len(lists) == 0 {
		return nil
	}
	e := &SetInUseError{Set: c.Name(), Doing: doing, Lists: lists}
	for _, r := range rules {
		e.Rules = append(e.Rules, r.Chain.Line(r.Rule, facts.Dialect(r.Chain.Family)))
	}
	return e
}

func kindText(s ipset.Set) string { return strings.TrimSpace(s.Type + " " + s.Family) }

// checkReferences refuses rules that name sets which are not there. A rule that the host has
// already is no matter: without the program ipset nobody knows what sets there are.
func checkReferences(facts Facts, live, wanted iptables.Ruleset, hasTool bool) error {
	var known map[string]bool
	for _, id := range wanted.Chains() {
		chain, _ := wanted.Chain(id)
		for _, r := range chain.Rules {
			for _, name := range r.Sets() {
				if _, ok := wanted.Set(name); ok {
					continue
				}
				if known == nil {
					known = referred(live)
				}
				switch {
				case known[name]:
				case !hasTool:
					return &MissingError{Program: "ipset", Package: "ipset"}
				default:
					return &NoSetError{name, id.Line(r, facts.Dialect(id.Family))}
				}
			}
		}
	}
	return nil
}

func referred(rs iptables.Ruleset) map[string]bool {
	names := map[string]bool{}
	for _, id := range rs.Chains() {
		chain, _ := rs.Chain(id)
		for _, r := range chain.Rules {
			for _, name := range r.Sets() {
				names[name] = true
			}
		}
	}
	return names
}
