package iptables

import (
	"slices"
	"strings"
)

// recent keeps lists of addresses.
var recentExtensions = []extension{{
	name: "recent",
	options: []option{
		{name: "--set", flags: negatable | either, excludes: []string{"--rcheck", "--update", "--remove", "--seconds", "--reap", "--rttl"}},
		{name: "--rcheck", flags: negatable | either, excludes: []string{"--set", "--update", "--remove"}},
		{name: "--update", flags: negatable | either, excludes: []string{"--set", "--rcheck", "--remove"}},
		{name: "--remove", flags: negatable | either, excludes: []string{"--set", "--rcheck", "--update", "--seconds", "--reap", "--rttl"}},
		{name: "--seconds", value: number(1, 1<<32-1), excludes: []string{"--set", "--remove"}},
		{name: "--reap", needs: []string{"--seconds"}, excludes: []string{"--set", "--remove"}},
		{name: "--hitcount", value: number(0, 65535), hidden: "0"},
		{name: "--rttl", excludes: []string{"--set", "--remove"}},
		{name: "--name", value: fileName(199)},
		{name: "--mask", value: hostAddress},
		{name: "--rsource"},
		{name: "--rdest"},
	},
	finish: finishRecent,
	show:   showSeconds,
}}

// finishRecent adds what is printed although nobody wrote it. Of --rsource and --rdest the
// later counts.
func finishRecent(l *loaded, p *parser) error {
	if hits := l.option("--hitcount").value(); hits != "" && hits != "0" && (l.option("--set").set || l.option("--remove").set) {
		return refused("--hitcount cannot stand beside --set or --remove")
	}
	if name := l.option("--name"); !name.set {
		name.set, name.values = true, []string{"DEFAULT"}
	}
	if mask := l.option("--mask"); !mask.set {
		mask.set, mask.values = true, []string{fullMaskText(p.family)}
	}
	source, dest := l.option("--rsource"), l.option("--rdest")
	switch {
	case source.set && dest.set && source.at < dest.at:
		source.drop()
	case source.set:
		dest.drop()
	case !dest.set:
		source.set = true
	}
	return nil
}

// showSeconds: the number has a sign when it is printed.
func showSeconds(_ Dialect, _ Family, options []Option) []Option {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "--seconds" })
	if i < 0 {
		return options
	}
	n, _ := parseNumber(options[i].Value(), 0, 1<<32-1)
	if n < 1<<31 {
		return options
	}
	options = slices.Clone(options)
	options[i].Values = []string{"-" + decimal(1<<32-n)}
	return options
}

func fullMaskText(f Family) string {
	if f == IPv6 {
		return "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
	}
	return "255.255.255.255"
}

// hostAddress describes an address without a mask.
var hostAddress = word("an address", func(p *parser, s string) (string, error) {
	ip, err := lookUpHost(p.family, s)
	if err != nil {
		return "", err
	}
	return canonicalAddr(ip, s), nil
})

// fileName describes a name that the kernel makes a file of in /proc/net.
func fileName(limit int) *value {
	return word("a name of up to "+decimal(uint64(limit))+" bytes without a slash", func(p *parser, s string) (string, error) {
		if s == "" || s == "." || s == ".." || strings.Contains(s, "/") {
			return "", refused("bad name")
		}
		return p.kept(s, limit)
	})
}
