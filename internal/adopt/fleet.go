package adopt

import (
	"cmp"
	"slices"
	"strings"
)

// A Fleet is what becomes of several hosts: what they share stands in it once.
type Fleet struct {
	Hosts  []string // in the order in which they were given
	Groups []Group
	// Adoptions are of each host by itself, in the same order.
	Adoptions []Adoption
}

// A Group is one resource of the configuration, on one or several hosts.
type Group struct {
	Kind  string // "service": of iptables_service
	Label string // its name in the configuration
	Model any
	ID    string   // its import ID on each host, without the host
	Hosts []string // in the fleet's order
}

// kinds are the kinds of resources in the order in which files and people name them.
var kinds = []string{"service", "default_policy", "rule", "chain", "ip_set"}

// Join puts together what the hosts share: resources that are equal in everything but the host.
func Join(adoptions []Adoption) Fleet {
	f := Fleet{Adoptions: adoptions}
	index := map[string]int{}
	for _, a := range adoptions {
		f.Hosts = append(f.Hosts, a.Host)
		for _, r := range a.Resources {
			key := kindOf(r.Model) + "\x00" + r.ID + "\x00" + string(render(attributesOf(r.Model)))
			i, known := index[key]
			if !known {
				i = len(f.Groups)
				index[key] = i
				f.Groups = append(f.Groups, Group{Kind: kindOf(r.Model), Model: r.Model, ID: r.ID})
			}
			f.Groups[i].Hosts = append(f.Groups[i].Hosts, a.Host)
		}
	}
	// What most hosts have is the rule, and stands in front of the exceptions.
	slices.SortStableFunc(f.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(len(b.Hosts), len(a.Hosts)))
	})
	f.label()
	return f
}

// label gives each group a name that no other of its kind has.
func (f Fleet) label() {
	taken := map[string]bool{}
	for i, g := range f.Groups {
		name := nameOf(g.Model)
		candidates := []string{name}
		if family := familySuffix(g.Model); family != "" && (g.Kind != "rule" || family != "ipv4") {
			candidates = append(candidates, name+"_"+family)
		}
		if len(g.Hosts) == 1 && len(f.Hosts) > 1 {
			candidates = append(candidates, name+"_"+slug(g.Hosts[0]))
		}
		f.Groups[i].Label = unused(candidates, func(s string) bool { return taken[g.Kind+"."+s] })
		taken[g.Kind+"."+f.Groups[i].Label] = true
	}
}

// sets are the sets of hosts that groups stand on, named for the locals of the configuration. A
// set of one host has no name, and is not among them.
func (f Fleet) sets() []hostSet {
	var sets []hostSet
	taken := map[string]bool{}
	known := map[string]bool{}
	for _, g := range f.Groups {
		key := strings.Join(g.Hosts, "\x00")
		if len(g.Hosts) < 2 || known[key] {
			continue
		}
		known[key] = true
		s := hostSet{key: key, hosts: g.Hosts}
		s.name = unused(f.setNames(g), func(s string) bool { return taken[s] })
		taken[s.name] = true
		sets = append(sets, s)
	}
	return sets
}

// A hostSet is a local value that lists hosts.
type hostSet struct {
	key, name string
	hosts     []string
}

// Lines is the number of lines of all hosts.
func (f Fleet) Lines() int {
	n := 0
	for _, a := range f.Adoptions {
		n += a.Lines
	}
	return n
}
