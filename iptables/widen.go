package iptables

import "slices"

// Widens reports whether the change provably takes nothing away: every packet that the live rules let through, in
// whatever state its connection is, the wanted rules let through as well. False says only that there is no proof.
//
// The proof: nothing changes but that chains of table filter, which were there, get lines that accept, and
//
//   - a packet that meets such a line is accepted, all others go on as before, wherever the line stands. (In any other
//     table an ACCEPT may keep from a packet what it needs: a translation, a mark.)
//   - loading the line does nothing by itself. A line about states would start connection tracking.
//   - the lines that an accepted packet now does not reach leave nothing behind by which other packets are judged, as
//     recent, hashlimit or SET do: all lines of the table are of kinds that are known to leave nothing.
func (c Change) Widens() bool {
	if len(c.sets) > 0 {
		return false
	}
	for _, e := range c.edits {
		if e.id.Table != "filter" || e.made || e.gone || e.newPolicy() != "" {
			return false
		}
		for _, h := range e.hunks {
			if h.from < h.to || slices.ContainsFunc(e.wanted.Rules[h.wantedFrom:h.wantedTo], Rule.narrow) {
				return false
			}
		}
	}
	for _, f := range c.Families() {
		chains := c.live.ChainsOf(f, "filter")
		for _, id := range chains {
			chain, _ := c.live.Chain(id)
			if slices.ContainsFunc(chain.Rules, func(r Rule) bool { return r.leavesTraces(chains) }) {
				return false
			}
		}
	}
	return true
}

// plainMatches look at nothing but the packet.
var plainMatches = []string{"comment", "dccp", "icmp", "icmp6", "iprange", "multiport", "pkttype", "sctp", "tcp", "udp", "udplite"}

// narrow reports whether the rule may do anything but accept packets by what stands in them.
func (r Rule) narrow() bool {
	return r.Target.Name != "ACCEPT" || slices.ContainsFunc(r.Matches, func(m Match) bool {
		return m.Opaque || !slices.Contains(plainMatches, m.Name)
	})
}

// traceless are the targets that decide about the packet alone, or tell somebody of it.
var traceless = []string{"", "ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "NFLOG"}

// leavesTraces reports whether a packet that meets the rule may change what becomes of others, or of itself but for
// the verdict (TCPMSS). The chains are those of its table.
func (r Rule) leavesTraces(chains []ChainID) bool {
	jumps := slices.ContainsFunc(chains, func(id ChainID) bool { return id.Name == r.Target.Name })
	if r.Target.Opaque || !jumps && !slices.Contains(traceless, r.Target.Name) {
		return true
	}
	return slices.ContainsFunc(r.Matches, func(m Match) bool {
		switch {
		case m.Opaque:
			return true
		case m.Name == "limit":
			// Of packets that it did not count others have the benefit, unless it limits what is refused.
			return !slices.Contains([]string{"", "ACCEPT", "LOG", "NFLOG"}, r.Target.Name)
		case m.Name == "set":
			return len(m.Options) != 1 // the counters of its entries may be asked for
		}
		return matches[m.Name].holds == nil
	})
}
