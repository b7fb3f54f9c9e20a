package firewall

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// An IPSet is a set that a resource makes and fills.
type IPSet struct {
	Name    string
	Type    string // "hash:net"
	Family  string // "ipv4" (the default where the type has families) or "ipv6"
	Range   string // of bitmaps: "0-65535"
	MaxElem int    // 0: ipset.DefaultMaxElem
	Timeout *int   // nil: entries stay
	Comment bool   // entries may have comments
	// Entries are as people write them, and stay until they are removed here. With Open they are
	// nobody's business but of those who add them on the host.
	Entries []string
	Open    bool
	// Unreadable says why the entries are not known. It is the error of an edit, but does not keep
	// the set from being destroyed.
	Unreadable error
}

// Validate lists all that is wrong with the set and can be known without a host.
func (s IPSet) Validate() []Problem {
	_, ps := s.resolve()
	return ps
}

// Set is the set as the host will print it. The error is what Validate says.
func (s IPSet) Set() (ipset.Set, error) {
	if s.Unreadable != nil {
		return ipset.Set{}, s.Unreadable
	}
	set, ps := s.resolve()
	return set, ps.err()
}

func (s IPSet) resolve() (ipset.Set, problems) {
	var ps problems
	if err := ipset.CheckName(s.Name); err != nil {
		ps.add("name", "not usable as the name of an ipset", "%s", err)
	} else if software, owned := SetOwner(s.Name); owned {
		ps.add("name", fmt.Sprintf("the ipset would be %s's", software), "%s makes sets of that name and changes them without asking; choose another name", software)
	}
	set := ipset.Set{Name: s.Name, Type: s.Type, MaxElem: s.MaxElem, Comment: s.Comment, Range: s.Range}
	types := ipset.Types()
	if !slices.Contains(types, s.Type) {
		ps.add("type", fmt.Sprintf("unknown type %q", s.Type), "it is one of %s%s", strings.Join(types, ", "), didYouMean(nearest(s.Type, types)))
		return set, ps
	}
	set.Family = s.family(&ps)
	s.checkOptions(&ps)
	if s.MaxElem == ipset.DefaultMaxElem {
		set.MaxElem = 0
	}
	if s.Timeout != nil {
		set.Timed, set.Timeout = true, *s.Timeout
	}
	if s.Type == "bitmap:port" && s.Range == "" {
		set.Range = "0-65535"
	}
	set = s.fill(set, &ps)
	return set, ps
}

func (s IPSet) family(ps *problems) string {
	if !ipset.HasFamily(s.Type) {
		if s.Family != "" {
			ps.add("family", "a "+s.Type+" is of no family", "leave family out: it holds whatever its entries are")
		}
		return ""
	}
	switch s.Family {
	case "", "ipv4":
		return "inet"
	case "ipv6":
		return "inet6"
	}
	ps.add("family", fmt.Sprintf("unknown family %q", s.Family), `it is "ipv4" or "ipv6"`)
	return ""
}

// maxTimeout is the longest that the kernel keeps an entry, in seconds: it counts milliseconds in 32 bits.
const maxTimeout = 2147483

func (s IPSet) checkOptions(ps *problems) {
	switch {
	case s.MaxElem != 0 && !ipset.HasMaxElem(s.Type):
		ps.add("maxelem", "a "+s.Type+" has no maxelem", "only the types that begin with hash have")
	case s.MaxElem < 0:
		ps.add("maxelem", "not a number of entries", "it is 1 or more")
	}
	if s.Timeout != nil && (*s.Timeout < 0 || *s.Timeout > maxTimeout) {
		ps.add("timeout", "not a timeout", "it is a number of seconds from 0 (entries stay unless they come with a timeout) to %d", maxTimeout)
	}
	switch {
	case s.Range != "" && !ipset.HasRange(s.Type):
		ps.add("range", "a "+s.Type+" has no range", "only the types that begin with bitmap have")
	case s.Range == "" && ipset.HasRange(s.Type) && s.Type != "bitmap:port":
		ps.add("range", "a "+s.Type+" needs a range", `it is a bitmap over addresses, at most 65536: "192.0.2.0-192.0.2.255"`)
	case strings.ContainsAny(s.Range, "/ ") || s.Range != "" && !strings.Contains(s.Range, "-"):
		ps.add("range", "not a range", `write its first and last: "192.0.2.0-192.0.2.255", "1024-65535"`)
	}
}

