package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// What iptables and the kernel can hold, in bytes without the closing NUL.
const (
	maxChain     = 28  // XT_EXTENSION_MAXNAMELEN
	maxComment   = 255 // XT_MAX_COMMENT_LEN; iptables cuts the rest silently
	maxLogPrefix = 29
	maxInterface = 15 // IFNAMSIZ
	maxSet       = 31 // IPSET_MAXNAMELEN
)

// setPrefix marks a source that is the name of an ipset.
const setPrefix = "set:"

// resolved is a service whose lists were read.
type resolved struct {
	families []iptables.Family
	ports    []Port
	v4, v6   []string // sources of each family, in canonical order; [""] for everyone
}

func (r resolved) sources(f iptables.Family) []string {
	if f == iptables.IPv6 {
		return r.v6
	}
	return r.v4
}

// Validate lists all that is wrong with the service and can be known without a host.
func (s Service) Validate() []Problem {
	_, ps := s.resolve()
	return ps
}

func (s Service) resolve() (resolved, problems) {
	var ps problems
	var r resolved
	r.ports, r.families = s.resolvePorts(&ps)
	s.resolveAddresses(&r, &ps)
	if len(ps) == 0 && len(r.families) == 0 {
		ps.add("families", "no rule is left", "the families, sources, destination and ports of this service have no address family in common")
	}
	if !slices.Contains([]string{"", "accept", "drop", "reject"}, s.Action) {
		ps.add("action", fmt.Sprintf("unknown action %q", s.Action), `it is "accept", "drop" or "reject"`)
	}
	checkChain(&ps, s.chain())
	checkPriority(&ps, s.Priority)
	checkInterface(&ps, s.Interface)
	if bad := badText(s.comment(), maxComment); bad != "" {
		attribute := "comment"
		if s.Comment == "" {
			attribute = "name"
		}
		ps.add(attribute, "not usable as the comment of a rule", "%s", bad)
	}
	if s.label() == "" && (s.RateLimit != nil || s.Log != nil) {
		ps.add("name", "a service that logs or limits needs a name", "the log's prefix and the kernel's table of the rate are called after it")
	}
	if s.RateLimit != nil {
		s.RateLimit.check(&ps, s.Action)
	}
	if s.Log != nil {
		checkLog(&ps, s.Log.prefix(s.label()), s.Log.Level)
	}
	return r, ps
}

func (s Service) resolvePorts(ps *problems) ([]Port, []iptables.Family) {
	families := s.Families
	names := s.Ports
	known, isKnown := Lookup(s.Name)
	switch {
	case names != nil && len(names) == 0:
		ps.add("ports", "the list of ports is empty", `leave ports out to have those of the catalogue, or name some: "8080/tcp"`)
	case names != nil:
	case s.Name == "":
		ps.add("ports", "a service needs a name or ports", `a name of the catalogue ("https"), or ports ("8080/tcp")`)
	case !isKnown:
		ps.add("name", fmt.Sprintf("unknown service %q", s.Name), `the catalogue does not hold it%s Give its ports ("8080/tcp") to use any name`, sentence(didYouMean(NearestNames(s.Name))))
	default:
		names = known.Ports
		if families == nil && known.Family != 0 {
			families = []iptables.Family{known.Family}
		}
	}
	var ports []Port
	for _, name := range names {
		p, err := ParsePort(name)
		if err != nil {
			ps.add("ports", "not a port", "%s", err)
			continue
		}
		ports = append(ports, p)
	}
	return uniquePorts(ports), families
}

// sentence ends a message that may have been given a question.
func sentence(s string) string {
	if s == "" {
		return "."
	}
	return s
}

