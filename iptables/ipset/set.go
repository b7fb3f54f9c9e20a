package ipset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Set is one ipset. It is a value that nobody changes.
type Set struct {
	Name string
	Type string // "hash:net", "list:set", ...
	// Family is "inet" or "inet6", and "" for types that are of no family.
	Family string
	// Range is what a bitmap is about: "0-65535", "10.0.0.0-10.0.0.255".
	Range string
	// MaxElem is the most entries that a hash holds; 0: DefaultMaxElem.
	MaxElem int
	// Timed sets let entries run out: each that is added without a timeout of its own after
	// Timeout seconds, or with 0 never.
	Timed   bool
	Timeout int
	// Comment says that entries may have comments.
	Comment bool
	// Extra are the other words of `ipset create`, as the host printed them: "counters skbinfo".
	Extra string
	// Unread says that the entries were not read, and Entries is empty for that reason.
	Unread bool

	// Entries are those that do not run out, sorted by Compare.
	Entries []Entry
	// Temporary are those that will, in no order. They are members for now, but not part of what
	// the set is: they make no difference in Equal.
	Temporary []Entry
}

// DefaultMaxElem is what the kernel takes where nothing is said.
const DefaultMaxElem = 65536

// MaxName is the longest name of a set, in bytes (IPSET_MAXNAMELEN without its NUL).
const MaxName = 31

// An Entry is one element of a set.
type Entry struct {
	// Element is canonical: "10.0.0.0/8", "10.0.0.1,tcp:80".
	Element string
	// NoMatch makes an exception: what the element holds does not match.
	NoMatch bool
	Comment string
}

// String is the entry as `ipset save` prints it behind the set's name.
func (e Entry) String() string {
	text := e.Element
	if e.NoMatch {
		text += " nomatch"
	}
	if e.Comment != "" {
		text += ` comment "` + e.Comment + `"`
	}
	return text
}

// Compare orders entries: by element, and by the rest where two have the same.
func (e Entry) Compare(o Entry) int {
	if c := strings.Compare(e.Element, o.Element); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(e.Comment, o.Comment), compareBool(e.NoMatch, o.NoMatch))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// WithEntries is the set with other entries, which may come in any order and more than once.
func (s Set) WithEntries(entries []Entry) Set {
	s.Entries = slices.Clone(entries)
	slices.SortFunc(s.Entries, Entry.Compare)
	// ipset keeps one entry of an element, the one that came last.
	s.Entries = slices.CompactFunc(s.Entries, func(a, b Entry) bool { return a.Element == b.Element })
	return s
}

// Max is the most entries that the set holds, 0 for no bound of its own.
func (s Set) Max() int {
	switch {
	case !kinds[s.Type].sized:
		return 0
	case s.MaxElem == 0:
		return DefaultMaxElem
	}
	return s.MaxElem
}

// Header is the set as `ipset create` takes it, without its name: type and options.
func (s Set) Header() string {
	var b strings.Builder
	b.WriteString(s.Type)
	if s.Range != "" {
		b.WriteString(" range " + s.Range)
	}
	if s.Family != "" {
		b.WriteString(" family " + s.Family)
	}
	if most := s.Max(); most != 0 {
		fmt.Fprintf(&b, " maxelem %d", most)
	}
	if s.Timed {
		fmt.Fprintf(&b, " timeout %d", s.Timeout)
	}
	if s.Comment {
		b.WriteString(" comment")
	}
	if s.Extra != "" {
		b.WriteString(" " + s.Extra)
	}
	return b.String()
}

// Equal reports whether two sets are the same, but for entries that run out.
func (s Set) Equal(o Set) bool {
	return s.Name == o.Name && s.Header() == o.Header() && sameEntries(s.Entries, o.Entries)
}

func sameEntries(a, b []Entry) bool {
	if len(a) != len(b) {
		return false
	}
	return len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b)
}

// Swappable reports whether the kernel swaps the two sets while rules use them.
func (s Set) Swappable(o Set) bool {
	family := func(s Set) string {
		if strings.HasPrefix(s.Type, "bitmap:ip") {
			return "inet"
		}
		return s.Family
	}
	return kinds[s.Type].features == kinds[o.Type].features && family(s) == family(o)
}

// Members are the sets that a list:set holds.
func (s Set) Members() []string {
	if s.Type != "list:set" {
		return nil
	}
	names := make([]string, len(s.Entries))
	for i, e := range s.Entries {
		names[i] = e.Element
	}
	return names
}

// Restore is the text that makes the set under a given name, for `ipset restore`. Its
// entries never run out.
func (s Set) Restore(name string) string {
	var b strings.Builder
	b.Grow(64 + len(s.Entries)*(len(name)+24))
	b.WriteString("create " + name + " " + s.Header() + "\n")
	for _, e := range s.Entries {
		b.WriteString("add ")
		b.WriteString(name)
		b.WriteByte(' ')
		b.WriteString(e.Element)
		if s.Timed {
			b.WriteString(" timeout 0")
		}
		if e.NoMatch {
			b.WriteString(" nomatch")
		}
		if e.Comment != "" {
			b.WriteString(` comment "` + e.Comment + `"`)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Differences are the entries that only a has, and those that only b has.
func Differences(a, b Set) (onlyA, onlyB []Entry) {
	i, j := 0, 0
	for i < len(a.Entries) || j < len(b.Entries) {
		switch {
		case j == len(b.Entries):
			return append(onlyA, a.Entries[i:]...), onlyB
		case i == len(a.Entries):
			return onlyA, append(onlyB, b.Entries[j:]...)
		}
		switch c := a.Entries[i].Compare(b.Entries[j]); {
		case c < 0:
			onlyA = append(onlyA, a.Entries[i])
			i++
		case c > 0:
			onlyB = append(onlyB, b.Entries[j])
			j++
		default:
			i++
			j++
		}
	}
	return onlyA, onlyB
}