// fill reads the entries. Of many that are wrong, the first few are told.
func (s IPSet) fill(set ipset.Set, ps *problems) ipset.Set {
	const most = 10
	wrong := 0
	entries := make([]ipset.Entry, 0, len(s.Entries))
	for _, text := range s.Entries {
		parsed, err := set.ParseEntry(text)
		if err == nil {
			entries = append(entries, parsed...)
			continue
		}
		wrong++
		if wrong <= most {
			ps.add("entries", "not an entry of a "+s.Type, "%s", err)
		}
	}
	if wrong > most {
		ps.add("entries", fmt.Sprintf("%d more entries are wrong", wrong-most), "these are not shown")
	}
	set = set.WithEntries(entries)
	if room := set.Max(); room != 0 && len(set.Entries) > room {
		ps.add("maxelem", fmt.Sprintf("the set has %d entries and room for %d", len(set.Entries), room), "set maxelem = %d or more", len(set.Entries))
	}
	return set
}

func (s IPSet) same(o IPSet) bool {
	a, err := s.Set()
	b, bad := o.Set()
	return err == nil && bad == nil && s.Open == o.Open && a.Equal(b)
}

// Warnings are what is odd about the entries, but no mistake.
func (s IPSet) Warnings() []string {
	set, err := s.Set()
	if err != nil {
		return nil
	}
	overlaps := ipset.Overlaps(set)
	if len(overlaps) == 0 {
		return nil
	}
	const most = 10
	var b strings.Builder
	fmt.Fprintf(&b, "Entries of ipset %s lie within others and change nothing (%d):\n", s.Name, len(overlaps))
	for i, o := range overlaps {
		if i == most {
			fmt.Fprintf(&b, "\n  ... and %d more", len(overlaps)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %s within %s", o.Entry, o.Within)
	}
	return []string{b.String()}
}

// edit makes the set, or makes it have what it should. How it was made in ways that no
// attribute names (counters, skbinfo) stays.
func (s IPSet) edit(rs iptables.Ruleset) (iptables.Ruleset, error) {
	set, err := s.Set()
	if err != nil {
		return rs, err
	}
	if live, ok := rs.Set(s.Name); ok {
		set.Temporary = live.Temporary
		if live.Type == set.Type {
			set.Extra = live.Extra
		}
		if s.Open && live.Type == set.Type && live.Family == set.Family {
			set.Entries = live.Entries
			if live.Comment && !set.Comment {
				set = set.WithEntries(withoutComments(live.Entries))
			}
		}
		if set.Equal(live) {
			return rs, nil
		}
	}
	return rs.WithSet(set), nil
}

func withoutComments(entries []ipset.Entry) []ipset.Entry {
	plain := slices.Clone(entries)
	for i := range plain {
		plain[i].Comment = ""
	}
	return plain
}

// replaceSets is the edit that makes the wanted sets and destroys previous ones.
func replaceSets(previous, wanted []IPSet) Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, s := range previous {
			kept := slices.ContainsFunc(wanted, func(w IPSet) bool { return w.Name == s.Name })
			if _, there := rs.Set(s.Name); there && !kept {
				rs = rs.WithoutSet(s.Name)
			}
		}
		for _, s := range wanted {
			var err error
			if rs, err = s.edit(rs); err != nil {
				return rs, err
			}
		}
		return rs, nil
	}
}

// FindSet is a set of the host, for an import: "blocklist".
func FindSet(rs iptables.Ruleset, name string) (ipset.Set, error) {
	s, ok := rs.Set(name)
	if !ok {
		return s, fmt.Errorf("the host has no ipset %s; it has: %s", name, strings.Join(rs.Sets(), ", "))
	}
	if software, owned := SetOwner(name); owned {
		return s, &ForeignSetError{name, software}
	}
	if strings.Contains(s.Extra, "mask ") {
		return s, errors.New("the ipset was made with netmask, bitmask or markmask, which this resource does not know")
	}
	return s, nil
}
