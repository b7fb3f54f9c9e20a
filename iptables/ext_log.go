package iptables

var logExtensions = []extension{
	{
		name:   "LOG",
		target: true,
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
}

// logPrefix describes a text that is cut where it is too long, but not empty.
func logPrefix(limit int) *value {
	return word("a text of 1 to "+decimal(uint64(limit))+" bytes", func(_ *parser, s string) (string, error) {
		if s == "" {
			return "", refused("the prefix is empty")
		}
		return cut(s, limit), nil
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