// resolveAddresses finds the families for which there are rules, and the sources of each.
func (s Service) resolveAddresses(r *resolved, ps *problems) {
	allowed := r.families
	if allowed == nil {
		allowed = iptables.Families
	}
	if len(allowed) == 0 {
		ps.add("families", "the list of families is empty", `leave families out for both`)
	}
	check := func(attribute string, f iptables.Family, what string) {
		if len(allowed) > 0 && !slices.Contains(allowed, f) {
			ps.add(attribute, fmt.Sprintf("%s is of the wrong family", what), "it is an %s address, and this service is for %s only", familyName(f), familyName(allowed[0]))
		}
	}
	r.v4, r.v6 = s.resolveSources(ps, check)
	destination := iptables.Family(0)
	if s.Destination != "" {
		p, err := parseNetwork(s.Destination)
		if err != nil {
			ps.add("destination", "not an address", "%s", err)
		} else {
			destination = familyOfPrefix(p)
			check("destination", destination, s.Destination)
		}
	}
	r.families = nil
	for _, f := range iptables.Families {
		reachable := slices.ContainsFunc(r.ports, func(p Port) bool { return p.exists(f) })
		if slices.Contains(allowed, f) && len(r.sources(f)) > 0 && (destination == 0 || destination == f) && reachable {
			r.families = append(r.families, f)
		}
	}
}

func (s Service) resolveSources(ps *problems, check func(string, iptables.Family, string)) (v4, v6 []string) {
	if s.Sources == nil {
		return []string{""}, []string{""}
	}
	if len(s.Sources) == 0 {
		ps.add("sources", "the list of sources is empty", "no source could connect; leave sources out to mean everyone, or remove the service to mean nobody")
	}
	var prefixes []netip.Prefix
	var sets []string
	for _, source := range s.Sources {
		if set, ok := strings.CutPrefix(source, setPrefix); ok {
			checkSet(ps, set)
			sets = append(sets, set)
			continue
		}
		p, err := parseNetwork(source)
		if err != nil {
			ps.add("sources", "not a source", "%s", err)
			continue
		}
		check("sources", familyOfPrefix(p), source)
		prefixes = append(prefixes, p)
	}
	slices.SortFunc(prefixes, netip.Prefix.Compare)
	for _, p := range prefixes {
		if p.Addr().Is4() {
			v4 = append(v4, p.String())
		} else {
			v6 = append(v6, p.String())
		}
	}
	slices.Sort(sets)
	for _, set := range sets {
		family := s.Sets[set]
		if family != 0 {
			check("sources", family, setPrefix+set)
		}
		if family != iptables.IPv6 {
			v4 = append(v4, setPrefix+set)
		}
		if family != iptables.IPv4 {
			v6 = append(v6, setPrefix+set)
		}
	}
	return slices.Compact(v4), slices.Compact(v6)
}

// parseNetwork reads an address or a network in CIDR notation.
func parseNetwork(s string) (netip.Prefix, error) {
	address, length, isNetwork := strings.Cut(s, "/")
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil && strings.ContainsFunc(address, unicode.IsLetter) && !strings.Contains(address, ":"):
		return netip.Prefix{}, fmt.Errorf("%q is a name; iptables would look it up once and keep the answer for ever: write addresses", s)
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is neither an address (203.0.113.7, 2001:db8::1) nor a network (203.0.113.0/24, 2001:db8::/32)", s)
	case a.Zone() != "":
		return netip.Prefix{}, fmt.Errorf("%q carries a zone: rules know interfaces by the attribute interface", s)
	case a.Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q never stands in a packet: write %s", s, a.Unmap())
	case !isNetwork:
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q: the prefix length %q is not a number from 0 to %d", s, length, a.BitLen())
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%q is an address inside a network: the network is %s, the one host is %s/%d", s, p.Masked(), a, a.BitLen())
	}
	return p, nil
}

func familyOfPrefix(p netip.Prefix) iptables.Family {
	if p.Addr().Is4() {
		return iptables.IPv4
	}
	return iptables.IPv6
}

func familyName(f iptables.Family) string {
	if f == iptables.IPv6 {
		return "IPv6"
	}
	return "IPv4"
}

// cutText is the longest beginning of s that has at most n bytes and cuts no character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
