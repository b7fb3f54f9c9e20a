package ipset

import (
	"fmt"
	"strings"
)

// An EntryError says why a text is no entry of a set.
type EntryError struct {
	Entry  string
	Reason string
}

func (e *EntryError) Error() string { return fmt.Sprintf("%q: %s", e.Entry, e.Reason) }

func refused(format string, args ...any) error { return fmt.Errorf(format, args...) }

// maxExpanded is how many elements one entry may stand for: as many as a hash holds by default.
const maxExpanded = DefaultMaxElem

// MaxComment is the longest comment of an entry, in bytes (IPSET_MAX_COMMENT_SIZE).
const MaxComment = 255

// ParseEntry reads an entry as a person writes it: the element, and behind it `nomatch` and
// `comment "text"` where the set has that. It may stand for several elements. The error
// is an *EntryError.
func (s Set) ParseEntry(text string) ([]Entry, error) {
	failed := func(err error) ([]Entry, error) { return nil, &EntryError{text, err.Error()} }
	var template Entry
	before, comment, commented := strings.Cut(text, ` comment "`)
	if commented {
		inner, ok := strings.CutSuffix(comment, `"`)
		if !ok || strings.Contains(inner, `"`) {
			return failed(refused(`a comment stands at the end, in quotes, and holds none: comment "text"`))
		}
		if len(inner) > MaxComment {
			return failed(refused("the comment has %d bytes, and a set keeps %d", len(inner), MaxComment))
		}
		if strings.ContainsFunc(inner, func(r rune) bool { return r < ' ' }) {
			return failed(refused("the comment holds a control character"))
		}
		if !s.Comment {
			return failed(refused("the set keeps no comments: set comment = true"))
		}
		template.Comment = inner
	}
	words := strings.Fields(before)
	if len(words) == 0 {
		return failed(refused("there is no element"))
	}
	for _, w := range words[1:] {
		switch {
		case w == "nomatch" && kinds[s.Type].exempts():
			template.NoMatch = true
		case w == "nomatch":
			return failed(refused("a %s has no exceptions (nomatch); types with net have", s.Type))
		case w == "timeout":
			return failed(refused("an entry of the configuration stays until it is removed; those that run out are added by rules and programs"))
		default:
			return failed(refused(`%q is not understood: behind the element come nomatch and comment "text"`, w))
		}
	}
	elements, err := s.elements(words[0])
	if err != nil {
		return failed(err)
	}
	entries := make([]Entry, len(elements))
	for i, e := range elements {
		entries[i] = template
		entries[i].Element = e
	}
	return entries, nil
}

// elements takes an element apart, and is those that it stands for in canonical form.
func (s Set) elements(text string) ([]string, error) {
	k, ok := kinds[s.Type]
	if !ok {
		return nil, refused("the type %s is not known", s.Type)
	}
	if len(k.dimensions) == 1 {
		return s.part(k, 0, text)
	}
	parts := strings.SplitN(text, ",", len(k.dimensions))
	// The MAC address of a bitmap:ip,mac may be left open.
	if len(parts) < len(k.dimensions) && (s.Type != "bitmap:ip,mac" || len(parts) != 1) {
		return nil, refused("a %s has %d parts: %s", s.Type, len(k.dimensions), strings.Join(k.dimensions, ","))
	}
	all := []string{""}
	for i, part := range parts {
		values, err := s.part(k, i, part)
		if err != nil {
			return nil, err
		}
		if len(all)*len(values) > maxExpanded {
			return nil, tooMany(uint64(len(all) * len(values)))
		}
		next := make([]string, 0, len(all)*len(values))
		for _, lead := range all {
			for _, v := range values {
				if i > 0 {
					v = lead + "," + v
				}
				next = append(next, v)
			}
		}
		all = next
	}
	return all, nil
}

func tooMany(n uint64) error {
	return refused("it stands for %d elements, each of them an entry; one may stand for %d (types with net hold a network as one)", n, maxExpanded)
}

// part reads one dimension of an element.
func (s Set) part(k kind, i int, text string) ([]string, error) {
	switch k.dimensions[i] {
	case "ip":
		return s.addresses(text, i == 0)
	case "net":
		return s.networks(text, k.everyone)
	case "port":
		return s.ports(text)
	case "mac":
		return one(parseMAC(text))
	case "mark":
		return one(parseMark(text))
	case "iface":
		return one(parseInterface(text))
	default:
		return one(text, CheckName(text))
	}
}

func one(text string, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return []string{text}, nil
}

// CheckName says why a text cannot be the name of a set that this package makes.
func CheckName(name string) error {
	switch {
	case name == "":
		return refused("a set needs a name")
	case len(name) > MaxName:
		return refused("the name %q has %d bytes, and the kernel takes %d", name, len(name), MaxName)
	case strings.HasPrefix(name, "-"):
		return refused("the name %q begins with a dash, which ipset takes for an option", name)
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-_.:@+", r):
		default:
			return refused("the name %q holds %q; names are made of letters, digits and - _ . : @ +", name, r)
		}
	}
	return nil
}
