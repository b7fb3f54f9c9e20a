package iptables

import "strings"

// set and SET look addresses up in ipsets, and change them.
var setExtensions = []extension{
	{
		name: "set",
		options: []option{
			{name: "--match-set", aliases: []string{"--set"}, value: setAndFlags, flags: negatable | required},
			{name: "--return-nomatch"},
			{name: "--update-counters", flags: negatable},
			{name: "--update-subcounters", flags: negatable},
			counter("--packets-eq", negatable), counter("--packets-lt", 0), counter("--packets-gt", 0),
			counter("--bytes-eq", negatable), counter("--bytes-lt", 0), counter("--bytes-gt", 0),
		},
		finish: func(l *loaded, _ *parser) error {
			// To update is the default; only its negation says something.
			for _, name := range []string{"--update-counters", "--update-subcounters"} {
				if s := l.option(name); s.set && !s.negated {
					s.drop()
				}
			}
			return nil
		},
	},
	{
		name: "SET", target: true,
		options: []option{
			{name: "--add-set", value: setAndFlags, flags: either},
			{name: "--del-set", value: setAndFlags, flags: either},
			{name: "--exist", needs: []string{"--add-set"}},
			{name: "--timeout", value: number(0, 1<<32-2), needs: []string{"--add-set"}},
			{name: "--map-set", value: setAndFlags, flags: either},
			{name: "--map-mark", needs: []string{"--map-set"}},
			{name: "--map-prio", needs: []string{"--map-set"}},
			{name: "--map-queue", needs: []string{"--map-set"}},
		},
	},
}

func counter(name string, flags optionFlags) option {
	kind, _, _ := strings.Cut(name[2:], "-")
	var others []string
	for _, comparison := range []string{"eq", "lt", "gt"} {
		if other := "--" + kind + "-" + comparison; other != name {
			others = append(others, other)
		}
	}
	return option{name: name, value: number(0, 1<<64-1), flags: flags, excludes: others}
}

// setAndFlags describes a set's name and which address of the packet each of its dimensions is.
var setAndFlags = &value{
	words: 2, expects: "a set's name and a list of src or dst",
	read: func(_ *parser, words []string) ([]string, error) {
		if words[0] == "" || len(words[0]) > 31 {
			return nil, refused("a set's name has 1 to 31 bytes")
		}
		flags := strings.Split(words[1], ",")
		for _, flag := range flags {
			if flag != "src" && flag != "dst" {
				return nil, expected("src or dst, or a list of them")
			}
		}
		if len(flags) > 6 {
			return nil, refused("a set has at most 6 dimensions")
		}
		return words, nil
	},
}
