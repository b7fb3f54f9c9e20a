package iptables

// Matches that only carry text or nothing at all.
var commentExtensions = []extension{
	{
		name: "comment",
		options: []option{
			// 256 bytes with the closing NUL; what is longer is cut, perhaps inside a character.
			{name: "--comment", value: textUpTo(255), flags: required, quoting: asText},
		},
	},
}
