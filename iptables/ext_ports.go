package iptables

import (
	"slices"
	"strings"
)

var tcpFlagNames = []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG"}

const allPorts = "0:65535"

// Matches of transport protocols.
var portExtensions = []extension{
	{
		name:      "tcp",
		protocols: []uint8{TCP},
		options: []option{
			{name: "--sport", aliases: []string{"--source-port"}, value: servicePorts("tcp"), flags: negatable, hidden: allPorts},
			{name: "--dport", aliases: []string{"--destination-port"}, value: servicePorts("tcp"), flags: negatable, hidden: allPorts},
			{name: "--tcp-option", value: number(1, 255), flags: negatable},
			{name: "--tcp-flags", value: tcpFlags, flags: negatable},
			{name: "--syn", value: constant("FIN,SYN,RST,ACK", "SYN"), flags: negatable, into: "--tcp-flags"},
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--tcp-flags"); s.set && !s.negated && s.values[0] == "NONE" && s.values[1] == "NONE" {
				s.drop()
			}
			return nil
		},
		show: showPorts,
		same: samePorts,
	},
	{
		name:      "udp",
		protocols: []uint8{UDP},
		options: []option{
			{name: "--sport", aliases: []string{"--source-port"}, value: anyPorts(), flags: negatable, hidden: allPorts},
			{name: "--dport", aliases: []string{"--destination-port"}, value: anyPorts(), flags: negatable, hidden: allPorts},
		},
		show: showPorts,
		same: samePorts,
	},
	{
		name:      "sctp",
		protocols: []uint8{SCTP},
		options: []option{
			{name: "--sport", aliases: []string{"--source-port"}, value: servicePorts("sctp"), flags: negatable},
			{name: "--dport", aliases: []string{"--destination-port"}, value: servicePorts("sctp"), flags: negatable},
			{name: "--chunk-types", value: chunkTypes, flags: negatable},
		},
	},
	{
		name:      "dccp",
		protocols: []uint8{33},
		options: []option{
			{name: "--sport", aliases: []string{"--source-port"}, value: anyPorts(), flags: negatable},
			{name: "--dport", aliases: []string{"--destination-port"}, value: anyPorts(), flags: negatable},
			{name: "--dccp-types", value: dccpTypes, flags: negatable},
			{name: "--dccp-option", value: number(1, 255), flags: negatable},
		},
	},
	{
		name:      "multiport",
		protocols: []uint8{TCP, UDP, 136, SCTP, 33},
		options: []option{
			{name: "--sports", aliases: []string{"--source-ports"}, value: portList, flags: negatable | either, excludes: []string{"--dports", "--ports"}},
			{name: "--dports", aliases: []string{"--destination-ports"}, value: portList, flags: negatable | either, excludes: []string{"--sports", "--ports"}},
			{name: "--ports", value: portList, flags: negatable | either, excludes: []string{"--sports", "--dports"}},
		},
	},
}

// tcpFlags describes the flags to look at and those that must be set.
var tcpFlags = &value{
	words: 2, expects: "two lists of FIN,SYN,RST,PSH,ACK,URG, ALL or NONE: the flags to look at and those that are set",
	read: func(_ *parser, words []string) ([]string, error) {
		for i, w := range words {
			set, err := parseFlags(w)
			if err != nil {
				return nil, err
			}
			words[i] = flagsText(set, w)
		}
		return words, nil
	},
}

func parseFlags(list string) (set uint32, err error) {
	for rest, more := list, true; more; {
		var s string
		s, rest, more = strings.Cut(rest, ",")
		switch i := indexFold(tcpFlagNames, s); {
		case i >= 0:
			set |= 1 << i
		case strings.EqualFold(s, "ALL"):
			set |= 1<<len(tcpFlagNames) - 1
		case s != "" && !strings.EqualFold(s, "NONE"):
			return 0, refusedNear("unknown TCP flag "+s, strings.ToUpper(s), append(tcpFlagNames, "ALL", "NONE"))
		}
	}
	return set, nil
}

func indexFold(names []string, s string) int {
	return slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, s) })
}

func flagsText(set uint32, word string) string {
	if set == 0 {
		return "NONE"
	}
	return namesText(set, tcpFlagNames, word)
}

// showPorts leaves out what the kernel does not tell from absence, and what a version fails
// to print although it can never apply.
func showPorts(d Dialect, _ Family, options []Option) []Option {
	native := d.Backend == NFT && !d.Version.before(8, 9) && plainPorts(Match{Name: "tcp", Options: options})
	if !slices.ContainsFunc(options, func(o Option) bool { return o.Negated || o.Name == "--tcp-flags" }) {
		return options
	}
	shown := make([]Option, 0, len(options))
	for _, o := range options {
		switch {
		case o.Name == "--tcp-flags" && o.Values[0] == "NONE" && (!o.Negated || native):
			continue
		case o.Negated && o.Value() == allPorts && d.Version.before(8, 11):
			continue
		case native && o.Name != "--tcp-flags":
			o, _ = outside(o, 65535)
		}
		shown = append(shown, o)
	}
	return shown
}

// samePorts brings `! --sport 0:100` and `--sport 101:65535` to one form.
func samePorts(_ Family, options []Option) []Option {
	for i, o := range options {
		if other, ok := outside(o, 65535); ok && strings.HasSuffix(o.Name, "port") {
			options = slices.Clone(options)
			options[i] = other
		}
	}
	return options
}

var dccpTypes = func() *value {
	names := []string{"REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC", "SYNCACK", "INVALID"}
	return word("a list of "+strings.Join(names, ","), func(_ *parser, list string) (string, error) {
		var set uint32
		for s := range strings.SplitSeq(list, ",") {
			if s == "" {
				continue
			}
			i := indexFold(names, s)
			if i < 0 {
				return "", refusedNear("unknown DCCP type "+s, strings.ToUpper(s), names)
			}
			set |= 1 << i
		}
		return namesText(set, names, list), nil
	})
}()

// portList describes up to 15 ports, a range counting as two, in the order given.
var portList = word("up to 15 ports or ranges a:b with commas between them", func(p *parser, list string) (string, error) {
	protocol := p.rule.Protocol
	if protocol.Number == 0 || protocol.Negated {
		return "", refused("-p tcp, udp, udplite, sctp or dccp must stand before it")
	}
	name := protocol.String()
	slots, text := 0, make([]byte, 0, len(list))
	for s := range strings.SplitSeq(list, ",") {
		low, up, isRange := strings.Cut(s, ":")
		a, err := parsePort(low, name)
		if err != nil {
			return "", err
		}
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = appendSmall(text, a)
		slots++
		if isRange {
			b, err := parsePort(up, name)
			if err != nil {
				return "", err
			}
			if a >= b {
				return "", refused("bad range " + s + ": its first port must be lower than its last")
			}
			text = append(text, ':')
			text = appendSmall(text, b)
			slots++
		}
	}
	if slots > 15 {
		return "", refused("more than 15 ports; a range counts as two")
	}
	if string(text) == list {
		return list, nil
	}
	return string(text), nil
})
