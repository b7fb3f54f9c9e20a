package iptables

import "strings"

// described lists every description. A new ext_*.go file adds one line here.
var described = [][]extension{
	portExtensions,
	icmpExtensions,
	commentExtensions,
	conntrackExtensions,
	limitExtensions,
	hashlimitExtensions,
	headerExtensions,
	countExtensions,
	rateestExtensions,
	recentExtensions,
	stringExtensions,
	u32Extensions,
	markExtensions,
	addressExtensions,
	verdictExtensions,
	logExtensions,
	rejectExtensions,
	natExtensions,
	timeExtensions,
	setExtensions,
	ctExtensions,
	synExtensions,
	ipsecExtensions,
	ipv6Extensions,
	localExtensions,
	clusterExtensions,
	miscExtensions,
}

// A registry finds extensions by name, per family.
type registry struct{ matches, targets map[string]*extension }

var registries = func() map[Family]*registry {
	all := map[Family]*registry{}
	for _, f := range Families {
		all[f] = &registry{map[string]*extension{}, map[string]*extension{}}
	}
	for _, group := range described {
		for i := range group {
			e := &group[i]
			e.prepare()
			for _, f := range Families {
				if e.families.has(f) {
					all[f].add(e)
				}
			}
		}
	}
	return all
}()

func (r *registry) add(e *extension) {
	names := r.matches
	if e.target {
		names = r.targets
	}
	for _, name := range append([]string{e.name}, e.aliases...) {
		if names[name] != nil {
			panic("iptables: two descriptions of extension " + name)
		}
		names[name] = e
	}
}

// registryOf returns the family's registry; anything but IPv6 is read as IPv4.
func registryOf(f Family) *registry {
	if f == IPv6 {
		return ipv6Registry
	}
	return ipv4Registry
}

var ipv4Registry, ipv6Registry = registries[IPv4], registries[IPv6]

// misspelled finds the extension whose name was meant by one that is not known: the same in
// other letters, or with one slip and the option that follows. A digit at the end is no slip:
// quota2 is another match than quota.
func misspelled(name, option string, known map[string]*extension) *extension {
	for full, e := range known {
		_, has := e.index[option]
		if strings.EqualFold(full, name) || has && digit(name[len(name)-1]) > 9 && distance(full, name) == 1 {
			return e
		}
	}
	return nil
}
