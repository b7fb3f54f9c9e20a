package firewall

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// FindServiceNamed finds the service whose lines carry its name as comment, in a chain of the
// table filter ("": INPUT). The error is a *NoNamedServiceError, which lists the names that
// are there.
func FindServiceNamed(rs iptables.Ruleset, name, chain string) (Service, error) {
	if chain == "" {
		chain = "INPUT"
	}
	var found []Service
	e := &NoNamedServiceError{Name: name, Chain: chain}
	for _, g := range gather(decodeAll(rs, chain)) {
		for _, s := range g.services(rs) {
			switch plain := g.plain().Name; {
			case plain == name || s.Name == name:
				found = append(found, s)
			case plain != "" && !slices.Contains(e.Names, plain):
				e.Names = append(e.Names, plain)
			}
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e.Matches = len(found)
	return Service{}, e
}

// services are those that the group's lines make: one, or one for each port.
func (g group) services(rs iptables.Ruleset) []Service {
	if s, ok := g.exactly(rs); ok {
		return []Service{s}
	}
	var all []Service
	var seen []Port
	for _, m := range g.members {
		if slices.Contains(seen, m.port) {
			continue
		}
		seen = append(seen, m.port)
		if s, ok := g.service(rs, m.port); ok {
			all = append(all, s)
		}
	}
	return all
}

// A NoNamedServiceError says that no service, or more than one, has a name.
type NoNamedServiceError struct {
	Name, Chain string
	Matches     int
	Names       []string // those that services of the chain have
}

func (e *NoNamedServiceError) Error() string {
	switch {
	case e.Matches > 1:
		return fmt.Sprintf("%d services in chain %s are called %q; import one by a port (\"22/tcp\") or by a whole line of it", e.Matches, e.Chain, e.Name)
	case len(e.Names) == 0:
		return fmt.Sprintf("no service in chain %s is called %q (that is, has it as comment); import it by a port (\"22/tcp\") or by a whole line of it", e.Chain, e.Name)
	default:
		return fmt.Sprintf("no service in chain %s is called %q (that is, has it as comment); there are: %s; import it by a port (\"22/tcp\") or by a whole line of it%s",
			e.Chain, e.Name, quotedNames(e.Names), didYouMean(nearest(e.Name, e.Names)))
	}
}

func quotedNames(names []string) string {
	text := ""
	for i, n := range names[:min(len(names), 20)] {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q", n)
	}
	return text
}
