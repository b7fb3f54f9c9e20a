package iptables

import (
	"slices"
	"strings"
)

// CheckBackend reports that the kernel would refuse the rule from this backend, although it takes
// it from the other one. Through nft it leaves out checks that some extensions make of the whole
// rule, and has no queue without a number (1.8.9, Linux 6.18).
func (id ChainID) CheckBackend(r Rule, b Backend) error {
	if b == NFT {
		switch {
		case r.Source.Negated && r.Source.everything(), r.Destination.Negated && r.Destination.everything():
			return refused("nft takes no rule for no address at all")
		case r.Target.Name == "QUEUE" && !r.Target.Goto:
			return &complaint{message: "nft has no -j QUEUE", expected: "-j NFQUEUE"}
		}
		return nil
	}
	switch {
	case r.Target.Name == "TCPMSS" && !slices.ContainsFunc(r.Matches, asksForSYN):
		return &complaint{message: "legacy takes -j TCPMSS for packets with SYN only", expected: "--syn, or --tcp-flags SYN,RST SYN"}
	case r.Target.Name == "TRACE" && id.Table != "" && id.Table != "raw":
		return refused("legacy takes -j TRACE in table raw only")
	case r.Protocol.Negated && slices.ContainsFunc(r.Matches, plainPorts):
		return refused("legacy takes no match of ports behind ! -p")
	}
	return nil
}

// asksForSYN is what the kernel looks for: a tcp match that wants SYN to be set.
func asksForSYN(m Match) bool {
	flags, given := m.Option("--tcp-flags")
	return m.Name == "tcp" && given && !flags.Negated && slices.Contains(strings.Split(flags.Values[1], ","), "SYN")
}
