package iptables

// Verdicts, which the kernel has built in.
var verdictExtensions = []extension{
	{name: "ACCEPT", target: true},
	// iptables itself keeps DROP out of nat, as only the first packet of a connection comes there.
	{name: "DROP", target: true, tables: []string{"filter", "mangle", "raw", "security"}},
	{name: "RETURN", target: true},
	{name: "QUEUE", target: true},
}
