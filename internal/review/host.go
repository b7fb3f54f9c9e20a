package review

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A host is what a plan says of one host.
type host struct {
	name   string
	port   uint16 // of its sshd
	before side
	after  side
	// changed are the addresses of resources that change here, hidden those whose lines the plan does not show.
	changed, hidden []string
}

// A side is a host's lines before the apply, or after it.
type side struct {
	placed  []string // whose order follows from the lines themselves
	ordered []string // whose order is theirs
	jumps   []jump   // that have a position
	// sets are those whose members are known, saved are all sets as a listing has them.
	sets  map[string]iptables.Set
	saved []string
}

// A jump is a line that stands at an index of its chain.
type jump struct {
	line string
	at   int
}

// key is the same for hosts that cannot be told apart.
func (h host) key() string {
	var b strings.Builder
	for _, s := range []side{h.before, h.after} {
		for _, list := range [][]string{s.placed, s.ordered, s.saved} {
			for _, l := range list {
				b.WriteString(l)
				b.WriteByte(0)
			}
			b.WriteByte(1)
		}
		fmt.Fprint(&b, s.jumps)
	}
	fmt.Fprint(&b, h.port, len(h.hidden) > 0)
	return b.String()
}

// fleet sorts what the resources have by hosts.
type fleet struct {
	hosts map[string]*host
	names map[string]string // the name of each place, by what names it
	// homeless are the resources whose host is not known yet.
	homeless []string
}

func fleetOf(resources []planned) *fleet {
	f := &fleet{hosts: map[string]*host{}, names: namesOf(resources)}
	for _, r := range resources {
		before, after := f.at(r.before), f.at(r.after)
		for _, h := range []*host{before, after} {
			if h != nil && r.changes && !slices.Contains(h.changed, r.address) {
				h.changed = append(h.changed, r.address)
			}
		}
		if r.after != nil && after == nil {
			f.homeless = append(f.homeless, r.address)
		}
		if before != nil {
			before.before.add(r.kind, r.before)
		}
		if after != nil {
			after.after.add(r.kind, r.after)
			if r.hidesLines() {
				after.hidden = append(after.hidden, r.address)
			}
		}
		restorePolicies(r, before, after)
		switch {
		case r.kind == "ruleset":
			settleRuleset(r, before, after)
		case r.kind == "ip_set" && before != nil && after != nil && r.before.text("digest") != r.after.text("digest"):
			settleSet(r.after, before, after)
		}
	}
	return f
}

// at is the host that a resource is on, nil where that is not known.
func (f *fleet) at(v *values) *host {
	name := v.text("host")
	if name == "" {
		return nil
	}
	name = f.names[name]
	h := f.hosts[name]
	if h == nil {
		h = &host{name: printable(name), port: 22}
		f.hosts[name] = h
	}
	if place, err := netip.ParseAddrPort(placeOf(v)); err == nil {
		h.port = place.Port()
	}
	return h
}

// all are the hosts by name, web2 before web10.
func (f *fleet) all() []*host {
	var all []*host
	for _, h := range f.hosts {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *host) int { return compareNames(a.name, b.name) })
	return all
}

// namesOf finds names that lead to one place: a host that is called by two names is one host. It is
// called by the first of them.
func namesOf(resources []planned) map[string]string {
	places := map[string]string{}
	for _, r := range resources {
		for _, v := range []*values{r.before, r.after} {
			if place := placeOf(v); place != "" && v.text("host") != "" {
				places[v.text("host")] = place
			}
		}
	}
	first, names := map[string]string{}, map[string]string{}
	for _, name := range sortedKeys(places) {
		if _, taken := first[places[name]]; !taken {
			first[places[name]] = name
		}
		names[name] = first[places[name]]
	}
	for _, r := range resources {
		for _, v := range []*values{r.before, r.after} {
			if name := v.text("host"); names[name] == "" {
				names[name] = name
			}
		}
	}
	return names
}

// placeOf is where a resource's host is, "address:port", whoever logs in there; "" where it is not known.
func placeOf(v *values) string {
	endpoint := v.text("endpoint")
	return endpoint[strings.LastIndexByte(endpoint, '@')+1:]
}

// lineAttributes are the attributes in which resources have lines of iptables, by type. The rules of
// iptables_exclusive_rules are those of other resources.
var lineAttributes = map[string][]string{
	"chain":           {"lines"},
	"default_policy":  {"rules"},
	"exclusive_rules": {"unmanaged"},
	"firewall":        {"rules", "policy_rules", "unmanaged"},
	"ip_set":          {"entries"},
	"rule":            {"rules"},
	"ruleset":         {"ipv4", "ipv6"},
	"service":         {"rules"},
}

// hidesLines reports whether lines are missing in the plan. The texts of a ruleset are marked as sensitive for the
// sake of short plans; they are no secret, and each of their lines that changes stands beside them.
func (r planned) hidesLines() bool {
	if r.after == nil {
		return false
	}
	return slices.ContainsFunc(lineAttributes[r.kind], func(attribute string) bool {
		return marked(r.after.unknown[attribute]) || r.kind != "ruleset" && marked(r.after.sensitive[attribute])
	})
}

// add adds what a resource has.
func (s *side) add(kind string, v *values) {
	switch kind {
	case "ip_set":
		s.addSet(v)
		return
	case "ruleset":
		s.addSaved(iptables.IPv4, v.text("ipv4"))
		s.addSaved(iptables.IPv6, v.text("ipv6"))
		return
	}
	for _, attribute := range lineAttributes[kind] {
		for _, line := range v.lines(attribute) {
			// A chain stands in its own order; the jump to it has a place like any line.
			id, _, err := iptables.ParseLine(line)
			switch {
			case kind == "chain" && (err != nil || id.Name == v.text("name")):
				s.ordered = append(s.ordered, line)
			case kind == "chain":
				s.addJump(line, v)
			default:
				s.placed = append(s.placed, line)
			}
		}
	}
}

// addJump adds the line by which packets get into a chain, where jump_from says a position with that.
func (s *side) addJump(line string, v *values) {
	from, _ := v.attributes["jump_from"].(map[string]any)
	position, _ := from["position"].(string)
	if position == "first" {
		position = "1"
	}
	if n, err := strconv.Atoi(position); err == nil && n > 0 {
		s.jumps = append(s.jumps, jump{line, n - 1})
		return
	}
	s.placed = append(s.placed, line)
}

// addSaved adds the lines of a text of iptables-save. One that cannot be read adds nothing: no such text
// gets into a plan.
func (s *side) addSaved(f iptables.Family, text string) {
	rs, err := iptables.ParseSave(f, text)
	if err != nil {
		return
	}
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		if id.BuiltIn() {
			s.ordered = append(s.ordered, id.PolicyLine(c.Policy))
		} else {
			s.ordered = append(s.ordered, iptables.Line{Chain: id, Kind: iptables.ChainLine}.String(iptables.Reference))
		}
		for _, r := range c.Rules {
			s.ordered = append(s.ordered, id.Line(r, iptables.Reference))
		}
	}
}
