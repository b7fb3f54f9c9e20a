package iptables

import "strings"

var rejectExtensions = []extension{
	rejectExtension(onlyIPv4, "icmp-port-unreachable", [][2]string{
		{"icmp-net-unreachable", "net-unreach"}, {"icmp-host-unreachable", "host-unreach"},
		{"icmp-proto-unreachable", "proto-unreach"}, {"icmp-port-unreachable", "port-unreach"},
		{"icmp-net-prohibited", "net-prohib"}, {"icmp-host-prohibited", "host-prohib"},
		{"tcp-reset", "tcp-rst"}, {"icmp-admin-prohibited", "admin-prohib"},
	}),
	rejectExtension(onlyIPv6, "icmp6-port-unreachable", [][2]string{
		{"icmp6-no-route", "no-route"}, {"icmp6-adm-prohibited", "adm-prohibited"},
		{"icmp6-addr-unreachable", "addr-unreach"}, {"icmp6-port-unreachable", "port-unreach"},
		{"tcp-reset", "tcp-reset"}, {"icmp6-policy-fail", "policy-fail"}, {"icmp6-reject-route", "reject-route"},
	}),
}

// rejectExtension describes REJECT, whose answers differ between the families. Its default is
// always printed.
func rejectExtension(f families, usual string, answers [][2]string) extension {
	names := make([]string, len(answers))
	for i, a := range answers {
		names[i] = a[0]
	}
	with := word(quoteList(names), func(_ *parser, s string) (string, error) {
		for _, a := range answers {
			for _, name := range a {
				if len(s) <= len(name) && strings.EqualFold(name[:len(s)], s) {
					return a[0], nil
				}
			}
		}
		return "", refusedNear("unknown answer", s, names)
	})
	return extension{
		name:     "REJECT",
		target:   true,
		families: f,
		tables:   []string{"filter"},
		hooks:    []string{"INPUT", "FORWARD", "OUTPUT"},
		options:  []option{{name: "--reject-with", value: with}},
		finish: func(l *loaded, p *parser) error {
			s := l.option("--reject-with")
			if !s.set {
				l.set("--reject-with", usual)
			}
			if s.value() == "tcp-reset" && (p.rule.Protocol.Number != TCP || p.rule.Protocol.Negated) {
				return refused("--reject-with tcp-reset works for -p tcp only")
			}
			return nil
		},
	}
}
