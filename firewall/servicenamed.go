package firewall

import (
	"fmt"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// FindServiceNamed finds the service whose lines have that name as comment, in a chain of the
// table filter ("": INPUT); where there is none, the one with the ports that the catalogue
// knows for it. The error is a *NoNamedServiceError, which lists the names that are there.
func FindServiceNamed(rs iptables.Ruleset, name, chain string) (Service, error) {
	if chain == "" {
		chain = "INPUT"
	}
	groups := gather(decodeAll(rs, chain))
	var found []Service
	for _, g := range groups {
		if _, called := g.called(); called == name {
			for _, s := range g.services(rs) {
				found = append(found, s.under(name))
			}
		}
	}
	e := &NoNamedServiceError{Name: name, Chain: chain}
	if len(found) == 0 {
		found = e.known(rs, groups)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e.Matches = len(found)
	return Service{}, e
}

// under is the service with its comment as its name, where that makes the same lines.
func (s Service) under(name string) Service {
	if s.Name == name {
		return s
	}
	other := s
	other.Name, other.Comment = name, ""
	if known, ok := Lookup(s.Name); ok && s.Ports == nil {
		other.Ports = known.Ports
	}
	mine, err := s.Lines()
	lines, also := other.Lines()
	if err != nil || also != nil || !lines.Same(mine) {
		return s
	}
	return other
}

// Services are those that a chain of the table filter holds, in the order of their first lines: what
// FindService finds for any of the ports. Each line is one service's at most, apart from lines that
// log and limit for several.
func Services(rs iptables.Ruleset, chain string) []Service {
	var all []Service
	for _, g := range gather(decodeAll(rs, chain)) {
		all = append(all, g.services(rs)...)
	}
	return all
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

// known are the services with the ports that the catalogue knows for the name. It takes down the
// names of all others.
func (e *NoNamedServiceError) known(rs iptables.Ruleset, groups []group) []Service {
	var known []Service
	for _, g := range groups {
		_, comment := g.called()
		for _, s := range g.services(rs) {
			switch {
			case s.Name == e.Name:
				known = append(known, s)
			case comment != "" && !slices.Contains(e.Names, comment):
				e.Names = append(e.Names, comment)
			}
		}
	}
	return known
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
