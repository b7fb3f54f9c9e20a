package iptables

import (
	"slices"
	"strings"
)

// A chunk type of SCTP, with the flags that may be asked for: a capital letter means set, a
// small one cleared.
type chunkType struct {
	name  string
	flags string
}

// chunkNames are the chunk types in the order of their numbers, which is the order in print.
var chunkNames = []chunkType{
	{"DATA", "IUBE"}, {"INIT", ""}, {"INIT_ACK", ""}, {"SACK", ""}, {"HEARTBEAT", ""}, {"HEARTBEAT_ACK", ""},
	{"ABORT", "T"}, {"SHUTDOWN", ""}, {"SHUTDOWN_ACK", ""}, {"ERROR", ""}, {"COOKIE_ECHO", ""}, {"COOKIE_ACK", ""},
	{"ECN_ECNE", ""}, {"ECN_CWR", ""}, {"SHUTDOWN_COMPLETE", "T"}, {"I_DATA", "IUBE"}, {"ASCONF_ACK", ""},
	{"RE_CONFIG", ""}, {"PAD", ""}, {"FORWARD_TSN", ""}, {"ASCONF", ""}, {"I_FORWARD_TSN", ""},
}

// chunkTypes describes how many of the packet's chunks are looked at, and a list of types.
var chunkTypes = &value{
	words: 2, expects: "all, any or only, and a list of chunk types such as DATA,INIT, ALL or NONE",
	read: func(_ *parser, words []string) ([]string, error) {
		mode := strings.ToLower(words[0])
		if mode != "all" && mode != "any" && mode != "only" {
			return nil, refused("the first word must be all, any or only")
		}
		list, err := parseChunks(words[1])
		if err != nil {
			return nil, err
		}
		words[0], words[1] = mode, list
		return words, nil
	},
}

func parseChunks(list string) (string, error) {
	if strings.EqualFold(list, "ALL") || strings.EqualFold(list, "NONE") {
		return strings.ToUpper(list), nil
	}
	wanted := make([]string, len(chunkNames))
	flags := make([]string, len(chunkNames)) // of a chunk that is named twice, all count
	for s := range strings.SplitSeq(list, ",") {
		if s == "" {
			continue
		}
		name, more, _ := strings.Cut(s, ":")
		i := slices.IndexFunc(chunkNames, func(c chunkType) bool { return strings.EqualFold(c.name, name) })
		if i < 0 {
			names := make([]string, len(chunkNames))
			for k, c := range chunkNames {
				names[k] = c.name
			}
			return "", refusedNear("unknown chunk type "+name, strings.ToUpper(name), names)
		}
		flags[i] += more
		text, ok := chunkFlags(chunkNames[i].flags, flags[i])
		if !ok {
			return "", refused("bad flags for chunk type " + chunkNames[i].name + ": " + more)
		}
		if wanted[i] = chunkNames[i].name; text != "" {
			wanted[i] += ":" + text
		}
	}
	if text := strings.Join(slices.DeleteFunc(wanted, func(s string) bool { return s == "" }), ","); text != "" {
		return text, nil
	}
	return "NONE", nil
}

// chunkFlags puts the flags into the order of their bits.
func chunkFlags(known, flags string) (string, bool) {
	chosen := make([]byte, len(known))
	for i := range len(flags) {
		k := strings.IndexByte(known, flags[i]&^0x20)
		if k < 0 {
			return "", false
		}
		if chosen[k] != known[k] { // set wins over cleared
			chosen[k] = flags[i]
		}
	}
	return string(slices.DeleteFunc(chosen, func(c byte) bool { return c == 0 })), true
}
