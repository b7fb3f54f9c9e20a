package iptables

import (
	"slices"
	"strings"
)

// Matches on connection tracking.
var conntrackExtensions = []extension{
	{
		name: "state",
		options: []option{
			{name: "--state", value: namesOf("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"), flags: negatable | required},
		},
	},
	{
		name: "conntrack",
		options: []option{
			{name: "--ctstate", value: namesOf("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"), flags: negatable | either},
			{name: "--ctproto", value: protocolNumber, flags: negatable | either},
			{name: "--ctorigsrc", value: hostWithMask, flags: negatable | either},
			{name: "--ctorigdst", value: hostWithMask, flags: negatable | either},
			{name: "--ctreplsrc", value: hostWithMask, flags: negatable | either},
			{name: "--ctrepldst", value: hostWithMask, flags: negatable | either},
			{name: "--ctorigsrcport", value: anyPorts(), flags: negatable | either},
			{name: "--ctorigdstport", value: anyPorts(), flags: negatable | either},
			{name: "--ctreplsrcport", value: anyPorts(), flags: negatable | either},
			{name: "--ctrepldstport", value: anyPorts(), flags: negatable | either},
			{name: "--ctstatus", value: ctStatus, flags: negatable | either},
			{name: "--ctexpire", value: numberRange(1<<32 - 1), flags: negatable | either},
			{name: "--ctdir", value: oneOf("ORIGINAL", "REPLY"), flags: either},
		},
		finish: finishConntrack,
		show: func(d Dialect, _ Family, options []Option) []Option {
			return hideNoEnd(hideOddMasks(d, options, ""))
		},
	},
}

// finishConntrack: a `! --ctstatus` in front makes iptables believe that protocol 0 was negated
// (1.8.9; the two use one bit).
func finishConntrack(l *loaded, _ *parser) error {
	status, protocol := l.option("--ctstatus"), l.option("--ctproto")
	if status.negated && protocol.value() == "0" && status.at < protocol.at {
		return refused("--ctproto all cannot stand behind ! --ctstatus")
	}
	return nil
}

// hideNoEnd: a range of ports that ends with 0 is printed as its beginning.
func hideNoEnd(options []Option) []Option {
	shown := options
	for i, o := range options {
		if port, found := strings.CutSuffix(o.Value(), ":0"); found && strings.HasSuffix(o.Name, "port") {
			shown = slices.Clone(shown)
			shown[i].Values = []string{port}
		}
	}
	return shown
}

// ctStatus knows NONE beside the names that are printed; it adds nothing to others.
var ctStatus = func() *value {
	names := []string{"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED", "NONE"}
	list := namesOf(names...)
	return word(list.expects, func(p *parser, s string) (string, error) {
		values, err := list.read(p, []string{s})
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(values[0], ",NONE"), nil
	})
}()

// protocolNumber describes a protocol that is printed as a number.
var protocolNumber = word("a protocol's name or number", func(_ *parser, s string) (string, error) {
	n, err := parseExactProtocol(s)
	return canonicalDecimal(uint64(n), s), err
})
