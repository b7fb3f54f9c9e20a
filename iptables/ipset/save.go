package ipset

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads what `ipset save` prints, or what `ipset restore` takes if it only makes sets and
// adds to them. An entry of a type that is not known, and one that is not understood, is kept
// as it stands. The error names the line.
func Parse(text string) ([]Set, error) {
	var sets []Set
	var entries []Entry
	finish := func() {
		if len(sets) > 0 {
			sets[len(sets)-1] = sets[len(sets)-1].WithEntries(entries)
		}
		entries = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		command, rest, _ := strings.Cut(line, " ")
		name, rest, _ := strings.Cut(rest, " ")
		switch {
		case command == "create":
			finish()
			s, err := parseHeader(name, rest)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", line[:min(len(line), 300)], err)
			}
			sets = append(sets, s)
		case command == "add" && len(sets) > 0 && sets[len(sets)-1].Name == name:
			s := &sets[len(sets)-1]
			e, temporary := s.listed(rest)
			if temporary {
				s.Temporary = append(s.Temporary, e)
			} else {
				entries = append(entries, e)
			}
		case line != "":
			return nil, fmt.Errorf("%q neither makes a set nor adds to the last one", line[:min(len(line), 300)])
		}
	}
	finish()
	return sets, nil
}

func parseHeader(name, text string) (Set, error) {
	words := strings.Fields(text)
	if name == "" || len(words) == 0 {
		return Set{}, fmt.Errorf("a set has a name and a type")
	}
	s := Set{Name: name, Type: words[0]}
	var extra []string
	number := func(i int) (int, error) {
		if i+1 == len(words) {
			return 0, fmt.Errorf("%s is not followed by a number", words[i])
		}
		return strconv.Atoi(words[i+1])
	}
	for i := 1; i < len(words); i++ {
		var err error
		switch words[i] {
		case "family", "range":
			if i+1 == len(words) {
				return Set{}, fmt.Errorf("%s is not followed by a value", words[i])
			}
			if words[i] == "family" {
				s.Family = words[i+1]
			} else {
				s.Range = words[i+1]
			}
			i++
		case "maxelem":
			s.MaxElem, err = number(i)
			i++
		case "timeout":
			s.Timed = true
			s.Timeout, err = number(i)
			i++
		case "comment":
			s.Comment = true
		case "hashsize", "bucketsize", "initval", "size":
			i++ // how the kernel stores it: it grows by itself
		default:
			extra = append(extra, words[i])
		}
		if err != nil {
			return Set{}, err
		}
	}
	if s.MaxElem == DefaultMaxElem {
		s.MaxElem = 0
	}
	s.Extra = strings.Join(extra, " ")
	return s, nil
}

// listed reads an entry as a host prints it, and reports whether it will run out.
func (s Set) listed(text string) (e Entry, temporary bool) {
	element, options, _ := strings.Cut(text, " ")
	e.Element = element
	if one, err := s.elements(element); err == nil && len(one) == 1 {
		e.Element = one[0]
	}
	if options == "" {
		return e, false
	}
	if before, comment, ok := strings.Cut(" "+options, ` comment "`); ok {
		e.Comment = strings.TrimSuffix(comment, `"`)
		options = before
	}
	words := strings.Fields(options)
	for i, w := range words {
		switch w {
		case "nomatch":
			e.NoMatch = true
		case "timeout":
			temporary = i+1 < len(words) && words[i+1] != "0"
		}
	}
	return e, temporary
}
