package iptables

import "slices"

// Targets that report packets, or hand them to a program.
var logExtensions = []extension{
	{
		name: "LOG", target: true,
		options: []option{
			{name: "--log-prefix", value: logPrefix(29), quoting: asText},
			{name: "--log-level", value: logLevel, hidden: "4"},
			{name: "--log-tcp-sequence"},
			{name: "--log-tcp-options"},
			{name: "--log-ip-options"},
			{name: "--log-uid"},
			{name: "--log-macdecode"},
		},
	},
	{
		name: "NFLOG", target: true,
		options: []option{
			{name: "--nflog-prefix", value: logPrefix(127), quoting: asText},
			{name: "--nflog-group", value: number(0, 65535), hidden: "0"},
			{name: "--nflog-range", value: number(0, 1<<32-1), hidden: "0", excludes: []string{"--nflog-size"}},
			{name: "--nflog-size", value: number(0, 1<<32-1), excludes: []string{"--nflog-range"}},
			{name: "--nflog-threshold", value: number(0, 65535), hidden: "0"},
		},
		show: showNFLOG,
	},
	{
		name: "ULOG", target: true, families: onlyIPv4,
		options: []option{
			{name: "--ulog-prefix", value: logPrefix(31), quoting: asText},
			{name: "--ulog-nlgroup", value: number(1, 32), hidden: "1"},
			{name: "--ulog-cprange", value: number(0, 1<<32-1), hidden: "0"},
			{name: "--ulog-qthreshold", value: number(1, 50), hidden: "1"},
		},
	},
	{
		name: "NFQUEUE", target: true,
		options: []option{
			{name: "--queue-num", value: number(0, 65535), excludes: []string{"--queue-balance"}},
			{name: "--queue-balance", value: queueRange, excludes: []string{"--queue-num"}},
			{name: "--queue-bypass"},
			{name: "--queue-cpu-fanout", needs: []string{"--queue-balance"}},
		},
		finish: func(l *loaded, _ *parser) error {
			if !l.option("--queue-num").set && !l.option("--queue-balance").set {
				l.set("--queue-num", "0")
			}
			return nil
		},
		show: func(d Dialect, _ Family, options []Option) []Option {
			// --queue-cpu-fanout is printed from 1.6.1 on.
			if !d.Version.before(6, 1) {
				return options
			}
			return slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return o.Name == "--queue-cpu-fanout" })
		},
	},
	{name: "AUDIT", target: true, options: []option{{name: "--type", value: oneOf("accept", "drop", "reject"), flags: required}}},
	{name: "TRACE", target: true},
}

// logPrefix describes a text that is cut where it is too long, but not empty.
func logPrefix(limit int) *value {
	return word("a text of 1 to "+decimal(uint64(limit))+" bytes", func(p *parser, s string) (string, error) {
		if s == "" {
			return "", refused("the prefix is empty")
		}
		return p.kept(s, limit)
	})
}

// levelNames are syslog's levels; the first name of a level is the one to suggest.
var levelNames = []struct{ name, number string }{
	{"emerg", "0"}, {"panic", "0"}, {"alert", "1"}, {"crit", "2"}, {"error", "3"}, {"warning", "4"},
	{"notice", "5"}, {"info", "6"}, {"debug", "7"},
}

var logLevel = word("a level from 0 to 7, or emerg, alert, crit, error, warning, notice, info, debug", func(_ *parser, s string) (string, error) {
	if n, ok := parseNumber(s, 0, 7); ok {
		return decimal(n), nil
	}
	names := make([]string, len(levelNames))
	for i, l := range levelNames {
		if l.name == s {
			return l.number, nil
		}
		names[i] = l.name
	}
	return "", refusedNear("unknown log level", s, names)
})

// showNFLOG: up to 1.8.7 two blanks stand before the prefix. Legacy has room for 63 bytes of it,
// nft from 1.8.8 for 127; from then on nft keeps no range, which never had an effect.
func showNFLOG(d Dialect, _ Family, options []Option) []Option {
	shown := slices.Clone(options)
	old := d.Version.before(8, 8)
	for i, o := range shown {
		if o.Name != "--nflog-prefix" {
			continue
		}
		if old {
			shown[i].Name += " "
		}
		if d.Backend == Legacy || old {
			shown[i].Values = []string{cut(o.Value(), 63)}
		}
	}
	return slices.DeleteFunc(shown, func(o Option) bool { return o.Name == "--nflog-range" && d.Backend == NFT && !old })
}

// queueRange describes first:last, of which there must be at least two and fewer than all.
var queueRange = word("a range of queues a:b from 0 to 65535", func(p *parser, s string) (string, error) {
	a, b, ok := parseRange(p, s, 65535)
	if !ok || a == b && s != ":" {
		return "", refused("bad range, or out of range")
	}
	if a > b {
		return "", refused("the range is the wrong way round")
	}
	if a == 0 && b == 65535 {
		return "", refused("the kernel cannot spread over all 65536 queues")
	}
	return rangeText(a, b, s), nil
})
