package iptables

// Matches and targets of packet and connection marks.
var markExtensions = []extension{
	{name: "mark", options: []option{{name: "--mark", value: markWithMask(), flags: negatable | required}}},
	{name: "connmark", options: []option{{name: "--mark", value: markWithMask(), flags: negatable | required}}},
}
