package firewall

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// FindService finds the service that a host offers on a port ("22/tcp") in a chain of the
// table filter ("": INPUT): the service whose Lines are just the lines that are there. Lines
// with one comment belong together, with all their ports; of lines without comment only
// those of the port. The error is a *NoServiceError, which lists what is near.
func FindService(rs iptables.Ruleset, port, chain string) (Service, error) {
	wanted, err := ParsePort(port)
	if err != nil {
		return Service{}, err
	}
	if chain == "" {
		chain = "INPUT"
	}
	all := decodeAll(rs, chain)
	var found []Service
	for _, g := range gather(all) {
		if g.has(wanted) {
			if s, ok := g.service(rs, wanted); ok {
				found = append(found, s)
			}
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return Service{}, &NoServiceError{Port: wanted.String(), Chain: chain, Matches: len(found), Lines: linesAbout(rs, chain, wanted)}
}

// linesAbout are the lines of a chain of both families that name the port, or a range that holds it.
func linesAbout(rs iptables.Ruleset, chain string, p Port) Lines {
	var lines Lines
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			if slices.ContainsFunc(destinationPorts(r), func(s portSpan) bool { return s.from <= p.To && p.From <= s.to }) {
				lines = append(lines, Line{id, r})
			}
		}
	}
	return lines
}

// ServiceOf finds the service that a line of a host is part of; lines of the same comment
// belong to it too. The error is a *NoServiceError for a line that no service prints.
func ServiceOf(rs iptables.Ruleset, line Line) (Service, error) {
	d, ok := decode(line)
	if ok {
		for _, g := range gather(decodeAll(rs, line.Chain.Name)) {
			if g.like != d.like || !g.has(d.port) || !slices.ContainsFunc(g.members, func(m member) bool { return m.line.Key() == line.Key() }) {
				continue
			}
			if s, ok := g.service(rs, d.port); ok {
				return s, nil
			}
		}
	}
	return Service{}, &NoServiceError{Chain: line.Chain.Name, Lines: Lines{line}}
}

// A NoServiceError says that no service, or more than one, is what was asked for.
type NoServiceError struct {
	Port, Chain string
	Matches     int   // 0, or how many services match
	Lines       Lines // those that are near, or that match
}

func (e *NoServiceError) Error() string {
	var b strings.Builder
	switch {
	case e.Port == "":
		fmt.Fprintf(&b, "this line of %s is not what a service prints; import it as an iptables_rule", e.Chain)
	case e.Matches > 1:
		fmt.Fprintf(&b, "%d services in chain %s have port %s; import one by a whole line of it", e.Matches, e.Chain, e.Port)
	case len(e.Lines) == 0:
		fmt.Fprintf(&b, "no line of chain %s is about port %s", e.Chain, e.Port)
	default:
		fmt.Fprintf(&b, "no lines of chain %s are just what a service with port %s prints; import them as iptables_rule", e.Chain, e.Port)
	}
	for _, text := range e.Lines[:min(len(e.Lines), 10)].Print(Reference) {
		b.WriteString("\n  " + text)
	}
	return b.String()
}

// A member is a line that was read as a service's.
type member struct {
	decoded
	line Line
}

// A group is the lines that could be one service.
type group struct {
	like        signature
	destination string
	members     []member
}

// decodeAll reads all lines of a chain of both families that are a service's.
func decodeAll(rs iptables.Ruleset, chain string) []member {
	var all []member
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			l := Line{id, r}
			if d, ok := decode(l); ok {
				all = append(all, member{d, l})
			}
		}
	}
	return all
}

// gather joins the lines that share all but port and source.
func gather(all []member) []group {
	var groups []group
	for _, m := range all {
		i := slices.IndexFunc(groups, func(g group) bool {
			return g.like == m.like && g.destination == m.destination &&
				(m.like.comment != "" || g.members[0].port == m.port)
		})
		if i < 0 {
			groups = append(groups, group{like: m.like, destination: m.destination})
			i = len(groups) - 1
		}
		groups[i].members = append(groups[i].members, m)
	}
	return groups
}

func (g group) has(p Port) bool {
	return slices.ContainsFunc(g.members, func(m member) bool { return m.port == p })
}

