package iptables

// Verdicts, which the kernel has built in.
var verdictExtensions = []extension{
	{name: "ACCEPT", target: true},
	{name: "DROP", target: true},
	{name: "RETURN", target: true},
	{name: "QUEUE", target: true},
}