// service is the service whose lines are those of the group, and those that log and limit
// beside them; where its ports differ in sources, of the one port.
func (g group) service(rs iptables.Ruleset, port Port) (Service, bool) {
	if s, ok := g.exactly(rs); ok {
		return s, true
	}
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(m member) bool { return m.port != port })
	return g.exactly(rs)
}

func (g group) exactly(rs iptables.Ruleset) (Service, bool) {
	plain := g.plain()
	var deciding Lines
	for _, m := range g.members {
		deciding = append(deciding, m.line)
	}
	limit, log := g.besides(rs)
	for _, s := range []Service{with(plain, limit, log), with(plain, limit, nil), with(plain, nil, log), plain} {
		for _, s := range []Service{named(s), s} {
			lines, err := s.Lines()
			if err != nil || len(deciding.Without(lines)) > 0 || len(lines.Without(Present(rs, lines))) > 0 {
				continue
			}
			rest := lines.Without(deciding)
			if !slices.ContainsFunc(rest, func(l Line) bool { _, decides := decode(l); return decides }) {
				return s, true
			}
		}
	}
	return Service{}, false
}

func with(s Service, limit *RateLimit, log *Log) Service {
	s.RateLimit, s.Log = limit, log
	return s
}

// plain is the service as its lines spell it: the ports listed, the comment as its name.
func (g group) plain() Service {
	s := Service{Interface: g.like.iface, Destination: g.destination}
	if g.like.action != "accept" {
		s.Action = g.like.action
	}
	if g.like.chain != "INPUT" {
		s.Chain = g.like.chain
	}
	s.Priority, s.Name = g.called()
	var ports []Port
	sourced := slices.ContainsFunc(g.members, func(m member) bool { return m.source != "" })
	for _, m := range g.members {
		ports = append(ports, m.port)
		if source := m.source; sourced {
			if source == "" {
				source = everyone(m.line.Chain.Family)
			}
			s.Sources = append(s.Sources, source)
		}
	}
	s.Ports = portNames(uniquePorts(ports))
	slices.SortFunc(s.Sources, compareSources)
	s.Sources = slices.Compact(s.Sources)
	if f := g.members[0].line.Chain.Family; !slices.ContainsFunc(g.members, func(m member) bool { return m.line.Chain.Family != f }) {
		s.Families = []iptables.Family{f}
	}
	return trimFamilies(s)
}

// called are the priority and the name in the comment of the lines.
func (g group) called() (priority *int, name string) {
	if n, text, ok := splitPriority(g.like.comment); ok && withPriority(&n, text) == g.like.comment {
		return &n, text
	}
	return nil, g.like.comment
}

// trimFamilies leaves out families where the addresses say as much.
func trimFamilies(s Service) Service {
	if s.Families == nil {
		return s
	}
	short := s
	short.Families = nil
	long, err := s.Lines()
	if lines, also := short.Lines(); err == nil && also == nil && lines.Same(long) {
		return short
	}
	return s
}

// named is the service with the catalogue's name for its ports, and the comment apart where
// it is another.
func named(s Service) Service {
	name, ok := NameOf(s.Ports)
	if !ok || s.Name == "" {
		return s
	}
	if s.Name != name {
		s.Comment = s.Name
	}
	s.Name, s.Ports = name, nil
	return trimFamilies(s)
}

// besides reads the lines that log and limit for the group's first member.
func (g group) besides(rs iptables.Ruleset) (*RateLimit, *Log) {
	first := g.members[0].line
	c, _ := rs.Chain(first.Chain)
	var limit *RateLimit
	var log *Log
	for _, r := range c.Rules {
		if r.Comment() != g.like.comment || r.Source != first.Rule.Source || r.Protocol != first.Rule.Protocol {
			continue
		}
		if l, ok := decodeLimit(r); ok && limit == nil {
			limit = &l
		}
		if l, ok := decodeLog(r); ok && log == nil {
			log = &l
			if _, text, _ := splitPriority(g.like.comment); l.Prefix == (Log{}).prefix(text) {
				log.Prefix = ""
			}
		}
	}
	return limit, log
}

// compareSources orders sources as a service prints them: IPv4, IPv6, sets.
func compareSources(a, b string) int {
	p, errA := parseNetwork(a)
	q, errB := parseNetwork(b)
	switch {
	case errA == nil && errB == nil:
		return p.Compare(q)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	default:
		return strings.Compare(a, b)
	}
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}
